# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: what a transaction that failed has changed → the actions that make the host what it was.

Files are not compared: each path that the plan names is put back, and where the transaction did not come to it that is
nothing. Units are compared, by the start that they are in: whoever still runs as before is left alone.
"""

from __future__ import annotations

import posixpath
from typing import Collection, Iterable, Mapping, Sequence

from .._desired.desired import Desired, Unit
from .._unitfile.syntax import Document
from .actions import (
    Action,
    BuildRelease,
    Clean,
    DaemonReload,
    DisableLinger,
    EnableLinger,
    MakeDirectory,
    MakeLink,
    PutBack,
    Reload,
    Remove,
    RemoveRelease,
    ResetFailed,
    Restart,
    Restore,
    SetAside,
    SetAttributes,
    Start,
    Stop,
    WriteFile,
)
from .observed import Observed, UnitState
from .plan import Plan

_WHY = "the run has failed"
_OF_FILES = (WriteFile, SetAttributes, MakeLink, Remove, MakeDirectory)


def undo(done: Iterable[Action], desired: Desired, before: Observed, now: Mapping[str, UnitState]) -> Plan:
    """done: the actions of the plan, whether the run came to them or not. now: the units as the failure has left them."""
    done = tuple(done)
    files = _files(done, before)
    if not desired.scope.has_manager:
        return Plan(tuple(files))
    units = _Units(done, desired, before, now)
    loaded = any(isinstance(action, DaemonReload) for action in done)
    actions = [
        *units.stops(),
        *units.cleanings(),
        *files,
        *([DaemonReload("systemd", _WHY)] if loaded else []),
        *units.starts(),
        *_lingering(done),
    ]
    return Plan(tuple(actions), tuple(sorted(units.to_watch)))


def late_stops(before: Observed, now: Mapping[str, UnitState]) -> list[Action]:
    """What did not run before, and was pulled in by a unit that was started again."""
    return [Stop(name, "it did not run before") for name in now if _ran(now[name]) and not _ran(before.unit(name))]


def _files(done: Sequence[Action], before: Observed) -> list[Action]:
    """The last change first. A release that was there, but had been changed by hand, was built anew for good."""
    found: list[Action] = []
    for action in reversed(done):
        if isinstance(action, BuildRelease) and before.release(action.target).kind in ("missing", "partial"):
            found.append(RemoveRelease(action.target, _WHY))
        elif isinstance(action, SetAside):  # what it keeps a copy of stayed in its place
            found.append(PutBack(action.to, _WHY))
        elif isinstance(action, Restore):
            found += [PutBack(action.kept, _WHY), PutBack(action.target, _WHY)]
        elif isinstance(action, _OF_FILES):
            found.append(PutBack(action.target, _WHY))
    return list(dict.fromkeys(found))


class _Units:
    def __init__(self, done: Iterable[Action], desired: Desired, before: Observed, now: Mapping[str, UnitState]) -> None:
        self._desired = desired
        self._before = before
        self._now = now
        self._reloaded = {action.target for action in done if isinstance(action, Reload)}
        changed = {name for name in now if self._is_changed(name)}
        # While its service runs, a socket can neither be started nor stopped for good.
        self._with_sockets = {unit.name for unit in desired.units if changed.intersection(unit.sockets)} & set(now)
        self._changed = sorted(changed | self._with_sockets)

    def _is_changed(self, name: str) -> bool:
        """It is in another start than before, or has stopped."""
        before, now = self._before.unit(name), self._now[name]
        if not _ran(before):
            return _ran(now) or (now.has_failed and not before.has_failed)
        return not now.is_up or now.invocation != before.invocation

    def stops(self) -> list[Action]:
        """With the new definition, which started it: what did not run, and sockets with their services."""
        sockets = {name for name in self._changed if name.endswith(".socket")}
        going = [name for name in self._changed if name in sockets | self._with_sockets or not _ran(self._before.unit(name))]
        return [Stop(name, _WHY) for name in going if _ran(self._now[name])]

    def cleanings(self) -> list[Action]:
        """A unit that is new leaves no directory behind that systemd has made for it; a failed unit cannot be cleaned."""
        actions: list[Action] = []
        for unit in self._desired.units:
            kinds = new_directories(unit, self._desired, self._before)
            if kinds and self._now.get(unit.name) and self._now[unit.name].invocation:
                actions += [ResetFailed(unit.name, _WHY), Clean(unit.name, _WHY, kinds)]
        return actions

    def starts(self) -> list[Action]:
        stopped = {action.target for action in self.stops()}
        ran = [name for name in self._changed if _ran(self._before.unit(name))]
        restarts = [name for name in ran if self._now[name].is_up and name not in stopped]
        return [
            *(ResetFailed(name, _WHY) for name in self._changed if name in ran or not self._before.unit(name).has_failed),
            *(Restart(name, "it ran before, with its old configuration") for name in restarts),
            *(Reload(name, "it was reloaded") for name in sorted(self._reloaded - set(self._changed)) if self._now[name].is_up),
            *(Start(name, "it ran before") for name in sorted(ran, key=_sockets_first) if name not in restarts),
        ]

    @property
    def to_watch(self) -> set[str]:
        """What ran well before must do so again."""
        acted_on = {action.target for action in self.starts() if not isinstance(action, ResetFailed)}
        return {name for name in acted_on if self._before.unit(name).is_up}


def _ran(state: UnitState) -> bool:
    return state.is_up or state.is_looping


def _sockets_first(name: str) -> bool:
    return not name.endswith(".socket")


def _lingering(done: Iterable[Action]) -> list[Action]:
    """The manager of a user ends with it, where it did not run before."""
    opposite = {EnableLinger: DisableLinger, DisableLinger: EnableLinger}
    return [opposite[type(action)](action.target, _WHY) for action in done if type(action) in opposite]


# Directories that systemd makes for a unit when it starts. systemd.exec(5), "RuntimeDirectory="; those below /run go by
# themselves.
_DIRECTORIES = {"StateDirectory": "state", "CacheDirectory": "cache", "LogsDirectory": "logs"}


def new_directories(unit: Unit, desired: Desired, before: Observed) -> tuple[str, ...]:
    """The kinds of directories of a unit that were all missing before, if the unit was, too."""
    if not unit.has_file or unit.is_template or before.path(unit.path).kind != "missing":
        return ()
    found = []
    for directive, kind in _DIRECTORIES.items():
        paths = data_paths(unit.document, directive, desired)
        if paths and all(before.paths.get(path) and before.paths[path].kind == "missing" for path in paths):
            found.append(kind)
    return tuple(found)


def data_paths(document: Document, directive: str, desired: Desired) -> list[str]:
    """Where the directories of one directive may lie: below each root that this scope has for its kind."""
    names = [word.partition(":")[0] for value in document.values("Service", directive) for word in value.split()]
    if any("%" in name for name in names):
        return []
    roots = desired.scope.data_directories.get(_DIRECTORIES[directive], ())
    return [posixpath.join(root, name) for name in names for root in roots]


def paths_of(units: Collection[Unit], desired: Desired) -> list[str]:
    """All such paths, to be observed."""
    own = [unit for unit in units if unit.has_file and not unit.is_template]
    return [path for unit in own for directive in _DIRECTORIES for path in data_paths(unit.document, directive, desired)]
