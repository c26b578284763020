# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack owns on the host and no longer declares: stopped with its old definition, disabled, removed."""

from __future__ import annotations

import posixpath

from .._dataclasses import dataclass
from .._declaration.unit import PARTIAL
from .._desired.desired import Desired
from . import hidden_units
from .actions import Action, Remove, RemoveDirectory, ResetFailed, Restart, Restore, Stop
from .observed import Manifest, Observed
from .releases import TARGET, retained_files


@dataclass(frozen=True)
class Removal:
    """stops come before any file is touched, resets after daemon-reload: a failed unit lingers without its file.

    restarts: units that something else has installed, and that still run with a drop-in of the stack. directories:
    last of all, when all is well.
    """

    stops: tuple[Action, ...] = ()
    files: tuple[Action, ...] = ()
    resets: tuple[Action, ...] = ()
    restarts: tuple[Action, ...] = ()
    directories: tuple[Action, ...] = ()


def no_longer_declared(desired: Desired, observed: Observed) -> Removal:
    manifest = observed.manifest
    if manifest is None or desired.is_partial:
        return Removal()
    units = units_to_remove(desired, manifest)
    units += [name for unit in units for name in observed.instances.get(unit, ()) if name not in units]
    is_empty = not (desired.units or desired.files)
    why = f"the stack {manifest.stack} {'is to be absent' if is_empty else 'does not declare it any more'}"
    up = [name for name in units if observed.unit(name).is_up or observed.unit(name).is_looping]
    failed = [name for name in units if observed.unit(name).has_failed]
    return Removal(
        stops=tuple(Stop(name, why) for name in up),
        files=tuple(putting_back(path, why, observed) for path in paths_to_remove(desired, observed)),
        resets=(
            *(ResetFailed(name, "it is failed, and its unit file is gone") for name in failed),
            *(
                ResetFailed(name, "its unit file is gone, and it may not have stopped well")
                for name in up
                if name.endswith(".service")
            ),
        ),
        restarts=(
            *(Restart(name, "it still runs with a drop-in that is gone") for name in _released(desired, observed)),
            *hidden_units.starts(desired, observed),
        ),
        directories=tuple(RemoveDirectory(path, why) for path in _directories(desired, observed, manifest)),
    )


def units_to_release(desired: Desired, manifest: Manifest) -> list[str]:
    """Units that something else has installed, and that the stack has changed by drop-ins that it no longer declares."""
    declared = {unit.name for unit in desired.units}
    return sorted(
        name
        for name, record in manifest.units.items()
        if record["stamp"] and name not in declared and not {name, _template(name)} & set(manifest.owned)
    )


def _template(name: str) -> str:
    """That of an instance, which goes on or goes with its template."""
    prefix, at, rest = name.partition("@")
    return f"{prefix}@.{rest.rpartition('.')[2]}" if at else ""


def _released(desired: Desired, observed: Observed) -> list[str]:
    if observed.manifest is None:
        return []
    stamps = {name: observed.manifest.units[name]["stamp"] for name in units_to_release(desired, observed.manifest)}
    return [name for name, stamp in stamps.items() if observed.unit(name).is_up and stamp in observed.unit(name).stamps]


def putting_back(path: str, why: str, observed: Observed) -> Action:
    """Remove what the stack has put there; where somebody else's file lay before, that is put back."""
    kept = observed.manifest.originals.get(path) if observed.manifest else None
    if kept and observed.path(kept).kind in ("file", "link"):
        return Restore(path, f"{why}; what was there before comes back", kept)
    return Remove(path, why)


def is_back(path: str, observed: Observed) -> bool:
    """Somebody else's file or link is in its place: an interrupted run has put it back already, or had not yet taken it."""
    manifest, now = observed.manifest, observed.path(path)
    kept = manifest.originals.get(path) if manifest else None
    if manifest is None or not kept or now.sha256 == manifest.files.get(path):
        return False
    if now.kind == "link" and now.target == manifest.links.get(path):
        return False
    copy = observed.path(kept)
    if copy.kind == "missing":
        return observed.was_interrupted
    return (copy.sha256, copy.target) == (now.sha256, now.target)


def units_to_remove(desired: Desired, manifest: Manifest) -> list[str]:
    declared = {unit.name for unit in desired.units}
    return sorted(name for name in manifest.owned if name not in declared)


def is_owned(unit: str, observed: Observed) -> bool:
    return observed.manifest is not None and unit in observed.manifest.owned


def paths_to_remove(desired: Desired, observed: Observed) -> list[str]:
    """Links before files, so that nothing is ever enabled that does not exist."""
    manifest = observed.manifest
    if manifest is None or desired.is_partial:
        return []
    kept = {*desired.paths, *retained_files(desired, observed)}
    gone = {path for path in manifest.files if path not in kept}
    returning = hidden_units.links_that_return(desired, observed)
    strays = [path for path, target in observed.links.items() if target in gone]
    links_there = [path for path in manifest.links if path not in desired.paths and observed.path(path).kind == "link"]
    left = [path for path in links_there if is_left(path, observed)]
    made = [path for path in links_there if path not in left]
    theirs = {path for path, copy in manifest.originals.items() if copy == "" or is_back(path, observed)}
    theirs |= {*observed.needed, *returning}
    links = [path for path in dict.fromkeys([*made, *strays]) if path not in theirs]
    files = [path for path in manifest.files if observed.path(path).kind == "file" and path not in theirs]
    back = [path for path in manifest.originals if path not in desired.paths and (path in left or is_back(path, observed))]
    copies = [manifest.originals[path] for path in back if observed.path(manifest.originals[path]).kind in ("file", "link")]
    copies += [copy for path, copy in copies_of_masks(desired, manifest).items() if _is_set_aside(path, copy, observed)]
    return [path for path in dict.fromkeys([*links, *files, *copies]) if path not in kept]


def is_left(path: str, observed: Observed) -> bool:
    """A link that somebody has changed since the stack made it. Which release is live is the daemon's own affair."""
    target = observed.path(path).target
    return target != "" and not hidden_units.is_ours(path, observed) and not TARGET.fullmatch(target)


def copies_of_masks(desired: Desired, manifest: Manifest) -> dict[str, str]:
    """What is no longer declared → where it is kept if a unit task has masked it: to unmask it must not bring it back."""
    return {path: desired.scope.original_path(PARTIAL, path) for path in manifest.files if path not in desired.paths}


def _is_set_aside(path: str, copy: str, observed: Observed) -> bool:
    return observed.path(path).target == "/dev/null" and observed.path(copy).kind == "file"


def _directories(desired: Desired, observed: Observed, manifest: Manifest) -> list[str]:
    """Deepest first."""
    kept = {*desired.paths, *retained_files(desired, observed)}
    needed = {parent for path in kept for parent in ancestors(path)}  # a build's own directory goes with RemoveRelease
    gone = [path for path in manifest.directories if path not in needed and observed.path(path).kind == "directory"]
    return sorted(gone, reverse=True)


def ancestors(path: str) -> list[str]:
    """The directories above a path, nearest first, without the root."""
    found = []
    parent = posixpath.dirname(path)
    while parent not in ("/", ""):
        found.append(parent)
        parent = posixpath.dirname(parent)
    return found
