# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a unit that was started well, as far as systemd can tell? Pure: judges two states of it.

The words about causes are imported where one is told: a deployment that goes well does without.
"""

from __future__ import annotations

from .._dataclasses import dataclass
from .._desired.desired import Unit
from .._plan.observed import UnitState
from .._text import listed
from .diagnostics import Diagnostics
from .failure import Failure


@dataclass(frozen=True)
class Background:
    """What the words about a unit draw on. unit: None for one that the stack does not declare."""

    unit: Unit | None = None
    evidence: Diagnostics = Diagnostics()


_NOTHING_KNOWN = Background()


def judge(
    first: UnitState,
    now: UnitState,
    runs_once: bool = False,
    restarts_before: int = 0,
    ends_well: bool = False,
    background: Background = _NOTHING_KNOWN,
) -> Failure | None:
    """first: right after the jobs; now: later in the settle window. runs_once: it may end, if it ends well.
    restarts_before: automatic restarts that were known of before this run. ends_well: it was seen to wait for an
    automatic restart after a clean end, which is then what it is made for.
    """
    problem = _problem(first, now, runs_once, restarts_before, ends_well, background)
    if not problem:
        return None
    return Failure(now.name, problem, "" if now.is_up else now.invocation, now.began, now.stamp)


def _problem(
    first: UnitState, now: UnitState, runs_once: bool, restarts_before: int, ends_well: bool, background: Background
) -> str:
    again = now.restarts - restarts_before
    if now.has_failed:
        gave_up = f"; systemd has restarted it {_times(now.restarts)}, and given up" if now.restarts else ""
        return f"failed: {_cause(now, background)}{gave_up}"
    if now.loops_well or (now.is_up and ends_well):
        return ""
    if now.is_looping:
        return f"does not stay up: {_cause(now, background)}; systemd is about to restart it"
    if again > 0:
        return f"does not stay up: systemd has restarted it {_times(again)} already{_after(now, background)}"
    if runs_once and now.active == "inactive" and now.result in ("", "success"):
        return ""
    if now.is_skipped and not first.is_up and not _must_run(background.unit):
        return ""
    if not now.is_up:
        return _not_up(first, now, background)
    if first.is_up and now.invocation != first.invocation:
        if background.evidence.was_stopped(first):
            return f"was restarted while it settled, {_BY_OTHERS}"
        return f"does not stay up: it was started again within the settle time{_after(now, background)}"
    return ""


def _must_run(unit: Unit | None) -> bool:
    """Who is asked whether he is well must be there to answer."""
    return unit is not None and unit.health is not None


def _times(count: int) -> str:
    return f"{count} time{'s' if count > 1 else ''}"


def _not_up(first: UnitState, now: UnitState, background: Background) -> str:
    from .causes import unmet

    if now.is_skipped:
        return f"was not started: a condition of its unit is not met{unmet(background.unit, 'Condition')}"
    never_ran = not first.is_up and now.exit_code == 0 and now.result in ("", "success")
    asserted = unmet(background.unit, "Assert")
    if never_ran and asserted:
        return f"was not started: an assertion of its unit is not met{asserted}"
    needed = _required(background.unit)
    if never_ran and needed:
        return f"was not started: it needs {listed(needed)}"
    if background.evidence.was_stopped(now):
        return f"was stopped while it settled, {_BY_OTHERS}"
    return f"ended by itself: {_cause(now, background)}"


_BY_OTHERS = "not by this run: by somebody else, or along with another unit (see systemctl status)"


def _required(unit: Unit | None) -> list[str]:
    keys = ("Requires", "Requisite", "BindsTo")
    return [word for key in keys for value in unit.document.values("Unit", key) for word in value.split()] if unit else []


def _cause(state: UnitState, background: Background) -> str:
    from .causes import cause

    return cause(state, background.unit, background.evidence)


def _after(state: UnitState, background: Background) -> str:
    from .causes import cause_of_last_end

    known = cause_of_last_end(state, background.unit, background.evidence)
    return f", the last time after {known}" if known else ""
