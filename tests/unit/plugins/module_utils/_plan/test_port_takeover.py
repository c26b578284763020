# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of somebody else gives way to sockets of a stack, and takes its place again."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Predecessor
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._manifest import manifests
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import (
    Manifest,
    Observed,
    PathState,
    PredecessorState,
    UnitState,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan, plan
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.rollback import undo

from ..builders import SCOPE, desired

OLD = "old.service"
UP = UnitState(OLD, load="loaded", active="active", sub="running", invocation="1")
DOWN = UnitState(OLD, load="loaded")
RECORD = {"unit": OLD, "ran": True, "enabled": True}
UNITS = {
    "a.socket": {"Socket": {"ListenStream": 7, "Accept": True}, "Install": {"WantedBy": "sockets.target"}},
    "a@.service": {"Service": {"ExecStart": "/bin/cat", "StandardInput": "socket"}},
}


def wanted(goes_on: bool = False) -> Desired:
    found = desired(units=UNITS, files={"/etc/old.conf": "nothing\n"}, adopt=True)
    return replace(found, predecessor=Predecessor(OLD, (("tcp", 7),), ("/etc/old.conf",), goes_on, "SIGQUIT"))


def observed(old: UnitState = UP, enabled: bool = True, strict: bool = False, record: Any = None, **units: UnitState) -> Observed:
    manifest = Manifest("demo", predecessor=record) if record else None
    states = {OLD: old, **{name.replace("_", "."): state for name, state in units.items()}}
    return Observed({}, states, {}, manifest, predecessor=PredecessorState(enabled, strict))


def done(planned: Plan) -> list[str]:
    verbs = ("hand_over", "start", "stop", "restart", "enable", "disable", "daemon_reload", "write")
    return [f"{a.verb} {a.target.rpartition('/')[2]}" for a in planned.actions if a.verb in verbs and "a@" not in a.target]


def test_it_gives_way_when_all_is_ready_and_ends_when_the_sockets_are_open() -> None:
    assert done(plan(wanted(), observed())) == [
        "write old.conf",
        "write a.socket",
        "daemon_reload systemd",
        f"hand_over {OLD}",
        "start a.socket",
        f"stop {OLD}",
        f"disable {OLD}",
        "daemon_reload systemd",
    ]


def test_it_goes_on_with_the_rest() -> None:
    assert done(plan(wanted(goes_on=True), observed()))[3:] == [f"hand_over {OLD}", "start a.socket", f"restart {OLD}"]


@pytest.mark.parametrize("strict", [True, False])
def test_it_is_told_how_to_end_only_for_the_moment(strict: bool) -> None:
    planned = plan(wanted(goes_on=True), observed(strict=strict))
    (handed,) = (action for action in planned.actions if isinstance(action, act.TakeOverPorts))
    assert (handed.ports, handed.signal, handed.is_strict) == ((("tcp", 7),), "SIGQUIT", strict)
    assert done(planned)[-1] == ("daemon_reload systemd" if strict else f"restart {OLD}")


@pytest.mark.parametrize(
    ("goes_on", "old", "enabled", "expected"),
    [
        pytest.param(False, DOWN, False, [], id="it does not run anyway"),
        pytest.param(False, DOWN, True, [f"disable {OLD}", "daemon_reload systemd"], id="killed before it was disabled"),
        pytest.param(True, DOWN, False, [f"start {OLD}", f"enable {OLD}", "daemon_reload systemd"], id="something is left again"),
        pytest.param(True, UP, True, [f"hand_over {OLD}", f"restart {OLD}"], id="it must read its files again"),
    ],
)
def test_later_runs(goes_on: bool, old: UnitState, enabled: bool, expected: list[str]) -> None:
    up = UnitState("a.socket", load="loaded", active="active", sub="listening", invocation="2")
    found = observed(old, enabled, record=RECORD, a_socket=up)
    acted = done(plan(wanted(goes_on), found))
    assert [each for each in acted[3:] if "a.socket" not in each] == expected


def test_it_does_not_give_way_for_nothing() -> None:
    up = UnitState("a.socket", load="loaded", active="active", sub="listening", invocation="2", entered=10**7)
    paths = {file.path: PathState("file", file.source.sha256, changed=1) for file in wanted().files}
    found = replace(observed(record=RECORD, a_socket=up), paths=paths)
    assert not [each for each in done(plan(wanted(goes_on=True), found)) if OLD in each]


@pytest.mark.parametrize(
    ("old", "enabled", "record", "expected"),
    [
        (DOWN, False, RECORD, [f"start {OLD}", f"enable {OLD}", "daemon_reload systemd"]),
        (UP, True, RECORD, [f"restart {OLD}"]),
        (DOWN, False, {"unit": OLD, "ran": False, "enabled": False}, []),
        (DOWN, False, None, []),
    ],
)
def test_the_stack_goes(old: UnitState, enabled: bool, record: Any, expected: list[str]) -> None:
    assert done(plan(Desired("demo", SCOPE), observed(old, enabled, record=record))) == expected


def test_the_way_back() -> None:
    planned = plan(wanted(), observed())
    socket = UnitState("a.socket", load="loaded", active="active", sub="listening", invocation="2")
    for now in (UP, DOWN):  # where systemd has not noticed that it has ended, too
        back = undo(planned.actions, wanted(), observed(), {OLD: now, "a.socket": socket})
        acted = [f"{a.verb} {a.target.rpartition('/')[2]}" for a in back.actions if a.target in (OLD, "a.socket")]
        assert [each for each in acted if not each.startswith("reset_failed")] == [
            "stop a.socket",
            f"enable {OLD}",
            f"restart {OLD}",
        ]


def test_what_is_on_record_is_how_it_was_before_the_first_time() -> None:
    planned = plan(wanted(), observed())
    assert manifests.intent(wanted(), observed(), planned).predecessor == RECORD
    later = observed(DOWN, False, record=RECORD)
    assert manifests.outcome(wanted(), later, plan(wanted(), later), later).predecessor == RECORD
    gone = Desired("demo", SCOPE)
    assert manifests.intent(gone, later, plan(gone, later)).predecessor == RECORD
    assert Manifest.from_json(manifests.intent(wanted(), observed(), planned).as_json()).predecessor == RECORD
