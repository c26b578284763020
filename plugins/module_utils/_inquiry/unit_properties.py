# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd shows of a unit, and what this collection knows of it → the answer of unit_info."""

from __future__ import annotations

from typing import Any, Mapping

from .._dataclasses import dataclass, field
from .._unitfile.values import seconds
from . import property_values
from .properties import BY_TYPE, COMMON, RELATIONS

# A unit as show prints it: property → value; the lines of one that stands there several times, in one.
Shown = Mapping[str, str]


@dataclass(frozen=True)
class Carried:
    """What this collection has given a service: the stamps of its configuration, that of the stack whose it is first and
    then those of drop-ins of others; and the digest of its release.
    """

    stamps: tuple[str, ...] = ()
    release: str = ""

    @property
    def stamp(self) -> str:
        return self.stamps[0] if self.stamps else ""


@dataclass(frozen=True)
class Known:
    """What is known of a unit besides. loaded: what a start would give it; running: what its process was given, None where
    there is none. exposure: None where it was not asked for and is not on record. files: the text of its files.
    stack: whose it is; drop_in_stacks: the others that have given it drop-ins. stale: None where that cannot be known;
    stale_because: the causes.
    """

    stack: str = ""
    drop_in_stacks: tuple[str, ...] = ()
    stale: bool | None = None
    stale_because: tuple[str, ...] = ()
    exposure: float | None = None
    loaded: Carried = field(default_factory=Carried)
    running: Carried | None = None
    files: list[dict[str, Any]] | None = None


@dataclass(frozen=True)
class Clock:
    """Now, in seconds since the epoch, and in seconds of the clock that timers count by."""

    realtime: float
    monotonic: float


def answer_of(name: str, shown: Shown, known: Known, clock: Clock) -> dict[str, Any]:
    """All keys of its type are there, whatever is set."""
    kind = name.rpartition(".")[2]
    columns = (*COMMON, *BY_TYPE.get(kind, ()))
    found = {key: reader(shown.get(property_, "")) for key, property_, reader in columns}
    found.update(type=kind, since=since(shown), condition_met=condition_met(shown), stack=known.stack or None)
    found["drop_in_stacks"] = list(known.drop_in_stacks)
    if kind == "timer":
        found["schedule"] = found.pop("calendar") + found.pop("monotonic")
        found["next_elapse"] = next_elapse(shown, clock)
    if kind == "service":
        found["exit_status"] = found["exit_status"] if found["exit_code"] else None
        found.update(exposure=known.exposure, **_release(known))
    if known.files is not None:
        found["files"] = known.files
    return found


def states_of(shown: Shown) -> tuple[str, ...]:
    """All that one can ask for as its state."""
    return tuple(shown.get(name, "") for name in ("LoadState", "ActiveState", "SubState", "UnitFileState"))


# Active state → when it was entered, as `systemctl status` tells it.
_SINCE = {
    "active": "ActiveEnterTimestamp",
    "reloading": "ActiveEnterTimestamp",
    "refreshing": "ActiveEnterTimestamp",
    "inactive": "InactiveEnterTimestamp",
    "failed": "InactiveEnterTimestamp",
    "activating": "InactiveExitTimestamp",
    "deactivating": "ActiveExitTimestamp",
}


def since(shown: Shown) -> str | None:
    return property_values.moment(shown.get(_SINCE.get(shown.get("ActiveState", ""), ""), ""))


def condition_met(shown: Shown) -> bool | None:
    """None where no condition was looked at yet: then ConditionResult is no, without a time."""
    return (
        property_values.truth(shown.get("ConditionResult", ""))
        if shown.get("ConditionTimestamp") not in (None, "", "n/a")
        else None
    )


def next_elapse(shown: Shown, clock: Clock) -> str | None:
    """The nearer one of both clocks. What is counted from the boot on moves when the wall clock is set."""
    by_calendar = property_values.moment(shown.get("NextElapseUSecRealtime", ""))
    counted = seconds(shown.get("NextElapseUSecMonotonic", ""))
    by_count = property_values.instant(clock.realtime + counted - clock.monotonic) if counted else None
    return min((each for each in (by_calendar, by_count) if each), default=None)


def is_up(shown: Shown) -> bool:
    return shown.get("ActiveState") not in ("inactive", "failed", "", None)


def _release(known: Known) -> dict[str, Any]:
    """release: what the process runs, or what a start would. stale: whether a restart would run something else."""
    running, loaded = known.running, known.loaded
    if running is None:
        return {"release": loaded.release or None, "stamp": None, "stale": None, "stale_because": []}
    release = running.release or (loaded.release if running.stamp == loaded.stamp else "")
    return {
        "release": release or None,
        "stamp": running.stamp or None,
        "stale": known.stale,
        "stale_because": list(known.stale_because),
    }


def relations_of(shown: Shown) -> dict[str, list[str]]:
    """Those that there are."""
    found = {key: property_values.words(shown.get(property_, "")) for key, property_ in RELATIONS.items()}
    return {key: units for key, units in found.items() if units}
