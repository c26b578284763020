# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that show in the declaration alone: orders that go in cycles, names of mounts, types that need more."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_checks import check_order
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ..builders import daemon, problem_of, refusal, unit

PROPERTY = settings(max_examples=examples(100), deadline=None, database=None)


def ordered(**after: str) -> dict[str, Any]:
    """Targets by name, each after the others that are named."""
    return {f"{name}.target": {"Unit": {"After": [f"{other}.target" for other in others]}} for name, others in after.items()}


@pytest.mark.parametrize(
    ("units", "circle"),
    [
        pytest.param(ordered(a="b", b="a"), "a.target after b.target after a.target", id="two"),
        pytest.param(ordered(a="b", b="c", c="a"), "a.target after b.target after c.target after a.target", id="three"),
        pytest.param(ordered(a="a"), "a.target after a.target", id="itself"),
        pytest.param(ordered(a="b", b="c", c="b"), "b.target after c.target after b.target", id="behind another"),
        pytest.param(
            {"a.target": {"Unit": {"Before": "b.target", "After": "b.target"}}, "b.target": {"Unit": {}}},
            "a.target after b.target after a.target",
            id="before and after",
        ),
        pytest.param(
            {"a.target": {"Unit": {"Before": "b.target"}}, "b.target": {"Unit": {"Before": "a.target"}}},
            "a.target after b.target after a.target",
            id="both before",
        ),
        pytest.param(
            {"a.target": {"Unit": {}, "dropins": {"x": "[Unit]\nAfter=b.target\n"}}, **ordered(b="a")},
            "a.target after b.target after a.target",
            id="by a drop-in",
        ),
    ],
)
def test_circle(units: dict[str, Any], circle: str) -> None:
    found = problem_of(units=units)
    assert found.problem == f"ordering cycle: {circle}"
    assert (found.place, found.value) == (f"units.{circle.split()[0]}.Unit.After", circle.split()[0])


@pytest.mark.parametrize(
    "units",
    [
        pytest.param(ordered(a="b", b="c", c=""), id="chain"),
        pytest.param(ordered(a="bc", b="d", c="d", d=""), id="diamond"),
        pytest.param(ordered(a="x", b="a"), id="units of others"),
        pytest.param({"a.target": {"Unit": {"Before": "b.target"}}, **ordered(b="a")}, id="told by both"),
        pytest.param({"a.target": {"Unit": {"Wants": "b.target"}}, "b.target": {"Unit": {"Wants": "a.target"}}}, id="wants"),
    ],
)
def test_no_circle(units: dict[str, Any]) -> None:
    assert refusal(units=units) == ()


def test_circle_of_a_daemon_and_a_unit() -> None:
    found = problem_of(daemons={"a": daemon(after="b.target")}, units={"b.target": {"Unit": {"After": "a.service"}}})
    assert "a.service after b.target after a.service" in found.problem
    assert found.place.startswith("daemons.a.")


GRAPHS = st.dictionaries(st.sampled_from("abcdefgh"), st.sets(st.sampled_from("abcdefgh"), max_size=3), max_size=8)


@PROPERTY
@given(GRAPHS)
def test_circles_are_told_exactly_where_there_are_some(graph: dict[str, set[str]]) -> None:
    units = {f"{name}.target": "".join(f"After={other}.target\n" for other in sorted(others)) for name, others in graph.items()}
    problems = Problems()
    documents = {name: parse(f"[Unit]\n{text}") for name, text in units.items()}
    check_order(documents, {name: name for name in units}, problems)
    left = {name: {other for other in others if other in graph} for name, others in graph.items()}
    while any(not others for others in left.values()):  # Kahn: take away what waits for nobody
        free = {name for name, others in left.items() if not others}
        left = {name: others - free for name, others in left.items() if name not in free}
    assert bool(problems) is bool(left)
    for problem in problems.found:
        circle = problem.problem.partition(": ")[2].replace(".target", "").split(" after ")
        assert circle[0] == circle[-1]
        assert all(later in graph[earlier] for earlier, later in zip(circle, circle[1:]))


def test_long_chain_is_no_recursion() -> None:
    documents = {f"{n}.target": parse(f"[Unit]\nAfter={n + 1}.target\n") for n in range(400)}
    problems = Problems()
    check_order(documents, dict.fromkeys(documents, ""), problems)
    assert not problems


