# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back of units, one by one. That a whole host comes back: test_plan_properties.py and the scenario put_back."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.exec_directories import paths_of
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, PathState, UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.rollback import late_stops, on_their_way, undo

from ..builders import SCOPE, daemon, desired

UP = UnitState("a.service", active="active", sub="running", invocation="1", can_reload=True)
NEW = UnitState("a.service", active="active", sub="running", invocation="2")
LOOPING = UnitState("a.service", active="activating", sub="auto-restart", invocation="2")
FAILED = UnitState("a.service", load="loaded", active="failed", sub="failed", invocation="2")
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
        pytest.param(UP, LOOPING, ["restart"], id="in a crash loop"),
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
        pytest.param(["/etc/systemd/system/a.service"], [("state", "logs")], id="the unit was there"),
    ],
)
def test_directories_that_were_not_there(there_before: list[str], kinds: list[tuple[str, ...]]) -> None:
    wanted = desired(daemons={"a": daemon(service={"StateDirectory": "a", "LogsDirectory": "a b"})})
    paths = ["/etc/systemd/system/a.service", *(f"/var/{p}" for p in ("lib/a", "lib/private/a", "log/a", "log/private/a"))]
    paths += ["/var/log/b", "/var/log/private/b"]
    seen = {path: PathState("directory" if path in there_before else "missing") for path in paths}
    plan = undo([], wanted, Observed(seen, {}, {}, None), {"a.service": FAILED})
    assert [action.kinds for action in plan.actions if isinstance(action, act.Clean)] == kinds


@pytest.mark.parametrize(("now", "jobs"), [(NEW, ["stop", "clean", "start"]), (UP, [])], ids=["started anew", "never touched"])
def test_new_directory_of_a_unit_that_ran(now: UnitState, jobs: list[str]) -> None:
    """It must stop to be cleaned, with the definition that has the directory."""
    wanted = desired(daemons={"a": daemon(service={"StateDirectory": "a"})})
    seen = {path: PathState() for path in ("/var/lib/a", "/var/lib/private/a")}
    now = replace(now, load="loaded")
    plan = undo([], wanted, Observed(seen, {"a.service": UP}, {}, None), {"a.service": now})
    assert [action.verb for action in plan.actions if action.verb != "reset_failed"] == jobs


def test_what_was_pulled_in_is_stopped_at_last() -> None:
    before = Observed({}, {"a.service": DOWN}, {}, None)
    assert [stop.target for stop in late_stops(before, {"a.service": NEW})] == ["a.service"]
    assert late_stops(before, {"a.service": FAILED}) == []


def test_what_comes_along_on_the_way_back_is_waited_for() -> None:
    before = Observed({}, {"a.service": DOWN, "b.service": UP, "c.service": UP, "d.service": UP}, {}, None)
    queued = replace(DOWN, job=7)
    now = {"a.service": queued, "b.service": queued, "c.service": DOWN, "d.service": replace(UP, active="activating")}
    assert on_their_way(before, now) == {"b.service", "d.service"}


def names_of_jobs(plan: Plan) -> list[tuple[str, str]]:
    return [(action.verb, action.target) for action in plan.actions if action.verb in ("stop", "start", "restart", "reload")]


ONESHOT = {"Service": {"Type": "oneshot", "ExecStart": "/bin/true"}}


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        pytest.param([], [], id="by itself"),
        pytest.param([act.Stop("a.service", "")], [("start", "a.service")], id="by this run"),
    ],
)
def test_job_that_has_ended_meanwhile_is_not_done_twice(done: list[act.Action], expected: list[tuple[str, str]]) -> None:
    before = Observed({}, {"a.service": replace(UP, active="activating", sub="start")}, {}, None)
    assert names_of_jobs(undo(done, desired(units={"a.service": ONESHOT}), before, {"a.service": DOWN})) == expected


def test_connection_that_has_ended_meanwhile_cannot_be_started() -> None:
    wanted = desired(daemons={"a": daemon(accept=True, socket={"ListenStream": 9001})})
    ended = "a@1-127.0.0.1:9001-127.0.0.1:40000.service"
    socket = UnitState("a.socket", active="active", invocation="1")
    before = Observed({}, {ended: replace(UP, name=ended), "a.socket": socket}, {}, None)
    assert names_of_jobs(undo([], wanted, before, {ended: UnitState(ended), "a.socket": socket})) == []
    assert names_of_jobs(undo([], NOTHING, before, {ended: UnitState(ended), "a.socket": socket})) == []  # it goes


def test_instance_that_was_declared_is_started_again() -> None:
    wanted = desired(units={"a@.service": {**ONESHOT, "Service": {"ExecStart": "/bin/sleep 9"}, "instances": ["one"]}})
    name = "a@one.service"
    before = Observed({}, {name: replace(UP, name=name), "a.socket": UnitState("a.socket")}, {}, None)
    assert names_of_jobs(undo([], wanted, before, {name: UnitState(name)})) == [("start", name)]


def test_directories_above_those_of_a_new_unit() -> None:
    wanted = desired(daemons={"a": daemon(service={"StateDirectory": "a/b/c there/d"})})
    seen = {path: PathState() for path in ("/etc/systemd/system/a.service", *paths_of(wanted.units, wanted))}
    seen["/var/lib/there"] = PathState("directory")
    plan = undo([], wanted, Observed(seen, {}, {}, None), {"a.service": FAILED})
    gone = [action.target for action in plan.actions if isinstance(action, (act.Clean, act.RemoveDirectory))]
    private = ["/var/lib/private/there", "/var/lib/private/a/b", "/var/lib/private/a"]
    assert gone == ["a.service", *private, "/var/lib/a/b", "/var/lib/a"]


@pytest.mark.parametrize(("kind", "kinds"), [("missing", [("state",)]), ("file", [])])
def test_stamp_of_a_new_timer(kind: str, kinds: list[tuple[str, ...]]) -> None:
    """Systemd forgets a job that is done, so that no invocation shows whether it was started."""
    wanted = desired(units={"a.service": ONESHOT, "a.timer": {"Timer": {"OnCalendar": "daily", "Persistent": True}}})
    seen = {path: PathState() for path in (*(unit.path for unit in wanted.units), *paths_of(wanted.units, wanted))}
    seen["/var/lib/systemd/timers/stamp-a.timer"] = PathState(kind)
    plan = undo([], wanted, Observed(seen, {}, {}, None), {"a.timer": UnitState("a.timer", load="loaded")})
    assert [action.kinds for action in plan.actions if isinstance(action, act.Clean)] == kinds


def test_user_whose_manager_never_came_up() -> None:
    before = Observed({}, {}, {}, None, manager_runs=False)
    done = [act.MakeDirectory("/a", ""), act.DaemonReload("systemd", ""), act.Reload("a.service", "")]
    assert [action.verb for action in undo(done, NOTHING, before, {}).actions] == ["put_back"]
