# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd makes for a unit when it starts, and leaves behind: of a deployment that fails nothing is to remain."""

from __future__ import annotations

import posixpath
from typing import Collection

from .._desired.desired import Desired, Unit
from .._desired.specifiers import resolved
from .._unitfile.syntax import Document
from .observed import Observed
from .removal import ancestors

# Directories that systemd makes for a unit when it starts. systemd.exec(5), "RuntimeDirectory="; those below /run go by
# themselves.
_DIRECTORIES = {
    "StateDirectory": "state",
    "CacheDirectory": "cache",
    "LogsDirectory": "logs",
    "ConfigurationDirectory": "configuration",
}


def new_directories(unit: Unit, desired: Desired, before: Observed) -> tuple[str, ...]:
    """The kinds of directories of a unit that were all missing before."""
    if not _has_directories(unit):
        return ()
    paths_of_kind = {kind: data_paths(unit.name, unit.document, directive, desired) for directive, kind in _DIRECTORIES.items()}
    if _is_persistent(unit):
        paths_of_kind["state"] = _stamps(unit, desired)
    return tuple(kind for kind, paths in paths_of_kind.items() if paths and all(_was_missing(path, before) for path in paths))


def new_parents(unit: Unit, desired: Desired, before: Observed) -> list[str]:
    """The directories above those that were missing before, deepest first: systemd leaves them when it cleans a unit."""
    if not _has_directories(unit):
        return []
    found = {parent for directive in _DIRECTORIES for parent in _parents(unit, directive, desired)}
    return sorted((parent for parent in found if _was_missing(parent, before)), reverse=True)


def _has_directories(unit: Unit) -> bool:
    """Those of its own definition; a template has none, and what something else has installed is not ours to clean."""
    return (unit.has_file or unit.is_instance) and not unit.is_template


def _was_missing(path: str, before: Observed) -> bool:
    return path in before.paths and before.paths[path].kind == "missing"


def data_paths(unit: str, document: Document, directive: str, desired: Desired) -> list[str]:
    """Where the directories of one directive may lie: below each root that this scope has for its kind. unit: its name."""
    words = [word.partition(":")[0].rstrip("/") for value in document.values("Service", directive) for word in value.split()]
    names = [resolved(word, unit, desired.scope) for word in words]
    if not all(names):
        return []
    roots = desired.scope.data_directories.get(_DIRECTORIES[directive], ())
    return [posixpath.join(root, name) for name in names for root in roots]


def _parents(unit: Unit, directive: str, desired: Desired) -> list[str]:
    """Of nested directories those above them, below the root of their kind."""
    roots = desired.scope.data_directories.get(_DIRECTORIES[directive], ())
    paths = data_paths(unit.name, unit.document, directive, desired)
    above = [parent for path in paths for parent in ancestors(path) if parent not in roots]
    return [parent for parent in above if any(parent.startswith(f"{root}/") for root in roots)]


def _is_persistent(unit: Unit) -> bool:
    return unit.name.endswith(".timer") and unit.document.values("Timer", "Persistent")[-1:] == ("yes",)


def _stamps(unit: Unit, desired: Desired) -> list[str]:
    """Where systemd notes when a timer has elapsed. systemd.timer(5), "Persistent="."""
    return [f"{root}/stamp-{unit.name}" for root in desired.scope.data_directories.get("timers", ())]


def paths_of(units: Collection[Unit], desired: Desired) -> list[str]:
    """All such paths, to be observed."""
    found: list[str] = []
    for unit in units:
        if _has_directories(unit):
            for directive in _DIRECTORIES:
                found += [*data_paths(unit.name, unit.document, directive, desired), *_parents(unit, directive, desired)]
            found += _stamps(unit, desired) if _is_persistent(unit) else []
    return found
