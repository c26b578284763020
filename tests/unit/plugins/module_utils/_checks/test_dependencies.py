# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that are named and exist nowhere: what is an error, what is told, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.dependencies import (
    absent,
    check_dependencies,
    named_in,
    slip_of_the_pen,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems

from ..builders import daemon, desired, stack, unit

HOST = frozenset(
    ("multi-user.target", "network-online.target", "network.target", "sockets.target", "timers.target", "getty@.service")
) | {"sysinit.target", "ssh.service", "dbus.socket", "default.target"}


def told(lenient: bool = False, loaded: tuple[str, ...] = (), **params: Any) -> tuple[tuple[Problem, ...], list[str]]:
    wanted = desired(**params)
    named = named_in(units_of(stack(**params), wanted))
    known = HOST | {each.name for each in wanted.units}
    problems = Problems()
    missing = [name for name in absent(named, known) if name not in loaded]
    warnings = check_dependencies(named, missing, known, lenient, problems)
    return problems.found, warnings


@pytest.mark.parametrize("key", ["Requires", "Requisite", "BindsTo"])
def test_cannot_be_started(key: str) -> None:
    (problem,), warnings = told(units={"a.service": unit(Unit={key: "x.service", "After": "x.service"})})
    assert (problem.place, problem.value) == (f"units.a.service.Unit.{key}", "x.service")
    assert "a.service cannot be started without it: there is no unit x.service" in problem.problem
    assert warnings == []


@pytest.mark.parametrize("key", ["WantedBy", "RequiredBy"])
def test_will_not_be_started(key: str) -> None:
    (problem,), warnings = told(units={"a.service": unit(Install={"WantedBy": "", key: "x.target"})})
    assert (problem.place, problem.value) == (f"units.a.service.Install.{key}", "x.target")
    assert warnings == []


@pytest.mark.parametrize("key", ["After", "Before", "Wants", "PartOf", "Conflicts", "OnFailure"])
def test_passed_over(key: str) -> None:
    problems, warnings = told(units={"a.service": unit(Unit={key: "x.service ssh.service"})})
    assert problems == ()
    assert warnings == [f"a.service names units that are not on this host: {key}=x.service."]


@pytest.mark.parametrize(
    ("units", "place", "value"),
    [
        pytest.param({"a.timer": {"Timer": {"OnBootSec": 5}}}, "units.a.timer.Timer.Unit", "a.service", id="timer"),
        pytest.param({"a@.timer": {"Timer": {"OnBootSec": 5}}}, "units.a@.timer.Timer.Unit", "a@.service", id="template"),
        pytest.param({"a.path": {"Path": {"PathExists": "/a"}}}, "units.a.path.Path.Unit", "a.service", id="path"),
        pytest.param({"a.socket": {"Socket": {"ListenStream": 1}}}, "units.a.socket.Socket.Service", "a.service", id="socket"),
        pytest.param(
            {"a.socket": {"Socket": {"ListenStream": 1, "Accept": True}}},
            "units.a.socket.Socket.Service",
            "a@.service",
            id="socket that accepts",
        ),
        pytest.param(
            {"a.timer": {"Timer": {"OnBootSec": 5, "Unit": "b.target"}}}, "units.a.timer.Timer.Unit", "b.target", id="named"
        ),
    ],
)
def test_nothing_to_start(units: dict[str, Any], place: str, value: str) -> None:
    (problem,), _warnings = told(units=units)
    assert (problem.place, problem.value) == (place, value)
    assert "has nothing to start" in problem.problem


@pytest.mark.parametrize(
    ("key", "name", "meant"),
    [
        pytest.param("After", "muilti-user.target", "multi-user.target", id="swapped"),
        pytest.param("After", "Multi-user.target", "multi-user.target", id="case"),
        pytest.param("Wants", "network-onlin.target", "network-online.target", id="short"),
        pytest.param("Before", "SSH.service", "ssh.service", id="case of a service"),
        pytest.param("After", "A.service", "a.service", id="case of our own"),
    ],
)
def test_slip_of_the_pen(key: str, name: str, meant: str) -> None:
    (problem,), _warnings = told(units={"a.service": unit(), "b.service": unit(Unit={key: name})})
    assert problem.place == f"units.b.service.Unit.{key}"
    assert problem.remedy == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    "name", ["salt.target", "sshd.service", "network-ready.target", "exim.service", "boot.target", "syslog.target"]
)
def test_no_slip_of_the_pen(name: str) -> None:
    assert slip_of_the_pen(name, HOST) == ""


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"units": {"a.service": unit(Unit={"Requires": "getty@tty1.service"})}}, id="instance"),
        pytest.param({"units": {"a.service": unit(Unit={"Requires": "b.service"}), "b.service": unit()}}, id="of the stack"),
        pytest.param({"units": {"a@.service": unit(Unit={"Requires": "%i.service"})}}, id="specifier"),
        pytest.param({"units": {"a.service": unit(Unit={"BindsTo": "dev-sda.device", "Requires": "x.slice"})}}, id="device"),
        pytest.param({"units": {"a.service": unit(Unit={"Requires": "x.service"})}, "loaded": ("x.service",)}, id="loaded"),
        pytest.param({"units": {"a.service": unit(Unit={"Requires": ["x.mount", ""]})}, "loaded": ("x.mount",)}, id="mounted"),
        pytest.param({"daemons": {"a": daemon(socket={"ListenStream": 1})}}, id="daemon"),
        pytest.param({"daemons": {"a": daemon(socket={"ListenStream": 1}, accept=True)}}, id="inetd"),
        pytest.param({"units": {"a.timer": {"Timer": {"OnBootSec": 5, "Unit": "ssh.service"}}}}, id="timer of another"),
        pytest.param({"units": {"ssh.service": {"dropins": {"x": "[Unit]\nAfter=network.target\n"}}}}, id="drop-in"),
        pytest.param({"units": {"a.timer": {"dropins": {"x": "[Timer]\nPersistent=yes\n"}}}}, id="drop-in of a timer"),
    ],
)
def test_all_is_well(params: dict[str, Any]) -> None:
    assert told(**params) == ((), [])


def test_mount_that_may_be_generated() -> None:
    problems, warnings = told(units={"a.service": unit(Unit={"Requires": "srv-data.mount"})})
    assert problems == ()
    assert len(warnings) == 1


def test_where_nobody_can_look() -> None:
    problems, warnings = told(lenient=True, units={"a.service": unit(Install={"WantedBy": "sway-session.target"})})
    assert problems == ()
    assert "WantedBy=sway-session.target" in warnings[0]


def test_several_in_one_warning() -> None:
    _problems, warnings = told(units={"a.service": unit(Unit={"After": "x.service sshx.service"})})
    assert warnings == [
        "a.service names units that are not on this host: After=x.service, After=sshx.service (did you mean ssh.service?)."
    ]
