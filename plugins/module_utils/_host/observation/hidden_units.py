# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else must be seen where something takes a place, or goes: foreign units of our names, and who needs our files.

Looked at where the run changes something of the kind alone; an unchanged run reads nothing for it.
"""

from __future__ import annotations

import posixpath
from typing import Iterator

from ..._dataclasses import replace
from ..._desired import stamp
from ..._desired.desired import Desired
from ..._desired.scope import Scope
from ..._desired.unit_file_state import ABSENT, UnitFileState
from ..._plan.hidden_units import MASK, is_transient
from ..._plan.observed import Manifest, Observed
from ..._plan.removal import paths_to_remove
from ..._unitfile.syntax import UnitSyntaxError, parse
from ..io.disk import Disk
from .facts import find_unit
from .observe import manifests_beside

# Beside those in which the collection looks for units: systemd.unit(5), "Unit File Load Path".
_RUNTIME = {
    "user": ("transient", "generator.early", "generator", "generator.late"),
    "system": ("generator.early", "system.attached"),
}


def with_others(desired: Desired, observed: Observed, disk: Disk) -> Observed:
    """The host with what is said there of foreign units and other stacks."""
    if desired.is_partial:
        return observed
    transient = [state.fragment for state in observed.units.values() if is_transient(state.name, observed)]
    paths = {**observed.paths, **{path: disk.state_of(path) for path in transient}} if transient else observed.paths
    observed = replace(observed, paths=paths, hidden=_hidden(desired, observed, disk))
    return replace(observed, needed=_needed(desired, observed, disk))


def _hidden(desired: Desired, observed: Observed, disk: Disk) -> dict[str, UnitFileState]:
    """Foreign units that have the names of units and aliases which are about to be new."""
    owned = observed.manifest.owned if observed.manifest else ()
    links = observed.manifest.links if observed.manifest else {}
    names = [
        unit.name for unit in desired.units if unit.has_file and unit.name not in owned and not _is_file(unit.path, observed)
    ]
    names += [
        posixpath.basename(link.path)
        for link in desired.links
        if posixpath.dirname(link.path) == desired.scope.unit_directory and link.target != MASK and link.path not in links
    ]
    scope = _wider(desired.scope)
    found = {name: find_unit(name, scope, disk) for name in dict.fromkeys(names)}
    return {name: installed for name, installed in found.items() if installed.kind not in ABSENT}


def _is_file(path: str, observed: Observed) -> bool:
    return observed.path(path).kind == "file"


def _wider(scope: Scope) -> Scope:
    above = posixpath.dirname(scope.runtime_directory)
    more = tuple(f"{above}/{name}" for name in _RUNTIME.get(scope.kind, ())) if above else ()
    return replace(scope, unit_path=(*scope.unit_path[:1], *more, *scope.unit_path[1:]))


def _needed(desired: Desired, observed: Observed, disk: Disk) -> dict[str, str]:
    """Files that this stack is about to remove, and that a unit of another stack names: path → which."""
    below = f"{desired.scope.unit_directory}/"
    gone = {path: "" for path in paths_to_remove(desired, observed) if not path.startswith(below) and _is_file(path, observed)}
    found: dict[str, str] = {}
    for stack, manifest in manifests_beside(desired, disk) if gone else ():
        for name, text in _unit_files(manifest, below, disk):
            try:
                named = stamp.inputs_of(parse(text), gone)
            except UnitSyntaxError:  # changed by hand since
                continue
            found.update(dict.fromkeys(named, f"{name} of the stack {stack}"))
    return found


def _unit_files(manifest: Manifest, below: str, disk: Disk) -> Iterator[tuple[str, str]]:
    for path in manifest.files:
        if path.startswith(below) and disk.state_of(path).kind == "file":
            name = path[len(below) :].partition(".d/")[0]
            yield name, disk.read(path).decode("utf-8", "replace")
