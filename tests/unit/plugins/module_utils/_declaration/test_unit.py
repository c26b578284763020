# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of `unit`: names as systemctl completes them, and when it is a definition."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration import unit
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import UNIT, UNIT_SPELLINGS
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Stack
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.options import without_aliases
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import UNIT_TYPES

SECTIONS = {"Service": {"ExecStart": "/bin/true"}}


def declared(**params: Any) -> Stack:
    return stack_of(unit.stack_of_unit({"settle": "3s", **params}))


def problem_of(**params: Any) -> Problem:
    with pytest.raises(ValidationFailed) as refused:
        declared(**params)
    (problem,) = refused.value.problems
    return problem


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (None, []),
        ([], []),
        ("a", ["a.service"]),
        ("a.service", ["a.service"]),
        ("org.example.Daemon", ["org.example.Daemon.service"]),
        ("x@1", ["x@1.service"]),
        ("x@", ["x@.service"]),
        ("a.socket", ["a.socket"]),
        (r"a\x2db", [r"a\x2db.service"]),
        ("/srv/data", ["srv-data.mount"]),
        ("/", ["-.mount"]),
        ("/dev/sda1", ["dev-sda1.device"]),
        (["a", "a.service", "b.timer"], ["a.service", "b.timer"]),
        ("app-*", ["app-*"]),
        ("app-?.service", ["app-?.service"]),
        ("x@[ab].service", ["x@[ab].service"]),
        (("a", "b"), ["a.service", "b.service"]),
    ],
)
def test_names(given: Any, names: list[str]) -> None:
    problems = Problems()
    assert (unit.names_in(given, problems), problems.found) == (names, ())


@pytest.mark.parametrize(
    ("given", "problem", "remedy"),
    [
        ("", "an empty name", "echo.service"),
        ("a ", "begins or ends with white space", "'a'"),
        ("\ta", "begins or ends with white space", "'a'"),
        ("a b", "cannot hold ' '", "systemd-escape"),
        ("a,b", "cannot hold ','", "systemd-escape"),
        ("a/b", "holds no '/'", "write b.service"),
        ("/a/../b", "not a normalized path", "without"),
        ("*", "fits every unit", "type"),
        ("*.*", "fits every unit", "type"),
        ("/srv/*", "holds no '/'", "pattern"),
        ("echo.servcie", "'.servcie' is no type", "echo.service"),
        (7, "is no name of a unit", "in quotes"),
        ({"a": 1}, "is no name of a unit", "in quotes"),
        ("a" * 260, "characters long", "255"),
    ],
)
def test_names_that_are_none(given: Any, problem: str, remedy: str) -> None:
    found = problem_of(name=given, state="started")
    assert found.place == "name"
    assert problem in found.problem
    assert remedy in found.remedy


def test_each_wrong_name_is_told() -> None:
    with pytest.raises(ValidationFailed) as refused:
        declared(name=["a ", "b", "c/d"], state="started")
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("option", ["content", "sections", "dropins", "instances"])
def test_a_definition_is_a_stack_of_that_unit(option: str) -> None:
    value: Any = {
        "content": "[Service]\n",
        "sections": SECTIONS,
        "dropins": {"a": SECTIONS},
        "instances": 2,
    }[option]
    stack = declared(name="a@", enabled=True, **{option: value})
    assert (stack.name, stack.state, stack.is_partial) == ("unit:a@.service", "present", False)
    (entry,) = stack.units
    assert (entry.name, entry.enabled) == ("a@.service", True)


@pytest.mark.parametrize("state", ["absent", "rolled_back"])
def test_states_that_need_no_definition(state: str) -> None:
    stack = declared(name="a", state=state)
    assert (stack.name, stack.state, stack.units) == ("unit:a.service", state, ())


def test_validated() -> None:
    stack = declared(name="a", state="validated", sections=SECTIONS)
    assert (stack.state, stack.units[0].state) == ("validated", "")


