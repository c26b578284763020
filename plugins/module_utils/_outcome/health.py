# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a unit that was started well, as far as systemd can tell? Pure: judges two states of it."""

from __future__ import annotations

from dataclasses import dataclass

from .._plan.observed import UnitState
from .._plan.unit_plan import describe_exit

# systemd.exec(5), "Process Exit Codes": what the service manager itself could not do.
_EXEC_FAILURES = {
    200: "200/CHDIR: its working directory cannot be entered",
    203: "203/EXEC: its executable does not exist or cannot be run",
    208: "208/STDIN: its standard input cannot be set up",
    209: "209/STDOUT: its standard output cannot be set up",
    216: "216/GROUP: its group does not exist",
    217: "217/USER: its user does not exist",
    226: "226/NAMESPACE: its file system namespace cannot be set up",
    238: "238/STATE_DIRECTORY: its state directory cannot be made",
    240: "240/LOGS_DIRECTORY: its logs directory cannot be made",
}
_RESULTS = {
    "timeout": "did not become ready, or did not stop, in time",
    "resources": "a file or resource that its unit names is missing (EnvironmentFile=, a port that is in use, memory)",
    "start-limit-hit": "was started too often in a short time",
    "service-start-limit-hit": "its service was started too often in a short time",
    "trigger-limit-hit": "was triggered too often in a short time",
    "protocol": "its process did not behave as its Type= promises",
    "oom-kill": "was killed for lack of memory",
    "watchdog": "did not answer its watchdog",
}


@dataclass(frozen=True)
class Failure:
    """A unit that is not well. problem: a clause after its name.

    invocation: the run whose journal tells more; "" when that run is over and a later one has taken its place. since:
    when its main process began, in µs of the monotonic clock. stamp: that of its journal lines.
    """

    unit: str
    problem: str
    invocation: str
    since: int = 0
    stamp: str = ""


def judge(
    first: UnitState, now: UnitState, runs_once: bool = False, restarts_before: int = 0, ends_well: bool = False
) -> Failure | None:
    """first: right after the jobs; now: later in the settle window. runs_once: it may end, if it ends well.
    restarts_before: automatic restarts that were known of before this run. ends_well: it was seen to wait for an
    automatic restart after a clean end, which is then what it is made for.
    """
    problem = _problem(first, now, runs_once, restarts_before, ends_well)
    if not problem:
        return None
    return Failure(now.name, problem, "" if now.is_up else now.invocation, now.started, now.stamp)


def _problem(first: UnitState, now: UnitState, runs_once: bool, restarts_before: int, ends_well: bool) -> str:
    if now.has_failed:
        return f"failed: {_cause(now)}"
    if now.loops_well or (now.is_up and ends_well):
        return ""
    if now.is_looping:
        return f"does not stay up: {_cause(now)}; systemd is about to restart it"
    if now.restarts > restarts_before:
        times = now.restarts - restarts_before
        return f"does not stay up: systemd has restarted it {times} time{'s' if times > 1 else ''} already"
    if runs_once and now.active == "inactive" and now.result in ("", "success"):
        return ""
    if not now.is_up:
        return (
            "was not started: a condition of its unit is not met" if not now.condition_met else f"ended by itself: {_cause(now)}"
        )
    if first.is_up and now.invocation != first.invocation:
        return "does not stay up: it was started again within the settle time"
    return ""


def _cause(state: UnitState) -> str:
    if state.exit_code == 1 and state.exit_status in _EXEC_FAILURES:
        return _EXEC_FAILURES[state.exit_status]
    return _RESULTS.get(state.result) or describe_exit(state)
