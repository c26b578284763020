# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a started unit well? Two looks at it, a judgement, and words that a person understands."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._health.diagnostics import Diagnostics
from ansible_collections.daemonic.systemd.plugins.module_utils._health.unit_health import Background, judge
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import UnitState

RUNNING = {"active": "active", "sub": "running", "result": "success", "main_pid": 7, "invocation": "a"}
FAILED = {"active": "failed", "sub": "failed", "result": "exit-code", "exit_code": 1, "exit_status": 1, "invocation": "a"}
LOOPING = {
    "active": "activating",
    "sub": "auto-restart",
    "result": "exit-code",
    "exit_code": 1,
    "exit_status": 4,
    "invocation": "a",
}
ENDED = {"active": "inactive", "sub": "dead", "result": "success", "exit_code": 1, "exit_status": 0, "invocation": "a"}


def judged(first: dict[str, Any], now: dict[str, Any], **options: Any) -> str:
    failure = judge(UnitState("a.service", **first), UnitState("a.service", **now), **options)
    if failure is None:
        return ""
    assert failure.unit == "a.service"
    return failure.problem


@pytest.mark.parametrize(
    ("first", "now", "problem"),
    [
        pytest.param(RUNNING, RUNNING, "", id="well"),
        pytest.param({**RUNNING, "active": "activating", "sub": "start"}, RUNNING, "", id="on its way, then well"),
        pytest.param(RUNNING, {**RUNNING, "active": "reloading"}, "", id="reloading"),
        pytest.param(FAILED, FAILED, "failed: exit status 1", id="exit status"),
        pytest.param(RUNNING, {**FAILED, "exit_code": 2, "exit_status": 9, "result": "signal"}, "failed: signal 9", id="signal"),
        pytest.param(RUNNING, {**FAILED, "exit_status": 203}, "failed: 203/EXEC: its executable does not exist", id="203"),
        pytest.param(RUNNING, {**FAILED, "exit_status": 217}, "failed: 217/USER: its user does not exist", id="217"),
        pytest.param(RUNNING, {**FAILED, "exit_status": 200}, "failed: 200/CHDIR", id="200"),
        pytest.param(
            RUNNING,
            {**FAILED, "exit_code": 2, "exit_status": 203, "result": "signal"},
            "failed: signal 203",
            id="203 is no exit status",
        ),
        pytest.param(
            FAILED, {**FAILED, "result": "timeout", "exit_code": 0}, "failed: did not become ready, or did not stop", id="timeout"
        ),
        pytest.param(
            FAILED, {**FAILED, "result": "resources", "exit_code": 0}, "failed: a file or resource that", id="resources"
        ),
        pytest.param(
            FAILED, {**FAILED, "result": "start-limit-hit", "exit_code": 0}, "failed: was started too often", id="start limit"
        ),
        pytest.param(FAILED, {**FAILED, "result": "start-limit-hit"}, "failed: exit status", id="start limit of 262"),
        pytest.param(
            FAILED, {**FAILED, "result": "service-start-limit-hit", "exit_code": 0}, "failed: its service was", id="socket"
        ),
        pytest.param(FAILED, {**FAILED, "result": "new-in-2031", "exit_code": 0}, "failed: new-in-2031", id="an unknown result"),
        pytest.param(LOOPING, LOOPING, "does not stay up: exit status 4; systemd is about to restart it", id="crash loop"),
        pytest.param(
            RUNNING, {**LOOPING, "sub": "auto-restart-queued"}, "does not stay up: exit status 4", id="crash loop of 257"
        ),
        pytest.param(
            RUNNING, {**RUNNING, "restarts": 1, "invocation": "b"}, "systemd has restarted it 1 time already", id="one restart"
        ),
        pytest.param({**RUNNING, "restarts": 3}, {**RUNNING, "restarts": 3}, "restarted it 3 times already", id="three restarts"),
        pytest.param(
            RUNNING, {**RUNNING, "invocation": "b"}, "was started again within the settle time", id="another invocation"
        ),
        pytest.param(RUNNING, ENDED, "ended by itself: exit status 0", id="ended"),
        pytest.param(ENDED, {**ENDED, "condition_met": False, "exit_code": 0, "invocation": ""}, "", id="condition"),
        pytest.param(ENDED, {**ENDED, "result": "exec-condition"}, "", id="condition that is a command"),
        pytest.param(RUNNING, {**ENDED, "condition_met": False}, "condition of its unit", id="ran, and was not started again"),
    ],
)
def test_judge(first: dict[str, Any], now: dict[str, Any], problem: str) -> None:
    found = judged(first, now)
    assert problem in found
    assert bool(problem) == bool(found)