def test_what_is_asked_of_units_that_are_there() -> None:
    stack = declared(name=["b", "a", "c-*"], state="restarted", masked=False)
    assert (stack.name, stack.is_partial) == (unit.PARTIAL, True)
    assert [entry.name for entry in stack.units] == ["a.service", "b.service"]
    assert {entry.state for entry in stack.units} == {"restarted"}
    assert [(entry.name, entry.state, entry.masked) for entry in stack.patterns] == [("c-*", "restarted", False)]


def test_no_unit_has_the_name_of_the_record() -> None:
    """unit:NAME is the record of a definition, and a name has a suffix."""
    assert all(not unit.PARTIAL.endswith(f".{kind}") for kind in UNIT_TYPES)


@pytest.mark.parametrize(
    ("params", "place", "problem"),
    [
        ({"state": "started"}, "name", "no unit is named"),
        ({}, "name", "no unit is named"),
        ({"name": "a"}, "state", "nothing is asked of it"),
        ({"name": ["a", "b"], "sections": SECTIONS}, "name", "one name"),
        ({"name": "a*", "sections": SECTIONS}, "name", "one name"),
        ({"name": [], "state": "absent"}, "name", "one name"),
        ({"name": ["a", "b"], "state": "started", "health": {"tcp": 1}}, "health", "cannot answer for several"),
        ({"name": "a*", "state": "started", "health": {"tcp": 1}}, "health", "cannot answer for several"),
        ({"name": "a", "masked": True, "state": "started"}, "units.a.service.masked", "a masked unit cannot be started"),
        ({"name": "a", "masked": True, "enabled": True}, "units.a.service.masked", "a masked unit cannot be enabled"),
        ({"name": "a*", "masked": True, "enabled": True}, "units.a*.masked", "a masked unit cannot be enabled"),
        ({"name": "a*", "state": "start"}, "units.a*.state", "is not one of the choices"),
    ],
)
def test_what_is_refused(params: dict[str, Any], place: str, problem: str) -> None:
    found = problem_of(**params)
    assert found.place == place
    assert problem in found.problem


@pytest.mark.parametrize("how", ["daemon_reload", "daemon_reexec"])
@pytest.mark.parametrize("name", [None, "a", []])
def test_the_manager_alone(how: str, name: Any) -> None:
    stack = declared(name=name, **{how: True})
    assert (stack.units, stack.patterns) == ((), ())
    assert getattr(stack.how, how)


def test_an_empty_list_asks_nothing_of_nobody() -> None:
    assert declared(name=[], state="started").units == ()


def test_aliases_of_options() -> None:
    given = {"service": "a", "daemon-reload": True, "daemon-reexec": False, "state": "started", "nosuch": 1}
    wanted = {"name": "a", "daemon_reload": True, "daemon_reexec": False, "state": "started", "nosuch": 1}
    assert without_aliases(given, UNIT, UNIT_SPELLINGS) == wanted


# Patterns


KNOWN = ["app-1.service", "app-2.service", "app.socket", "app@.service", "app@a.service", "b.service"]


@pytest.mark.parametrize(
    ("pattern", "fitting"),
    [
        ("app-*", ["app-1.service", "app-2.service"]),
        ("app*", ["app-1.service", "app-2.service", "app.socket", "app@a.service"]),
        ("app-[!1].service", ["app-2.service"]),
        ("*.socket", ["app.socket"]),
        ("app@*.service", ["app@a.service"]),
        ("APP*", []),
    ],
)
def test_patterns(pattern: str, fitting: list[str]) -> None:
    stack = unit.with_fitting(declared(name=pattern, state="stopped"), KNOWN)
    assert [entry.name for entry in stack.units] == fitting
    assert {entry.state for entry in stack.units} <= {"stopped"}
    assert (stack.patterns, bool(stack.warnings)) == ((), not fitting)


def test_what_is_named_and_fits_is_there_once() -> None:
    stack = unit.with_fitting(declared(name=["b", "*.service", "app-*"], state="stopped"), KNOWN)
    assert [entry.name for entry in stack.units] == ["app-1.service", "app-2.service", "app@a.service", "b.service"]
