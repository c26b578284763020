# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back of units, one by one. That a whole host comes back: test_plan_properties.py and the scenario put_back."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, PathState, UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.undo import late_stops, undo

from ..builders import SCOPE, daemon, desired

UP = UnitState("a.service", active="active", sub="running", invocation="1")
NEW = UnitState("a.service", active="active", sub="running", invocation="2")
LOOPING = UnitState("a.service", active="activating", sub="auto-restart", invocation="2")
FAILED = UnitState("a.service", active="failed", sub="failed", invocation="2")
DOWN = UnitState("a.service")
NOTHING = Desired("demo", SCOPE)


def way_back(before: UnitState, now: UnitState, *done: act.Action) -> list[tuple[str, str]]:
    plan = undo(done, NOTHING, Observed({}, {"a.service": before}, {}, None), {"a.service": now})
    return [(action.verb, action.target) for action in plan.actions if action.verb != "reset_failed"]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(UP, UP, [], id="never touched"),
        pytest.param(UP, NEW, ["restart"], id="started anew"),
        pytest.param(UP, FAILED, ["start"], id="failed"),
        pytest.param(UP, DOWN, ["start"], id="stopped"),
        pytest.param(UP, LOOPING, ["start"], id="in a crash loop"),
        pytest.param(DOWN, NEW, ["stop"], id="did not run"),
        pytest.param(DOWN, LOOPING, ["stop"], id="did not run and is in a crash loop"),
        pytest.param(DOWN, DOWN, [], id="did not run and does not"),
        pytest.param(DOWN, FAILED, [], id="did not run and has failed"),
        pytest.param(FAILED, NEW, ["stop"], id="had failed"),
        pytest.param(LOOPING, DOWN, ["start"], id="was in a crash loop"),
    ],
)
def test_unit(before: UnitState, now: UnitState, expected: list[str]) -> None:
    assert way_back(before, now) == [(verb, "a.service") for verb in expected]


def test_what_was_reloaded_is_reloaded_again_when_its_files_are_back() -> None:
    done = (act.WriteFile("/etc/a", "", None), act.Reload("a.service", ""))  # type: ignore[arg-type]
    assert way_back(UP, UP, *done) == [("put_back", "/etc/a"), ("reload", "a.service")]


def test_order() -> None:
    """What did not run is stopped with its new definition; what ran is started with the old one."""
    before = Observed({}, {"a.service": UP, "b.service": UnitState("b.service")}, {}, None)
    now = {"a.service": NEW, "b.service": UnitState("b.service", active="active", invocation="3")}
    done = [
        act.MakeDirectory("/opt/b", ""),
        act.MakeLink("/etc/l", "", "x"),
        act.Remove("/etc/r", ""),
        act.DaemonReload("systemd", ""),
        act.Start("b.service", ""),
    ]
    plan = undo(done, NOTHING, before, now)
    jobs = [(action.verb, action.target) for action in plan.actions if action.verb != "reset_failed"]
    assert jobs == [
        ("stop", "b.service"),
        ("put_back", "/etc/r"),
        ("put_back", "/etc/l"),
        ("put_back", "/opt/b"),
        ("daemon_reload", "systemd"),
        ("restart", "a.service"),
    ]
    assert plan.watch == ("a.service",)


def test_socket_is_opened_again_before_its_service() -> None:
    wanted = desired(daemons={"a": daemon(socket={"ListenStream": 9001}, activation="eager")})
    names = ("a.service", "a.socket")
    before = Observed({}, {name: UnitState(name, active="active", invocation="1") for name in names}, {}, None)
    now = {name: UnitState(name, active="active", invocation="2") for name in names}
    jobs = [(action.verb, action.target) for action in undo([], wanted, before, now).actions if action.verb != "reset_failed"]
    assert jobs == [("stop", "a.service"), ("stop", "a.socket"), ("start", "a.socket"), ("start", "a.service")]


@pytest.mark.parametrize(
    ("there_before", "kinds"),
    [
        pytest.param([], [("state", "logs")], id="new"),
        pytest.param(["/var/lib/a"], [("logs",)], id="one of them was there"),
        pytest.param(["/var/lib/private/a", "/var/log/b"], [], id="both were"),
        pytest.param(["/etc/systemd/system/a.service"], [], id="the unit was there"),
    ],
)
def test_directories_of_a_new_unit(there_before: list[str], kinds: list[tuple[str, ...]]) -> None:
    wanted = desired(daemons={"a": daemon(service={"StateDirectory": "a", "LogsDirectory": "a b"})})
    paths = ["/etc/systemd/system/a.service", *(f"/var/{p}" for p in ("lib/a", "lib/private/a", "log/a", "log/private/a"))]
    paths += ["/var/log/b", "/var/log/private/b"]
    seen = {path: PathState("directory" if path in there_before else "missing") for path in paths}
    plan = undo([], wanted, Observed(seen, {}, {}, None), {"a.service": FAILED})
    assert [action.kinds for action in plan.actions if isinstance(action, act.Clean)] == kinds


def test_what_was_pulled_in_is_stopped_at_last() -> None:
    before = Observed({}, {"a.service": DOWN}, {}, None)
    assert [stop.target for stop in late_stops(before, {"a.service": NEW})] == ["a.service"]
    assert late_stops(before, {"a.service": FAILED}) == []
