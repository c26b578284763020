# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last look: (declared, before, after) → what does not hold."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._health.last_look import last_look, still_down
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, PathState, UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import UNITS, desired, unit, units_of

NAME = "a.service"
UP = {"load": "loaded", "active": "active", "sub": "running", "result": "success", "main_pid": 7, "invocation": "a"}
JOB = {"Type": "oneshot"}
STATES: dict[str, dict[str, Any]] = {
    "up": UP,
    "reloading": {**UP, "active": "reloading", "sub": "reload"},
    "starting": {**UP, "active": "activating", "sub": "start", "main_pid": 0},
    "a job that runs": {**UP, "active": "activating", "sub": "start", "runs_once": True},
    "looping": {**UP, "active": "activating", "sub": "auto-restart", "result": "exit-code", "exit_code": 1, "exit_status": 3},
    "ends well and begins again": {**UP, "active": "activating", "sub": "auto-restart", "exit_code": 1, "exit_status": 0},
    "failed": {**UP, "active": "failed", "sub": "failed", "result": "exit-code", "exit_code": 1, "exit_status": 3},
    "down": {**UP, "active": "inactive", "sub": "dead", "main_pid": 0},
}
WELL = ""
NOTHING = Plan(())


def state(name: str = NAME, like: str = "up", **fields: Any) -> UnitState:
    return UnitState(name, **{**STATES[like], **fields})


def declared(**options: Any) -> Desired:
    return desired(units={NAME: unit(**options)})


def host(*units: UnitState, wanted: Desired | None = None, along: frozenset[str] = frozenset()) -> Observed:
    """wanted: all of its files and links are there."""
    files = wanted.files if wanted else ()
    attributes = {"owner": "root", "group": "root", "mode": 0o644}
    paths = {file.path: PathState("file", sha256=file.source.sha256, **attributes) for file in files}
    paths.update({link.path: PathState("link", target=link.target) for link in (wanted.links if wanted else ())})
    return Observed(paths, {each.name: each for each in units}, {}, None, along=along)


def found(wanted: Desired, before: UnitState, after: UnitState, plan: Plan = NOTHING) -> str:
    look = last_look(wanted, plan, host(before), host(after, wanted=wanted))
    assert look.complaints == ()
    return "; ".join(failure.problem for failure in look.failures)


@pytest.mark.parametrize(
    ("options", "like", "problem"),
    [
        ({"state": "started"}, "up", WELL),
        ({"state": "started"}, "reloading", WELL),
        ({"state": "started"}, "ends well and begins again", WELL),
        ({"state": "started"}, "starting", "is still starting"),
        ({"state": "started"}, "looping", "does not stay up: exit status 3; systemd is about to restart it"),
        ({"state": "started"}, "failed", "failed: exit status 3"),
        ({"state": "started"}, "down", "ended by itself: success"),
        ({"state": "started", "Service": JOB}, "down", WELL),
        ({"state": "started", "Service": JOB}, "a job that runs", WELL),
        ({"state": "started", "Service": JOB}, "failed", "failed: exit status 3"),
        ({"state": "stopped"}, "down", WELL),
        ({"state": "stopped"}, "failed", WELL),
        ({"state": "stopped"}, "up", "is running, though it is declared stopped"),
        ({"state": "stopped"}, "looping", "is running, though it is declared stopped"),
        ({"state": "unmanaged"}, "down", WELL),
        ({"state": "unmanaged"}, "up", WELL),
        ({"state": "unmanaged"}, "starting", WELL),
        ({"state": "unmanaged"}, "failed", "failed: exit status 3"),
        ({"state": "unmanaged"}, "looping", "does not stay up: exit status 3; systemd is about to restart it"),
    ],
)
@pytest.mark.parametrize("before", ["up", "down"])
def test_every_declared_unit_is_in_its_declared_state(options: dict[str, Any], before: str, like: str, problem: str) -> None:
    assert found(declared(**options), state(like=before), state(like=like)).startswith(problem)
    assert bool(found(declared(**options), state(like=before), state(like=like))) == bool(problem)


@pytest.mark.parametrize("like", ["failed", "looping"])
def test_what_had_failed_before_and_is_left_to_others_is_none_of_this_run(like: str) -> None:
    assert found(declared(state="unmanaged"), state(like=like), state(like=like)) == WELL


def test_what_fails_again_in_this_run_is() -> None:
    before, after = state(like="failed"), state(like="failed", invocation="b")
    assert found(declared(state="unmanaged"), before, after) == "failed: exit status 3"


def test_a_run_that_changes_nothing_is_judged_by_the_look_it_began_with() -> None:
    wanted, before = declared(state="started"), host(state(like="failed"))
    assert [failure.unit for failure in last_look(wanted, NOTHING, before, before).failures] == [NAME]


