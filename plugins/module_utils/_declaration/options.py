# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a mapping of options into a frozen dataclass; the fields of the dataclass are the table of the options."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import Any, Callable, Mapping, TypeVar

from .._dataclasses import MISSING, Field, field, fields
from .._unitfile.suggest import did_you_mean
from .problems import Problems

T = TypeVar("T")  # a frozen dataclass
# A reader takes the value as given and returns it typed, or raises InvalidValue.
Reader = Callable[[Any], Any]


class InvalidValue(ValueError):
    """A value that an option cannot take: problem and remedy, the place is added by `read`.

    inside: the option of the value, a mapping, that is wrong.
    """

    def __init__(self, problem: str, remedy: str, inside: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.inside = inside


def option(reader: Reader, default: Any = MISSING, secret: bool = False) -> Any:
    """A dataclass field that is read by `reader`; without a default the option is required.

    secret: the value may hold what is not to be seen, so no problem ever shows it.
    """
    # pylint: disable-next=invalid-field-call
    return field(default=default, metadata={"reader": reader, "secret": secret})


def read(kind: type[T], place: str, given: Any, problems: Problems, **known: Any) -> T | None:
    """The dataclass `kind` from the mapping `given`; `known` fills the fields that are no options.

    Every mistake is added to `problems` with its place; None is returned when there was one.
    """
    if not isinstance(given, Mapping):
        problems.add(place, kind_of(given), "is no mapping of options", f"Give options such as {_some_options(kind)}.")
        return None
    table: dict[str, Field[Any]] = {f.name: f for f in fields(kind) if "reader" in f.metadata}  # type: ignore[arg-type]
    values = dict(known)
    sound = check_names(f"{place}.", given, table, problems)
    for name, spec in table.items():
        if given.get(name) is None:
            if spec.default is MISSING:
                sound = False
                problems.add(f"{place}.{name}", None, "this option is required", f"Add it to {place}.")
            continue
        try:
            values[name] = spec.metadata["reader"](given[name])
        except InvalidValue as error:
            sound = False
            value = "not shown" if spec.metadata["secret"] else given[name]
            problems.add(*_place_inside(f"{place}.{name}", value, error.inside), error.problem, error.remedy)
    return kind(**values) if sound else None


def _place_inside(place: str, value: Any, inside: str) -> tuple[str, Any]:
    """("a.health", {tcp: 0}, "tcp") → ("a.health.tcp", 0)"""
    for name in filter(None, inside.split(".")):
        place = f"{place}.{name}"
        value = value.get(name) if isinstance(value, Mapping) else value
    return place, value


def without_aliases(
    given: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]], spellings: Mapping[str, str]
) -> dict[str, Any]:
    """The options of a task by their names. spec: an argument spec of Ansible; spellings: other spelling → name."""
    aliases = {alias: name for name, each in spec.items() for alias in each.get("aliases", ())}
    names = {**spellings, **aliases}
    return {names.get(key, key): value for key, value in given.items()}


def deprecated_names(given: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Those that a task uses: old name → (new name, the version of the collection that removes the old one)."""
    old = {each["name"]: (name, each["version"]) for name, known in spec.items() for each in known.get("deprecated_aliases", ())}
    return {name: old[name] for name in given if name in old}


def check_names(prefix: str, given: Mapping[str, Any], known: Mapping[str, Any], problems: Problems) -> bool:
    """Every option must be one that there is. prefix: what stands before its name in a problem's place."""
    unknown = [name for name in given if name not in known]
    for name in unknown:
        problems.add(f"{prefix}{name}", str(name), "unknown option", _advice(str(name), known))
    return not unknown


def _advice(name: str, table: Mapping[str, Any]) -> str:
    guess = did_you_mean(name, table)
    return f"Did you mean {guess!r}?" if guess else f"The options are: {', '.join(sorted(table))}."


def _some_options(kind: Any) -> str:
    return ", ".join([f.name for f in fields(kind) if "reader" in f.metadata][:3])


# Readers, from plain to composed.


def text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidValue(f"must be a string, not {kind_of(value)}", "Put it in quotes.")
    return _one_line(str(value))


def content(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"must be text, not {kind_of(value)}", "Give the content as a string, for example with '|'.")
    if "\0" in value:
        raise InvalidValue("contains a NUL byte", "Give binary files by src.")
    if not _is_encodable(value):
        raise InvalidValue("is not valid Unicode (unpaired surrogate)", "Give binary files by src.")
    return value


def _is_encodable(value: str) -> bool:
    """Surrogates stand for bytes that are no UTF-8, but not all of them do (PEP 383)."""
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _FLAGS:
        return _FLAGS[value.lower()]
    raise InvalidValue("must be true or false", "Write true or false.")


_FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InvalidValue("must be a whole number", "Write digits only.") from None


def exposure(value: Any) -> float:
    """From 0, nothing to attack, to 10, everything: systemd-analyze(1), "security"."""
    try:
        found = float("nan" if isinstance(value, bool) else value)
    except (TypeError, ValueError):
        found = -1
    if not 0 <= found <= 10:
        raise InvalidValue("is no exposure", "Write a number from 0 to 10, for example 4.5.")
    return found


def seconds(value: Any) -> float:
    """A span of time: a number of seconds, or one with a unit ("500ms", "3s", "1min")."""
    match = _SPAN.fullmatch("" if isinstance(value, bool) else str(value).strip())
    if not match:
        raise InvalidValue("is no span of time", "Write seconds, or a number with ms, s or min, for example 3s.")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]


