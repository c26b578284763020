# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last look decides: is the host as it is declared, whatever the plan did or believed? Pure.

Asked of every declared unit, whether this run touched it or not; of every unit that systemd has stopped or restarted
along with one of them; of every process; and after a run that has changed anything, of every declared file and link.
"""

from __future__ import annotations

from typing import Iterable

from .._dataclasses import dataclass, replace
from .._desired.desired import Desired, Unit
from .._desired.enablement import plain
from .._plan.actions import Reload, Stop
from .._plan.file_plan import differing_attributes
from .._plan.observed import Observed, PathState, UnitState
from .._plan.plan import Plan
from .._plan.propagation import cannot_run_without
from .._plan.staleness import lacks
from .failure import Failure


@dataclass(frozen=True)
class LastLook:
    """What does not hold. failures: of units; complaints: of paths, each a sentence."""

    failures: tuple[Failure, ...] = ()
    complaints: tuple[str, ...] = ()


def last_look(desired: Desired, plan: Plan, before: Observed, after: Observed) -> LastLook:
    """before, after: the run. Of a run that has changed nothing they are the same, and its look is the one it began with."""
    paths = _paths(desired, after) if after is not before else ()
    if not desired.scope.has_manager or desired.how.no_block:
        return LastLook((), tuple(paths))
    failures = [*_declared(desired, plan, before, after), *_along(desired, plan, before, after)]
    return LastLook(tuple(of_others(failures, desired, before)), tuple(paths))


def _declared(desired: Desired, plan: Plan, before: Observed, after: Observed) -> Iterable[Failure]:
    awaiting = {name for name, _reason in plan.restart_pending}
    for unit in desired.units:
        if unit.is_template or unit.is_companion or unit.is_left_alone or unit.name not in after.units:
            continue
        now = after.units[unit.name]
        is_kept = unit.name in awaiting
        found = None if is_kept and now.active == "inactive" else _state(unit, before.unit(unit.name), now)
        if not found and not is_kept:
            found = _definition(unit, plan, before, after)
        if found:
            yield found


def _state(unit: Unit, before: UnitState, now: UnitState) -> Failure | None:
    """Is it in its declared state? Of one whose state is left to others: has it not come to grief in this run?"""
    if unit.state == "stopped":
        by = f": {', '.join(now.triggered_by)} may have started it" if now.triggered_by else ""
        return _failure(now, f"is running, though it is declared stopped{by}") if now.is_up or now.is_looping else None
    if unit.wants_to_run and now.is_frozen:
        return _failure(now, f"is frozen, so that none of its processes runs: systemctl thaw {now.name} lets them go on")
    had_failed = before.has_failed and before.invocation == now.invocation
    is_bad = now.has_failed or (now.is_looping and not now.loops_well)
    if not unit.wants_to_run and (not is_bad or had_failed or before.is_looping):
        return None
    return _judged(now, now, unit)


def _judged(first: UnitState, now: UnitState, unit: Unit | None) -> Failure | None:
    if now.is_running or now.is_job or now.loops_well:
        return None
    if now.is_starting:
        return _failure(now, f"is still starting ({now.sub})")
    from .unit_health import Background, judge  # a run in which all is well does without

    return judge(first, now, unit is not None and unit.runs_once, now.restarts, background=Background(unit))


def _definition(unit: Unit, plan: Plan, before: Observed, after: Observed) -> Failure | None:
    """Is what runs what is declared?"""
    now = after.unit(unit.name)
    if not now.is_up or not (unit.has_file or unit.is_instance):
        return None
    if now.fragment and plain(now.fragment) != plain(unit.path):
        return _failure(now, f"runs what {now.fragment} defines, not {unit.path}")
    # What this run has reloaded is not on record yet. Which stamp is ours cannot be told in the scope of a user where others
    # have added drop-ins.
    is_reloaded = any(isinstance(action, Reload) and action.target == unit.name for action in plan.actions)
    record = before.record(unit.name) if before.unit(unit.name).invocation == now.invocation else None
    is_behind = unit.stamps.restart != "" and not is_reloaded and lacks(unit.stamps.restart, now, record)
    if is_behind and set(now.stamps) - after.stamps_of_others.get(unit.name, frozenset()):
        return _failure(now, "still runs with an earlier configuration")
    return None


def _along(desired: Desired, plan: Plan, before: Observed, after: Observed) -> Iterable[Failure]:
    """What ran before runs again: units of others, which systemd moves along with ours.

    Not what needs a unit that is declared stopped.
    """
    stopped = [action.target for action in plan.actions if isinstance(action, Stop)]
    down = [unit.name for unit in desired.units if unit.state == "stopped" and unit.name in stopped]
    for name in sorted(after.along - cannot_run_without(down, desired, before)):
        was, now = before.unit(name), after.unit(name)
        found = _judged(was, now, None) if was.is_running and not _sleeps(now) else None
        if found:
            yield found


def of_others(failures: Iterable[Failure], desired: Desired, before: Observed) -> list[Failure]:
    """The failures, with units that are not of the stack named as such."""
    why = f"is not of the stack {desired.stack}, but ran before, and now it"
    return [replace(each, problem=f"{why} {each.problem}") if each.unit in before.along else each for each in failures]


def still_down(desired: Desired, before: Observed, after: Observed) -> list[str]:
    """After all was put back: units that ran before the run that failed, and do not run now."""
    jobs = {unit.name for unit in desired.units if unit.runs_once}
    return [
        f"{name} ran before, and is {now.active} ({now.sub}) now"
        for name, now in sorted(after.units.items())
        if before.unit(name).is_running and not (now.is_up or now.loops_well or name in jobs or _sleeps(now))
    ]


def _sleeps(state: UnitState) -> bool:
    """Until its socket, timer or path starts it."""
    return state.active == "inactive" and state.result in ("", "success") and bool(state.triggered_by)


def _paths(desired: Desired, after: Observed) -> list[str]:
    found = []
    for file in desired.files:
        state = after.path(file.path)
        if state.kind != "file" or state.sha256 != file.source.sha256:
            became = "is gone" if state.kind == "missing" else "has another content than this run has written"
        else:
            differing = differing_attributes(file, state)
            became = f"was given another owner or mode during this run ({differing})" if differing else ""
        if became:
            found.append(f"{file.path} {became}: something else changes it, or one of the units does when it starts.")
    for link in desired.links:
        state = after.path(link.path)
        if not _leads_there(state, link.target):
            found.append(f"{link.path} is no link to {link.target} any more: something else has changed it during this run.")
    return found


def _leads_there(state: PathState, target: str) -> bool:
    return state.kind == "link" and plain(state.target) == plain(target)


def _failure(state: UnitState, problem: str) -> Failure:
    return Failure(state.name, problem, "" if state.is_up else state.invocation, state.began, state.stamp)
