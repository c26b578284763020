# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ours against the standard library's: the same classes, made by both, do the same."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Callable, ClassVar

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils import _dataclasses as ours
from hypothesis import given
from hypothesis import strategies as st


def classes(by: Any) -> SimpleNamespace:
    @by.dataclass(frozen=True)
    class Unit:
        """Of everything that is used here something."""

        name: str
        kind: ClassVar[str] = "unit"
        content: bytes | None = by.field(default=None, repr=False)
        inputs: dict[str, Any] = by.field(default_factory=dict)

        @cached_property
        def upper(self) -> str:
            return self.name.upper()

    @by.dataclass(frozen=True)
    class Socket(Unit):
        port: int = by.field(default=0, metadata={"reader": int})
        inputs: dict[str, Any] = by.field(default_factory=lambda: {"from": "socket"})

    class Plain(Unit):
        kind = "plain"

    @by.dataclass
    class Draft:
        name: str = "draft"
        parts: list[Any] = by.field(default_factory=list)

        def __str__(self) -> str:
            return self.name

    @by.dataclass(frozen=True)
    class Named:
        name: str

        def __repr__(self) -> str:
            return f"<{self.name}>"

    return SimpleNamespace(by=by, Unit=Unit, Socket=Socket, Plain=Plain, Draft=Draft, Named=Named)


BOTH = (classes(ours), classes(dataclasses))
Deed = Callable[[SimpleNamespace], Any]


def outcome(kinds: SimpleNamespace, deed: Deed) -> Any:
    """What comes of it, an error by its type alone."""
    try:
        found = deed(kinds)
    except (TypeError, AttributeError) as error:
        return TypeError if isinstance(error, TypeError) else AttributeError
    return found


def changed(instance: Any, name: str, value: Any) -> Any:
    setattr(instance, name, value)
    return repr(instance)


def without(instance: Any, name: str) -> Any:
    delattr(instance, name)
    return repr(instance)


def cached(kinds: SimpleNamespace) -> Any:
    """One that holds more than its fields."""
    unit = kinds.Unit("a")
    assert unit.upper == "A"
    return unit


def after_caching(kinds: SimpleNamespace) -> Any:
    unit = cached(kinds)
    return unit.upper, repr(unit), unit == kinds.Unit("a"), kinds.by.asdict(unit)


@pytest.mark.parametrize(
    "deed",
    [
        lambda k: repr(k.Unit("a")),
        lambda k: repr(k.Unit("a", b"secret", {"b": 1})),
        lambda k: repr(k.Unit(inputs={}, name="a")),
        lambda k: repr(k.Unit("a", name="b")),
        lambda k: repr(k.Unit()),
        lambda k: repr(k.Unit("a", None, {}, 4)),
        lambda k: repr(k.Unit("a", kind="b")),
        lambda k: repr(k.Unit("a", wrong="b")),
        lambda k: repr(k.Socket("a", port=4)),
        lambda k: repr(k.Socket("a", None, {}, 4)),
        lambda k: repr(k.Plain("a", inputs={1: 2})),
        lambda k: [repr(k.Draft()), str(k.Draft()), repr(k.Draft("a", [k.Unit("b")]))],
        lambda k: repr(k.Named("a")),
        lambda k: (k.Unit.kind, k.Socket("a").kind, k.Plain("a").kind),
        lambda k: (k.Unit.content, hasattr(k.Unit, "inputs"), hasattr(k.Unit, "name"), k.Draft.name),
        lambda k: k.Unit("a") == k.Unit("a"),
        lambda k: k.Unit("a") == k.Unit("a", b""),
        lambda k: k.Unit("a") == k.Plain("a"),
        lambda k: k.Unit("a") == ("a", None, {}),
        lambda k: k.Draft() == k.Draft(),
        lambda k: k.Draft("a") == k.Draft(),
        lambda k: hash(k.Named("a")) == hash(k.Named("a")),
        lambda k: len({k.Named("a"), k.Named("a"), k.Named("b")}),
        lambda k: hash(k.Unit("a")),  # a mapping inside
        lambda k: hash(k.Draft()),
        lambda k: changed(k.Unit("a"), "name", "b"),
        lambda k: changed(k.Plain("a"), "name", "b"),
        lambda k: without(k.Unit("a"), "name"),
        lambda k: changed(k.Draft(), "name", "b"),
        lambda k: without(k.Draft("a"), "name"),
        lambda k: k.Draft().parts is k.Draft().parts,
        lambda k: [each.name for each in k.by.fields(k.Socket)],
        lambda k: [each.name for each in k.by.fields(k.Socket("a"))],
        lambda k: [dict(each.metadata) for each in k.by.fields(k.Socket)],
        lambda k: [each.default is k.by.MISSING for each in k.by.fields(k.Socket)],
        lambda k: repr(k.by.replace(k.Socket("a", port=4), name="b")),
        lambda k: repr(k.by.replace(k.Socket("a"), wrong="b")),
        lambda k: type(k.by.replace(k.Plain("a"), name="b")).__name__,
        lambda k: k.by.asdict(k.Draft("a", [k.Unit("b"), (k.Named("c"),), {"d": k.Named("e")}])),
        after_caching,
        lambda k: repr(k.by.replace(cached(k), name="b")),
        lambda k: (k.Unit.__name__, k.Unit.__doc__),
    ],
)
def test_as_the_standard_library(deed: Deed) -> None:
    found, expected = (outcome(kinds, deed) for kinds in BOTH)
    assert found == expected


VALUES = st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers()))


@given(st.lists(VALUES, max_size=5), st.dictionaries(st.sampled_from(["name", "content", "inputs", "port", "wrong"]), VALUES))
def test_whatever_is_given(args: list[Any], named: dict[str, Any]) -> None:
    def deed(kinds: SimpleNamespace) -> Any:
        made = kinds.Socket(*args, **named)
        return made.name, made.content, made.inputs, made.port

    found, expected = (outcome(kinds, deed) for kinds in BOTH)
    assert found == expected
