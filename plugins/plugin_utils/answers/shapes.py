# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of values, and how a value is read through one: what has no place in it is left out, what does not fit is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Union

from ...module_utils._text import all_visible, line, visible

LONGEST = 1 << 20  # characters of a text: a diff shows files
MOST = 100_000  # items


class Misfit(Exception):
    """What a host has answered is not what was asked for. Its message is a clause without any of the answer."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{line(place, 200) or 'it'} {problem}")


@dataclass(frozen=True)
class Leaf:
    """A single value, or None. read: of one that has one of these types."""

    types: tuple[type, ...]
    words: str
    read: Callable[[Any], Any]
    may_be_none: bool = True


def _same(value: Any) -> Any:
    return value


def _line(value: str) -> str:
    return line(str(value))


def _text(value: str) -> str:
    shown = visible(str(value)[: LONGEST + 1])
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


LINE = Leaf((str,), "is no text", _line)
TEXT = Leaf((str,), "is no text", _text)
FLAG = Leaf((bool,), "is neither true nor false", _same)
NUMBER = Leaf((int, float), "is no number", _same)
COUNT = Leaf((int,), "is no whole number", _same, may_be_none=False)
ANYTHING = Leaf((object,), "", all_visible)


@dataclass(frozen=True)
class Each:
    """A list."""

    item: Shape


@dataclass(frozen=True)
class Table:
    """A mapping of names that are not known before."""

    value: Shape


@dataclass(frozen=True)
class Record:
    """A mapping with these keys; needed: those that must be there."""

    keys: Mapping[str, Shape]
    needed: frozenset[str] = field(default_factory=frozenset)


Shape = Union[Leaf, Each, Table, Record]


def read(value: Any, shape: Shape, place: str = "") -> Any:
    """The value as plain Python, with what the shape knows of it. Raises Misfit."""
    if isinstance(shape, Leaf):
        return _leaf(value, shape, place)
    wanted: Any = (list, tuple) if isinstance(shape, Each) else Mapping
    if not isinstance(value, wanted):
        raise Misfit(place, "is no list" if isinstance(shape, Each) else "is no mapping")
    if len(value) > MOST:
        raise Misfit(place, f"has more than {MOST} items")
    if isinstance(shape, Each):
        return [read(item, shape.item, f"{place}[{number}]") for number, item in enumerate(value)]
    if isinstance(shape, Table):
        return {line(str(name)): read(item, shape.value, _below(place, str(name))) for name, item in value.items()}
    for name in sorted(shape.needed):
        if name not in value:
            raise Misfit(_below(place, name), "is missing")
    return {name: read(value[name], each, _below(place, name)) for name, each in shape.keys.items() if name in value}


def _leaf(value: Any, shape: Leaf, place: str) -> Any:
    if value is None and shape.may_be_none:
        return None
    is_flag = isinstance(value, bool) and bool not in shape.types and object not in shape.types
    if is_flag or not isinstance(value, shape.types):
        raise Misfit(place, shape.words)
    return shape.read(value)


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
