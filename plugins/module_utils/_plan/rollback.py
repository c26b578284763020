# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollback: what a transaction that failed has changed → the actions that make the host what it was.

Files are not compared: each path that the plan names is put back, and where the transaction did not come to it that is
nothing. Units are compared, by the start that they are in: whoever still runs as before is left alone.
"""

from __future__ import annotations

from typing import Iterable, Mapping, Sequence

from .._dataclasses import dataclass
from .._desired.desired import Desired, Unit
from . import hidden_units, socket_nodes
from .actions import (
    OF_THE_MANAGER,
    Action,
    BuildRelease,
    Clean,
    CreatePaths,
    DaemonReload,
    Disable,
    DisableLinger,
    Enable,
    EnableLinger,
    MakeDirectory,
    MakeLink,
    PutBack,
    Reload,
    Remove,
    RemoveDirectory,
    RemoveRelease,
    ResetFailed,
    Restart,
    Restore,
    SetAside,
    SetAttributes,
    Start,
    Stop,
    TakeOverPorts,
    WriteFile,
)
from .exec_directories import new_directories, new_parents
from .observed import Observed, UnitState
from .open_sockets import closed_addresses
from .plan import Plan
from .removal import is_owned

WHY = "the run has failed"
_OF_FILES = (WriteFile, SetAttributes, MakeLink, Remove, MakeDirectory)


@dataclass(frozen=True)
class Earlier:
    """What runs that were interrupted before this one have done, and is to be undone with it (proven.py).

    files: how their files go back. reloaded, handed_over: units. lingering: what was done.
    """

    files: tuple[Action, ...] = ()
    reloaded: frozenset[str] = frozenset()
    handed_over: frozenset[str] = frozenset()
    lingering: tuple[Action, ...] = ()


NOTHING = Earlier()


def undo(
    done: Iterable[Action], desired: Desired, before: Observed, now: Mapping[str, UnitState], earlier: Earlier = NOTHING
) -> Plan:
    """done: the actions of the plan, whether the run came to them or not. now: the units as the failure has left them;
    none where the manager of a user, which did not run before, does not run.
    """
    done = tuple(done)
    files = list(dict.fromkeys([*files_back(done, before), *earlier.files]))
    if not desired.scope.has_manager:
        return Plan(tuple(files))
    units = _Units(done, desired, before, now, earlier)
    is_there = before.manager_runs or bool(now)
    loaded = is_there and any(isinstance(action, OF_THE_MANAGER) and action.is_needed for action in done)
    actions = [
        *units.stops(),
        *units.cleanings(),
        *files,
        *([DaemonReload("systemd", WHY)] if loaded else []),
        *units.starts(),
        *units.left_nodes(),
        *_lingering((*done, *earlier.lingering)),
    ]
    return Plan(tuple(actions), tuple(sorted(units.to_watch)))


def late_stops(before: Observed, now: Mapping[str, UnitState]) -> list[Action]:
    """What did not run before, and was pulled in by a unit that was started again."""
    ours = [name for name in now if name not in before.along]
    return [Stop(name, "it did not run before") for name in ours if _ran(now[name]) and not _ran(before.unit(name))]


def on_their_way(before: Observed, now: Mapping[str, UnitState]) -> set[str]:
    """What ran before, and is on its way up again along with a unit that was started or restarted."""
    return {name for name, state in now.items() if before.unit(name).is_running and (state.is_queued or state.is_starting)}


def files_back(done: Sequence[Action], before: Observed) -> list[Action]:
    """The last change first. Accounts stay, since files may be theirs by now; so does a release that was there, had been
    changed by hand, and was built again.
    """
    found: list[Action] = []
    for action in reversed(done):
        if isinstance(action, BuildRelease) and before.release(action.target).kind in ("missing", "partial"):
            found.append(RemoveRelease(action.target, WHY))
        elif isinstance(action, CreatePaths):
            found += [PutBack(path, WHY) for path in action.others]
            found += [RemoveDirectory(path, WHY) for path in action.new]
        elif isinstance(action, SetAside):  # what it keeps a copy of stayed in its place
            found.append(PutBack(action.to, WHY))
        elif isinstance(action, Restore):
            found += [PutBack(action.backup, WHY), PutBack(action.target, WHY)]
        elif isinstance(action, (Enable, Disable)):
            found.append((Disable if isinstance(action, Enable) else Enable)(action.target, WHY))
        elif isinstance(action, _OF_FILES):
            found.append(PutBack(action.target, WHY))
    return list(dict.fromkeys(found))


class _Units:
    def __init__(
        self, done: Iterable[Action], desired: Desired, before: Observed, now: Mapping[str, UnitState], earlier: Earlier
    ) -> None:
        self._desired = desired
        self._before = before
        self._now = now
        self._nodes = socket_nodes.declared_nodes(desired)
        done = tuple(done)
        self._reloaded = {*earlier.reloaded, *(action.target for action in done if isinstance(action, Reload))} & set(now)
        acted_on = {action.target for action in done if isinstance(action, (Start, Restart, Stop))}
        jobs = {unit.name for unit in desired.units if unit.runs_once and unit.name not in acted_on}
        # It may have ended behind the back of systemd, which takes it for running.
        self._handed_over = {*earlier.handed_over, *(action.target for action in done if isinstance(action, TakeOverPorts))}
        self._ends_alone = jobs | {name for name in now if _is_of_a_connection(name, desired, before)}
        changed = {name for name in now if self._is_changed(name)} | self._closed()
        # While its service runs, a socket can neither be started nor stopped for good.
        self._with_sockets = {unit.name for unit in desired.units if changed.intersection(unit.sockets)} & set(now)
        self._changed = sorted(changed | self._with_sockets)
        # The foreign unit of that name has another way to stop.
        self._took_a_place = {unit.name for unit in desired.units if hidden_units.runs_another(unit, before)}
        self._leaving = {unit.name: kinds for unit in desired.units if (kinds := self._left_by(unit))}

    def _closed(self) -> set[str]:
        """Sockets that are active still, but whose listener systemd has closed when it read their new definition."""
        sockets = [unit for unit in self._desired.units if unit.name.endswith(".socket") and self._now.get(unit.name) is not None]
        open_before = [unit for unit in sockets if _ran(self._before.unit(unit.name))]
        return {unit.name for unit in open_before if closed_addresses(unit, self._desired, self._before)}

    def _left_by(self, unit: Unit) -> tuple[str, ...]:
        """The kinds of directories that this run may have had made for it.

        Whether it was started does not show for sure: systemd forgets a job that is done.
        """
        now = self._now.get(unit.name)
        may_have_started = unit.name in self._changed or not _ran(self._before.unit(unit.name))
        is_known = now is not None and now.load == "loaded"
        return new_directories(unit, self._desired, self._before) if is_known and may_have_started else ()

    def _is_changed(self, name: str) -> bool:
        """It is in another start than before, or has stopped.

        A job that was under way and is done now is not done twice. Whose connection has ended cannot be started again.
        """
        before, now = self._before.unit(name), self._now[name]
        if name in self._before.along:  # of others, and moved along: what it runs is its own affair
            return before.is_running and not now.is_up
        if not _ran(before):
            return _ran(now) or (now.has_failed and not before.has_failed)
        if name in self._ends_alone and not _ran(now):
            return False
        return not now.is_up or now.invocation != before.invocation

    def stops(self) -> list[Action]:
        """With the new definition, which started it: what did not run, sockets with their services, what must be cleaned."""
        sockets = {name for name in self._changed if name.endswith(".socket")}
        stopped = {*sockets, *self._with_sockets, *self._leaving, *self._took_a_place}
        going = [name for name in self._changed if name in stopped or not _ran(self._before.unit(name))]
        return [Stop(name, WHY) for name in going if _ran(self._now[name])]

    def cleanings(self) -> list[Action]:
        """No directory stays that was not there before; a failed unit cannot be cleaned."""
        actions: list[Action] = socket_nodes.removals(self._opened(), WHY)
        for unit in self._desired.units:
            if unit.name in self._leaving:
                actions += [ResetFailed(unit.name, WHY), Clean(unit.name, WHY, self._leaving[unit.name])]
                actions += [RemoveDirectory(path, WHY) for path in new_parents(unit, self._desired, self._before)]
        return actions

    def _opened(self) -> dict[str, str]:
        """Paths of sockets that this run has opened, and that were not open before."""
        opened = {name for name in self._changed if not _ran(self._before.unit(name))}
        return {path: service for name in opened & set(self._nodes) for path, service in self._nodes[name].items()}

    def left_nodes(self) -> list[Action]:
        """What was not there before: another address of a socket, for one."""
        known = {path: service for paths in self._nodes.values() for path, service in paths.items()} if self._changed else {}
        new = {path: service for path, service in known.items() if self._before.path(path).kind == "missing"}
        return socket_nodes.removals({path: service for path, service in new.items() if path not in self._opened()}, WHY)

    def starts(self) -> list[Action]:
        stopped = {action.target for action in self.stops()}
        ran = [name for name in self._changed if _ran(self._before.unit(name))]
        # What waits for its automatic restart may be started by it with the new definition, before systemd has read the old.
        restarts = [name for name in ran if _ran(self._now[name]) and name not in stopped]
        restarts += [name for name in sorted(self._handed_over & set(self._now)) if name not in restarts]
        restarts += self._unable_to_reload()
        return [
            *(ResetFailed(name, WHY) for name in self._changed if name in ran or not self._before.unit(name).has_failed),
            *(ResetFailed(name, WHY) for name in self._unable_to_reload()),
            *(Restart(name, "it ran before, with its old configuration") for name in restarts),
            *(Reload(name, "it was reloaded") for name in self._to_reload()),
            *(Start(name, "it ran before") for name in sorted(ran, key=_sockets_first) if name not in restarts),
        ]

    def _took_notice(self) -> list[str]:
        return [name for name in sorted(self._reloaded - set(self._changed)) if self._now[name].is_up]

    def _to_reload(self) -> list[str]:
        return [name for name in self._took_notice() if name not in self._unable_to_reload()]

    def _unable_to_reload(self) -> list[str]:
        """What was reloaded by its new definition, but has no way to reload by the old one, or does not come to its end."""
        return [name for name in self._took_notice() if not self._before.unit(name).can_reload or self._now[name].is_stuck]

    @property
    def to_watch(self) -> set[str]:
        """What ran well before must do so again."""
        acted_on = {action.target for action in self.starts() if not isinstance(action, ResetFailed)}
        return {name for name in acted_on if self._before.unit(name).is_up}


def _is_of_a_connection(name: str, desired: Desired, before: Observed) -> bool:
    """An instance that nobody has declared, of a template with a socket of the same name. systemd.socket(5), "Accept="."""
    prefix, at, _instance = name.partition("@")
    is_declared = name in desired.unit_names or is_owned(name, before)
    return at != "" and not is_declared and f"{prefix}.socket" in before.units


def _ran(state: UnitState) -> bool:
    return state.is_up or state.is_looping


def _sockets_first(name: str) -> bool:
    return not name.endswith(".socket")


def _lingering(done: Iterable[Action]) -> list[Action]:
    """The manager of a user ends with it, where it did not run before."""
    opposite = {EnableLinger: DisableLinger, DisableLinger: EnableLinger}
    return [opposite[type(action)](action.target, WHY) for action in done if type(action) in opposite]
