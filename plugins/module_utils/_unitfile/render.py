# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Structure to unit text: `{section: {key: value}}`, as it comes from YAML, to lines that systemd reads back the same.

A boolean is yes or no, nothing (or "") resets, a list repeats its key, a mapping under Environment= is quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .quoting import quote_environment
from .syntax import UnsuitableValue, assignment, check_key, check_section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    Scalar = Union[str, int, float, bool, None]
    Value = Union[Scalar, Sequence[Union[Scalar, Mapping[str, Scalar]]], Mapping[str, Scalar]]
    Section = Union[Mapping[str, Value], Sequence[Mapping[str, Value]]]

__all__ = ["MAPPING_KEYS", "UnsuitableValue", "render"]

# Keys whose value may be a mapping of names to values.
MAPPING_KEYS = frozenset(("Environment",))


def render(sections: Mapping[str, Section]) -> str:
    """The text of a unit file. Raises `UnsuitableValue` for whatever systemd would read differently.

    A section is a mapping, or a list of mappings where the order of repeated keys matters.
    """
    return "\n".join(_section(name, body) for name, body in sections.items())


def _section(name: str, body: Section) -> str:
    if not isinstance(name, str):
        raise UnsuitableValue("", "", name, "not a section name", "write a name such as Unit or Service")
    check_section(name)
    lines = ["[%s]" % name]
    for mapping in [body] if isinstance(body, Mapping) else _listed(name, body):
        for key, value in mapping.items():
            lines += _lines(name, key, value)
    return "\n".join(lines) + "\n"


def _listed(name: str, body: Sequence[Mapping[str, Value]]) -> Sequence[Mapping[str, Value]]:
    if not isinstance(body, (list, tuple)) or not all(isinstance(mapping, Mapping) for mapping in body):
        problem = "a section holds a mapping of directives, or a list of such mappings"
        raise UnsuitableValue(name, "", type(body).__name__, problem, "write {Key: value}")
    return body


def _lines(section: str, key: str, value: Value) -> list[str]:
    if not isinstance(key, str):
        raise UnsuitableValue(section, "", key, "not the name of a directive", "quote it: YAML reads it otherwise")
    check_key(section, key)
    lines: list[str] = []
    for item in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(item, Mapping):
            lines += _mapped(section, key, item)
        else:
            lines.append(assignment(section, key, _text(section, key, item)))
    return lines


def _mapped(section: str, key: str, value: Mapping[str, Scalar]) -> list[str]:
    if key not in MAPPING_KEYS:
        problem = "a mapping has no meaning here"
        raise UnsuitableValue(section, key, type(value).__name__, problem, "write a text, a number, a boolean or a list of them")
    return ["%s=%s" % (key, _variable(section, key, name, content)) for name, content in value.items()]


def _variable(section: str, key: str, name: str, content: Scalar) -> str:
    """A quoted variable. A boolean is `true` or `false`, as programs read it, not systemd's yes and no.

    It stands in a unit file, so that specifiers count in it, as in all other values there.
    """
    if not isinstance(name, str):
        raise UnsuitableValue(section, key, name, "not the name of an environment variable", "quote it")
    if isinstance(content, bool):
        content = "true" if content else "false"
    elif not isinstance(content, (str, int, float)):
        remedy = 'write a text, a number or a boolean; "" for an empty variable'
        raise UnsuitableValue(section, key, name, "the value of this variable is no text", remedy)
    try:
        return quote_environment(name, str(content), literal=False)
    except UnsuitableValue as error:
        raise UnsuitableValue(section, key, name, error.problem, error.remedy) from None


def _text(section: str, key: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and (str(value) in ("nan", "inf", "-inf")):
        raise UnsuitableValue(section, key, value, "not a number that systemd reads", 'write "infinity" as a text')
    if isinstance(value, (str, int, float)):
        return str(value)
    raise UnsuitableValue(section, key, type(value).__name__, "not a value of a directive", "write a text, a number or a boolean")