def test_restarts_that_are_known_already_do_not_count() -> None:
    state = {**RUNNING, "restarts": 3}
    assert judged(state, state, restarts_before=3) == ""
    assert "2 times" in judged(state, {**state, "restarts": 5}, restarts_before=3)


@pytest.mark.parametrize(
    ("now", "problem"),
    [
        pytest.param(ENDED, "", id="ended well"),
        pytest.param(
            {"active": "inactive", "sub": "dead", "condition_met": False}, "", id="unloaded, as it is without RemainAfterExit"
        ),
        pytest.param({**RUNNING, "active": "activating", "sub": "start"}, "", id="still at it"),
        pytest.param(FAILED, "failed: exit status 1", id="failed"),
    ],
)
def test_judge_a_oneshot(now: dict[str, Any], problem: str) -> None:
    assert judged({}, now, runs_once=True) == problem


WAITING = {**LOOPING, "result": "success", "exit_status": 0}


@pytest.mark.parametrize(
    ("first", "now", "ends_well", "problem"),
    [
        pytest.param(WAITING, WAITING, False, "", id="waits for its next round"),
        pytest.param(RUNNING, {**RUNNING, "restarts": 1, "invocation": "b"}, True, "", id="in its next round"),
        pytest.param(RUNNING, {**RUNNING, "invocation": "b"}, True, "", id="in another round"),
        pytest.param(RUNNING, LOOPING, True, "does not stay up: exit status 4", id="a round that ended badly"),
        pytest.param(RUNNING, FAILED, True, "failed: exit status 1", id="the last round"),
        pytest.param(RUNNING, {**WAITING, "exit_code": 2, "exit_status": 15}, False, "does not stay up", id="a signal"),
    ],
)
def test_judge_what_ends_well_and_is_started_again(
    first: dict[str, Any], now: dict[str, Any], ends_well: bool, problem: str
) -> None:
    """Restart=always is used for that, too."""
    found = judged(first, now, ends_well=ends_well)
    assert problem in found
    assert bool(problem) == bool(found)


def test_unit_that_ended_and_was_unloaded() -> None:
    """systemd shows nothing of it any more, see captured/*/show.txt, ended.service."""
    unloaded = {"active": "inactive", "sub": "dead", "result": "success"}
    assert judged(RUNNING, unloaded).startswith("ended by itself")


@pytest.mark.parametrize(
    ("now", "invocation"),
    [pytest.param(FAILED, "a", id="failed"), pytest.param({**RUNNING, "restarts": 1}, "", id="a later run")],
)
def test_invocation_whose_journal_tells_more(now: dict[str, Any], invocation: str) -> None:
    failure = judge(UnitState("a.service"), UnitState("a.service", **now))
    assert failure is not None
    assert failure.invocation == invocation


@pytest.mark.parametrize(
    ("times", "since"),
    [
        pytest.param({"left": 5, "started": 7}, 7, id="its main process"),
        pytest.param({"left": 5}, 5, id="what was to run before it failed"),
        pytest.param({}, 0, id="nothing began"),
    ],
)
def test_the_time_since_when_its_journal_tells_more(times: dict[str, int], since: int) -> None:
    failure = judge(UnitState("a.service"), UnitState("a.service", **{**FAILED, **times}))
    assert failure is not None
    assert failure.since == since


class Stopped(Diagnostics):
    """The manager has noted that it was asked to stop the first start."""

    def was_stopped(self, state: UnitState) -> bool:
        return state.invocation == "a"


def test_who_stops_a_unit_while_it_settles_is_not_taken_for_the_unit() -> None:
    background = Background(evidence=Stopped())
    killed = {**ENDED, "exit_code": 2, "exit_status": 15}
    assert judged(RUNNING, killed, background=background).startswith("was stopped while it settled, not by this run")
    assert judged(RUNNING, killed) == "ended by itself: signal 15"
    again = {**RUNNING, "invocation": "b"}
    assert judged(RUNNING, again, background=background).startswith("was restarted while it settled, not by this run")
    assert judged(RUNNING, again).startswith("does not stay up: it was started again")
