# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `systemctl isolate` would do: what the target pulls in goes on or starts, nearly all else stops.

Source: systemd.unit(5) on Wants=, Requires=, Conflicts=, PartOf= and IgnoreOnIsolate=, systemctl(1) on isolate. Where that
leaves it open, a unit counts as stopped: this is for a warning.
"""

from __future__ import annotations

from typing import Iterable, Mapping

from .._dataclasses import dataclass
from .target_names import type_of

# What is told of: the rest comes and goes by itself, or ignores an isolation by default.
TOLD = ("service", "socket", "target", "timer", "path")


@dataclass(frozen=True)
class Unit:
    """A unit as its manager has it. names: its own and its aliases. needs: Requires= and the like, without which it does not
    start; wants: what it also starts. follows: what stops it when that stops. skipped: when it was to be started last, a
    condition has kept it from it.
    """

    name: str
    names: tuple[str, ...] = ()
    load: str = "loaded"
    active: str = "inactive"
    allows_isolation: bool = False
    ignores_isolation: bool = False
    needs_reload: bool = False
    skipped: bool = False
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    triggered_by: tuple[str, ...] = ()

    @property
    def is_up(self) -> bool:
        return self.active in ("active", "activating", "reloading", "refreshing", "maintenance")


# By each of its names.
Units = Mapping[str, Unit]


def by_name(units: Iterable[Unit]) -> dict[str, Unit]:
    return {name: unit for unit in units for name in (*unit.names, unit.name)}


def pulled_in(target: str, units: Units) -> dict[str, Unit]:
    """All that is started with it, itself included, by its own name. What cannot be loaded is not."""
    return _reached(target, units, with_wants=True)


def _reached(target: str, units: Units, with_wants: bool) -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    waiting = [target]
    while waiting:
        unit = units.get(waiting.pop())
        if unit and unit.name not in found and unit.load == "loaded":
            found[unit.name] = unit
            waiting += [*unit.needs, *(unit.wants if with_wants else ())]
    return found


def unknown(target: str, units: Units) -> list[str]:
    """Names that systemd has not been asked about yet, and that the target may pull in."""
    reached = pulled_in(target, units).values()
    return sorted({name for unit in reached for name in (*unit.needs, *unit.wants) if name not in units})


def missing_needs(target: str, units: Units) -> list[tuple[str, Unit]]:
    """(who needs it, what it needs) for all that the target cannot be started without and that cannot be loaded."""
    found = {}
    for unit in _reached(target, units, with_wants=False).values():
        for name in unit.needs:
            needed = units.get(name)
            if needed and needed.load != "loaded":
                found[needed.name] = (unit.name, needed)
    return [found[name] for name in sorted(found)]


def stopped_by(target: str, units: Units) -> list[str]:
    """Units that are up and would not be any more."""
    stays = pulled_in(target, units)
    everything = {unit.name: unit for unit in units.values()}.values()
    goes = {unit.name for unit in everything if unit.is_up and not _outlives(unit, stays, units, ())}
    for unit in stays.values():
        goes |= {units[name].name for name in unit.conflicts if name in units and units[name].is_up}
    rest = [unit for unit in everything if unit.is_up and unit.name not in goes]
    while True:
        follow = [
            unit for unit in rest if any(name in units and units[name].name in goes for name in (*unit.needs, *unit.follows))
        ]
        if not follow:
            return sorted(name for name in goes if type_of(name) in TOLD)
        goes |= {unit.name for unit in follow}
        rest = [unit for unit in rest if unit.name not in goes]


def _outlives(unit: Unit, stays: Mapping[str, Unit], units: Units, asked: tuple[str, ...]) -> bool:
    """What is triggered by something that stays, stays, too."""
    if unit.ignores_isolation or unit.name in stays:
        return True
    triggers = (units[name] for name in unit.triggered_by if name in units and name not in asked)
    return any(_outlives(trigger, stays, units, (*asked, unit.name)) for trigger in triggers)


def started_by(target: str, units: Units) -> list[str]:
    """Units that are not up and would be started. Some may end at once, or be kept from it by a condition."""
    candidates = pulled_in(target, units).values()
    return sorted(unit.name for unit in candidates if not unit.is_up and not unit.skipped and type_of(unit.name) in TOLD)


def is_isolated(target: str, units: Units) -> bool:
    """It is reached, and no target is besides it that its isolation would stop.

    Services that somebody has started by hand, or a client by the bus, are no other state of the host.
    """
    found = units.get(target)
    return bool(found and found.is_up) and not any(type_of(name) == "target" for name in stopped_by(target, units))