_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min)?")
_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0}


def words(value: Any) -> tuple[str, ...]:
    """A list of strings; one string is split on white space, as unit files do in WantedBy= or After=."""
    if isinstance(value, str):
        return tuple(_one_line(value).split())
    if isinstance(value, (list, tuple)):
        return tuple(text(item) for item in value)
    raise InvalidValue(f"must be a list, not {kind_of(value)}", "Write [a, b] or one string.")


def arguments(value: Any) -> tuple[str, ...]:
    """A list of literal arguments; one string is split as a shell splits it."""
    if isinstance(value, str):
        try:
            return tuple(shlex.split(_one_line(value)))
        except ValueError as error:
            raise InvalidValue(f"cannot be split into words: {error}", "Close the quotes, or give a list.") from None
    if isinstance(value, (list, tuple)):
        return tuple(_argument(item) for item in value)
    return (text(value),)


def _argument(value: Any) -> str:
    """One word of a list may have several lines: they reach the program as they are."""
    if not isinstance(value, str):
        return text(value)
    if "\0" in value:
        raise InvalidValue("contains a NUL character, which no argument can hold", "Take it out.")
    return value


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidValue(f"must be a mapping, not {kind_of(value)}", "Write key: value pairs.")
    return {str(key): item for key, item in value.items()}


def is_visible(name: str) -> bool:
    """Without line breaks, escape sequences and what else terminals obey: such a name would be read as something else."""
    return not _INVISIBLE.search(name)


# Control characters, those that have no width or turn the direction of text, and separators of lines and paragraphs.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def absolute_path(value: Any) -> str:
    path = text(value)
    if not is_visible(path):
        raise InvalidValue("has a control character in its name", "Choose a name that can be shown.")
    if not path.startswith("/"):
        raise InvalidValue("is not an absolute path", f"Write the whole path, for example /etc/{path.lstrip('./')}.")
    plain = posixpath.normpath(path).replace("//", "/")
    if path != plain:
        raise InvalidValue("is not in its plain form", f"Write {plain}.")
    return path


def file_mode(value: Any) -> int:
    """Permission bits as an octal string ("0640"). A number is refused: YAML reads 640 and 0640 differently."""
    if isinstance(value, bool) or not isinstance(value, str):
        raise InvalidValue("must be an octal string", 'Put it in quotes, for example "0640".')
    try:
        bits = int(value, 8)
    except ValueError:
        bits = -1
    if not 0 <= bits <= 0o7777:
        raise InvalidValue("is no octal file mode", 'Write three or four octal digits, for example "0640".')
    return bits


def choice(*allowed: str) -> Reader:
    """Reads one of the allowed strings; YAML's bare yes/no/on/off arrive as booleans and are taken back."""

    def reader(value: Any) -> str:
        taken = {True: "yes", False: "no"}[value] if isinstance(value, bool) else text(value)
        if taken in allowed:
            return taken
        guess = did_you_mean(taken, allowed)
        hint = f"Did you mean {guess!r}? " if guess else ""
        raise InvalidValue("is not one of the choices", f"{hint}Choose one of: {', '.join(allowed)}.")

    reader.choices = allowed  # type: ignore[attr-defined]
    return reader


def _one_line(value: str) -> str:
    if "\n" in value or "\0" in value:
        raise InvalidValue("must be a single line", "Take the line break out.")
    return value


_KINDS = (
    (bool, "a truth value"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
    (str, "a string"),
    ((int, float), "a number"),
)


def kind_of(value: Any) -> str:
    """What it is, in place of what may be secret in it."""
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return "nothing" if value is None else type(value).__name__