def test_what_a_socket_has_started_again() -> None:
    problem = found(declared(state="stopped"), state(), state(triggered_by=("a.socket",)))
    assert problem == "is running, though it is declared stopped: a.socket may have started it"


# What runs is what is declared.


@pytest.mark.parametrize("fragment", [f"{UNITS}/{NAME}", ""])
def test_a_unit_that_is_defined_where_it_is_declared(fragment: str) -> None:
    assert found(declared(), state(), state(fragment=fragment)) == WELL


@pytest.mark.parametrize("fragment", [f"/run/systemd/transient/{NAME}", f"/usr/lib/systemd/system/{NAME}"])
def test_a_unit_that_is_hidden_by_another(fragment: str) -> None:
    assert found(declared(), state(), state(fragment=fragment)) == f"runs what {fragment} defines, not {UNITS}/{NAME}"


def test_a_process_with_another_stamp_is_not_what_was_declared() -> None:
    wanted = declared()
    stamp = units_of(wanted)[NAME].stamps.restart
    assert found(wanted, state(), state(stamp=stamp)) == WELL
    assert found(wanted, state(), state(stamp="0123456789abcdef")) == "still runs with an earlier configuration"


def test_unless_it_is_listed_as_awaiting_its_restart() -> None:
    plan = Plan((), restart_pending=((NAME, "because"),))
    assert found(declared(), state(), state(stamp="0123456789abcdef"), plan) == WELL


def test_a_unit_that_is_frozen_does_not_run() -> None:
    frozen = state(is_frozen=True)
    assert found(declared(), frozen, frozen).startswith("is frozen, so that none of its processes runs: systemctl thaw a.service")
    assert found(declared(state="unmanaged"), frozen, frozen) == WELL


# Files and links.


def test_a_file_or_link_that_changed_under_the_run() -> None:
    wanted = declared()
    after = host(state(), wanted=wanted)
    (link,) = wanted.links
    paths = {f"{UNITS}/{NAME}": PathState("file", sha256="other"), link.path: PathState("link", target="/elsewhere")}
    look = last_look(wanted, NOTHING, host(state()), replace(after, paths={**after.paths, **paths}))
    assert [complaint.partition(":")[0] for complaint in look.complaints] == [
        f"{UNITS}/{NAME} has another content than this run has written",
        f"{link.path} is no link to {link.target} any more",
    ]
    gone = last_look(wanted, NOTHING, host(state()), replace(after, paths={}))
    assert gone.complaints[0].startswith(f"{UNITS}/{NAME} is gone")


def test_a_file_whose_mode_changed_under_the_run() -> None:
    wanted = declared()
    after = host(state(), wanted=wanted)
    path = f"{UNITS}/{NAME}"
    paths = {**after.paths, path: replace(after.paths[path], mode=0o666)}
    (complaint,) = last_look(wanted, NOTHING, host(state()), replace(after, paths=paths)).complaints
    assert complaint.startswith(f"{path} was given another owner or mode during this run (mode is 0666, not 0644): something")


# Units of others.

OTHER = "other.service"


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (state(OTHER), state(OTHER), WELL),
        (state(OTHER, "down"), state(OTHER, "down"), WELL),
        (state(OTHER, "failed"), state(OTHER, "failed"), WELL),
        (state(OTHER, "failed"), state(OTHER), WELL),
        (state(OTHER), state(OTHER, "failed"), "failed: exit status 3"),
        (state(OTHER), state(OTHER, "down"), "ended by itself: success"),
        (state(OTHER), state(OTHER, "looping"), "does not stay up: exit status 3; systemd is about to restart it"),
        (state(OTHER), state(OTHER, "starting"), "is still starting (start)"),
        (state(OTHER), state(OTHER, "down", triggered_by=("other.socket",)), WELL),
    ],
)
def test_what_is_moved_along_is_as_before_or_better(before: UnitState, after: UnitState, problem: str) -> None:
    wanted, along = declared(), frozenset([OTHER])
    look = last_look(wanted, NOTHING, host(state(), before, along=along), host(state(), after, wanted=wanted, along=along))
    prefix = "is not of the stack demo, but ran before, and now it "
    assert [failure.problem for failure in look.failures] == ([f"{prefix}{problem}"] if problem else [])


# After all was put back.


def test_what_ran_before_and_is_still_down_is_no_good_way_back() -> None:
    wanted = declared()
    assert still_down(wanted, host(state()), host(state(like="failed"))) == [f"{NAME} ran before, and is failed (failed) now"]
    assert still_down(wanted, host(state(like="failed")), host(state(like="failed"))) == []
    assert still_down(wanted, host(state()), host(state(like="down", triggered_by=("a.socket",)))) == []
