# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that systemd stops and restarts along with those of the stack, whoever has defined them.

A stop reaches what requires the unit, or follows it (PartOf=); so does a restart, which starts them again, but a stop
that is followed by a start does not. systemd.unit(5), "Requires=", "PartOf=".
"""

from __future__ import annotations

from typing import Iterable, Mapping

from .._declaration.problems import Problems
from .._desired.desired import Desired, Unit
from .actions import Action, Reload, Restart, Start, Stop
from .observed import Observed

_NEEDS = ("Requires", "Requisite", "BindsTo")
_FOLLOWS = ("PartOf", "StopPropagatedFrom")


def along_with(names: Iterable[str], desired: Desired, observed: Observed) -> dict[str, str]:
    """Unit → the one with which it is stopped or restarted, of all that these reach, directly or not.

    By the definitions that are loaded, and those that are about to be.
    """
    reached = _by_documents(desired.units, (*_NEEDS, *_FOLLOWS))
    for state in observed.units.values():
        reached.setdefault(state.name, set()).update(state.required_by, state.followed_by)
    return _closure(names, reached)


def cannot_run_without(names: Iterable[str], desired: Desired, observed: Observed) -> set[str]:
    """Those that need one of these, directly or not: units of the stack as they are declared, others as they are loaded.

    What needs it by a link of ours (RequiredBy=) does so no longer than the link is there.
    """
    reached = _by_documents(desired.units, _NEEDS)
    declared = {unit.name for unit in desired.units}
    links = observed.manifest.links if observed.manifest else {}
    ours = {tuple(path.rsplit("/", 2)[1:]) for path in links if ".requires/" in path}
    for state in observed.units.values():
        needing = {name for name in state.required_by if name not in declared and (f"{name}.requires", state.name) not in ours}
        reached.setdefault(state.name, set()).update(needing)
    return set(_closure(names, reached))


def _by_documents(units: Iterable[Unit], keys: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for unit in units:
        for key in keys:
            for value in unit.document.values("Unit", key):
                for word in value.split():
                    found.setdefault(word, set()).add(unit.name)
    return found


def _closure(names: Iterable[str], reached: Mapping[str, set[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    waiting = sorted(names)
    begun = set(waiting)
    while waiting:
        cause = waiting.pop()
        new = sorted(reached.get(cause, set()) - begun - set(found))
        found.update(dict.fromkeys(new, cause))
        waiting += new
    return found


def not_looked_at(planned: Iterable[Action], desired: Desired, observed: Observed) -> list[str]:
    """Units that the plan may move, and of which nothing is known yet."""
    acted_on = {action.target for action in planned if isinstance(action, (Stop, Restart))}
    reached = along_with(acted_on, desired, observed)
    return sorted(name for name in reached if name not in observed.units and "@." not in name)


def going_on(units: Iterable[Action], stopped: Iterable[str], desired: Desired, observed: Observed) -> list[Action]:
    """The actions on units, with starts of what ran before and stops along with a unit that is stopped.

    stopped: units that are stopped before, and stay so. What needs one of them cannot run any more. What is started needs
    no reload.
    """
    units, gone = list(units), set(stopped)
    brought_up = {action.target for action in units if isinstance(action, (Start, Restart))}
    momentary = {action.target for action in units if isinstance(action, Stop)}
    left_down = {*gone, *(momentary - brought_up), *_declared_down(desired)}
    lost = cannot_run_without(gone, desired, observed)
    reached = along_with(momentary | gone, desired, observed)
    starts = {
        name: Start(name, f"it stops with {cause}, and ran before")
        for name, cause in sorted(reached.items())
        if observed.unit(name).is_running and name not in brought_up | lost | left_down
    }
    kept = [action for action in units if not (isinstance(action, Reload) and action.target in starts)]
    return [*kept, *starts.values()]


def check_needed(planned: Iterable[Action], desired: Desired, observed: Observed, problems: Problems) -> None:
    """What the stack no longer declares is not taken from units of others that run, and cannot do so without it."""
    declared = {unit.name for unit in desired.units}
    gone = [action.target for action in planned if isinstance(action, Stop) and action.target not in declared]
    owned = {*declared, *(observed.manifest.owned if observed.manifest else ())}
    for name in gone:
        for other in sorted(cannot_run_without([name], desired, observed) - owned):
            if observed.unit(other).is_running:
                problem = f"{other} runs and needs it, and this stack is about to remove it"
                problems.add(name, other, problem, f"Stop {other} first, or take the requirement out of it.")


def warnings_of_stops(planned: Iterable[Action], desired: Desired, observed: Observed) -> list[str]:
    """What stops because a unit is declared stopped, and it cannot run without that."""
    down = [unit for unit in _declared_down(desired) if any(isinstance(a, Stop) and a.target == unit for a in planned)]
    return [
        f"{name} stops with {', '.join(sorted(down))}, which it needs."
        for name in sorted(cannot_run_without(down, desired, observed) - _declared_down(desired))
        if observed.unit(name).is_running
    ]


def watched_along(actions: Iterable[Action], desired: Desired, observed: Observed) -> set[str]:
    """What ran before, and may be restarted along with the units that are restarted."""
    moved = {action.target for action in actions if isinstance(action, (Stop, Restart))}
    down = _declared_down(desired) | cannot_run_without(_stay_down(actions), desired, observed)
    return {name for name in along_with(moved, desired, observed) if observed.unit(name).is_running} - down


def _declared_down(desired: Desired) -> set[str]:
    return {unit.name for unit in desired.units if unit.masked or unit.state == "stopped"}


def _stay_down(actions: Iterable[Action]) -> set[str]:
    started = {action.target for action in actions if isinstance(action, (Start, Restart))}
    return {action.target for action in actions if isinstance(action, Stop)} - started