@pytest.mark.parametrize(
    ("name", "where", "wanted"),
    [
        pytest.param("srv.mount", "/srv", "", id="right"),
        pytest.param("srv-a.mount", "/srv/a", "", id="two parts"),
        pytest.param("srv-a.mount", "/srv/a/", "", id="slash at the end"),
        pytest.param("srv-my\\x2ddata.mount", "/srv/my-data", "", id="escaped"),
        pytest.param("-.mount", "/", "", id="the root"),
        pytest.param("srv.automount", "/srv", "", id="automount"),
        pytest.param("srv-a.mount", "%h/x", "", id="specifier"),
        pytest.param("data.mount", "/srv", "srv.mount", id="another name"),
        pytest.param("srv-my-data.mount", "/srv/my-data", "srv-my\\x2ddata.mount", id="not escaped"),
        pytest.param("data.automount", "/srv", "srv.automount", id="automount of another name"),
    ],
)
def test_name_of_a_mount(name: str, where: str, wanted: str) -> None:
    section = "Automount" if name.endswith(".automount") else "Mount"
    more = {"What": "tmpfs"} if section == "Mount" else {}
    units = {name: {section: {"Where": where, **more}}}
    if not wanted:
        assert refusal(units=units) == ()
        return
    found = problem_of(units=units)
    assert (found.place, found.value, found.remedy) == (f"units.{name}.{section}.Where", where, f"Rename {name}.")
    assert found.problem == f"a unit for {where} must be named {wanted}"


def test_where_that_is_no_plain_path() -> None:
    places = {problem.place for problem in refusal(units={"srv.mount": {"Mount": {"Where": "/srv/../x", "What": "tmpfs"}}})}
    assert places == {"units.srv.mount.Mount.Where"}


@pytest.mark.parametrize(
    ("service", "fine"),
    [
        pytest.param({"Type": "dbus", "BusName": "org.example.A"}, True, id="with its name"),
        pytest.param({"Type": "dbus"}, False, id="without"),
        pytest.param({"Type": "dbus", "BusName": ""}, False, id="reset"),
        pytest.param({"Type": ["dbus", "exec"]}, True, id="overridden"),
    ],
)
def test_bus_name(service: dict[str, Any], fine: bool) -> None:
    found = refusal(units={"a.service": unit(Service=service)})
    assert [problem.place for problem in found] == ([] if fine else ["units.a.service.Service.Type"])


def test_bus_name_in_a_drop_in() -> None:
    dropins = {"x": {"Service": {"BusName": "org.example.A"}}}
    assert refusal(units={"a.service": unit(Service={"Type": "dbus"}, dropins=dropins)}) == ()


def test_bus_name_of_a_daemon() -> None:
    assert problem_of(daemons={"a": daemon(type="dbus")}).place == "daemons.a.service.Type"
    assert refusal(daemons={"a": daemon(type="dbus", service={"BusName": "org.example.A"})}) == ()


@pytest.mark.parametrize(
    ("entry", "fine"),
    [
        pytest.param(unit(Service={"ExecReload": "/bin/true"}, on_change="reload"), True, id="ExecReload"),
        pytest.param(unit(Service={"Type": "notify-reload"}, on_change="reload"), True, id="notify-reload"),
        pytest.param(unit(dropins={"x": "[Service]\nExecReload=/bin/true\n"}, on_change="reload"), True, id="drop-in"),
        pytest.param(unit(on_change="reload"), False, id="nothing"),
        pytest.param({"dropins": {"x": "[Service]\nNice=5\n"}, "on_change": "reload"}, True, id="a unit of others"),
    ],
)
def test_unit_that_is_to_be_reloaded(entry: dict[str, Any], fine: bool) -> None:
    found = refusal(units={"a.service": entry})
    assert [(problem.place, problem.problem) for problem in found] == (
        [] if fine else [("units.a.service.on_change", "a.service has no ExecReload=")]
    )


def test_state_reloaded_of_what_cannot_be_reloaded() -> None:
    assert problem_of(units={"a.service": unit(state="reloaded")}).place == "units.a.service.state"


def test_notice_to_reload_of_what_cannot_be_reloaded() -> None:
    files = {"/etc/a": {"content": "a", "notify": {"unit": "a.service", "action": "reload"}}}
    assert "ExecReload" in problem_of(units={"a.service": unit()}, files=files).problem


@pytest.mark.parametrize(
    ("content", "mode", "fine"),
    [
        pytest.param("#!/bin/sh\r\ntrue\r\n", "0755", False, id="line ends of Windows"),
        pytest.param("\ufeff#!/bin/sh\r\n", "0755", False, id="and a mark"),
        pytest.param("#!/bin/sh\ntrue\r\n", "0755", True, id="not in the first line"),
        pytest.param("#!/bin/sh\r\n", "0644", True, id="no program"),
        pytest.param("A=1\r\n", "0755", True, id="no interpreter"),
    ],
)
def test_first_line_of_a_program(content: str, mode: str, fine: bool) -> None:
    found = refusal(files={"/srv/x": {"content": content, "mode": mode}})
    assert [problem.place for problem in found] == ([] if fine else ["files./srv/x"])
