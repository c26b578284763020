# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack owns on the host and no longer declares: stopped with its old definition, disabled, removed."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from .actions import Action, Remove, RemoveDirectory, ResetFailed, Stop
from .desired import Desired
from .observed import Manifest, Observed


@dataclass(frozen=True)
class Removal:
    """stops come before any file is touched, resets after daemon-reload: a failed unit lingers without its file."""

    stops: tuple[Action, ...] = ()
    files: tuple[Action, ...] = ()
    resets: tuple[Action, ...] = ()


def no_longer_declared(desired: Desired, observed: Observed) -> Removal:
    manifest = observed.manifest
    if manifest is None:
        return Removal()
    units = units_to_remove(desired, manifest)
    paths = _paths_to_remove(desired, observed, manifest)
    why = f"the stack {manifest.stack} does not declare it any more"
    up = [name for name in units if observed.unit(name).is_up or observed.unit(name).is_looping]
    failed = [name for name in units if observed.unit(name).has_failed]
    kept = {*desired.paths, *retained_releases(desired, observed)}
    needed = {parent for path in kept for parent in ancestors(path)}
    directories = [path for path in manifest.directories if path not in needed and observed.path(path).kind == "directory"]
    return Removal(
        stops=tuple(Stop(name, why) for name in up),
        files=(
            *(Remove(path, why) for path in paths),
            *(RemoveDirectory(path, why) for path in sorted(directories, reverse=True)),
        ),
        resets=tuple(ResetFailed(name, "it is failed, and its unit file is gone") for name in failed),
    )


def units_to_remove(desired: Desired, manifest: Manifest) -> list[str]:
    declared = {unit.name for unit in desired.units}
    below = f"{desired.scope.unit_directory}/"
    owned = [path[len(below) :] for path in manifest.files if path.startswith(below) and "/" not in path[len(below) :]]
    return sorted(name for name in owned if name not in declared and "@." not in name)


def _paths_to_remove(desired: Desired, observed: Observed, manifest: Manifest) -> list[str]:
    """Links before files, so that nothing is ever enabled that does not exist."""
    kept = {*desired.paths, *retained_releases(desired, observed)}
    gone_units = {path for path in manifest.files if path not in kept}
    foreign_links = [path for path, target in observed.links.items() if target in gone_units]
    links = dict.fromkeys([*manifest.links, *foreign_links])
    owned = [*(path for path in links), *manifest.files]
    return [path for path in owned if path not in kept and observed.path(path).kind in ("file", "link")]


def retained_releases(desired: Desired, observed: Observed) -> list[str]:
    """Files of earlier releases that stay: the one that was live before this run, of daemons that are still declared.

    While the release does not change, all that is there stays: it was pruned when it last changed.
    """
    if observed.manifest is None:
        return []
    retained = []
    for unit in desired.units:
        if unit.release is None:
            continue
        home = posixpath.dirname(unit.release.path)
        old = observed.path(unit.release.path).target
        kept = f"{home}/releases/" if old == unit.release.target else f"{home}/{old}/"
        retained += [path for path in observed.manifest.files if path.startswith(kept)]
    return retained


def ancestors(path: str) -> list[str]:
    """The directories above a path, nearest first, without the root."""
    found = []
    parent = posixpath.dirname(path)
    while parent not in ("/", ""):
        found.append(parent)
        parent = posixpath.dirname(parent)
    return found
