# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the host: one digest pass, one batched `systemctl show`. Changes nothing, decides nothing."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Iterable

from .._stack import stamp
from .._stack.desired import Desired, Scope
from .._stack.install import DEPENDENCY_DIRECTORIES
from .._stack.observed import MANIFEST_VERSION, Manifest, Observed, PathState, UnitState
from .._stack.problems import Problems
from .._stack.removal import ancestors, units_to_remove
from .._systemctl import argv, parse
from .commands import Commands
from .files import read_json, state_of, state_of_directory


def observe(desired: Desired, commands: Commands) -> Observed:
    """Everything that the plan of this stack may depend on. Raises Refused for a manifest that cannot be read."""
    manifest = read_manifest(desired.scope, desired.stack)
    paths = _paths(desired, manifest)
    names = [unit.name for unit in desired.units if not unit.is_template]
    names += units_to_remove(desired, manifest) if manifest else []
    links = _enabling_links(desired.scope)
    paths.update({path: PathState("link", target=target) for path, target in links.items()})
    states = unit_states(names, commands)
    return Observed(paths, states, links, manifest, time.monotonic_ns() // 1000)


def read_manifest(scope: Scope, stack: str) -> Manifest | None:
    path = scope.manifest_path(stack)
    problems = Problems()
    try:
        stored = read_json(path)
        if stored is not None and stored["version"] <= MANIFEST_VERSION:
            return Manifest.from_json(stored)
    except (ValueError, KeyError, TypeError) as error:
        problems.add(path, str(error), "the record of what this stack owns cannot be read", "Restore it, or move it away.")
    else:
        if stored is not None:
            problems.add(path, stored["version"], "was written by a newer version of this collection", "Use that version.")
    problems.raise_if_any()
    return None


def _paths(desired: Desired, manifest: Manifest | None) -> dict[str, PathState]:
    digests = {file.path: file.source.sha256 for file in desired.files}
    owned = [*manifest.files, *manifest.links] if manifest else []
    found = {path: state_of(path, digests.get(path, "")) for path in dict.fromkeys([*desired.paths, *owned])}
    parents = dict.fromkeys(parent for path in desired.paths for parent in ancestors(path))
    made = manifest.directories if manifest else ()
    found.update({path: state_of_directory(path) for path in dict.fromkeys([*parents, *made])})
    return found


def _enabling_links(scope: Scope) -> dict[str, str]:
    """Every link in the unit directory and its .wants, .requires and .upholds folders: path → target."""
    suffixes = tuple(f".{directory}" for directory in DEPENDENCY_DIRECTORIES.values())
    found = {}
    with os.scandir(scope.unit_directory) as entries:
        for entry in entries:
            if entry.is_symlink():
                found[entry.path] = os.readlink(entry.path)
            elif entry.name.endswith(suffixes) and entry.is_dir():
                with os.scandir(entry.path) as members:
                    found.update({member.path: os.readlink(member.path) for member in members if member.is_symlink()})
    return {path: os.path.normpath(os.path.join(os.path.dirname(path), target)) for path, target in found.items()}


def unit_states(names: Iterable[str], commands: Commands) -> dict[str, UnitState]:
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    states = parse.unit_states(wanted, commands.output(argv.show(wanted)))
    return {name: replace(state, stamp=_stamp_of(state)) for name, state in states.items()}


def _stamp_of(state: UnitState) -> str:
    """What the process carries in its environment; where that was wiped, or it has ended, what PID 1 wrote at its start."""
    return _stamp_in(f"/proc/{state.main_pid}/environ" if state.main_pid else "") or _stamp_in(
        f"/run/systemd/units/log-extra-fields:{state.name}"
    )


def _stamp_in(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            _before, found, after = stream.read().partition(f"{stamp.NAME}=".encode())
    except OSError:  # the process has ended, or there is no such record
        return ""
    return after[: stamp.LENGTH].decode("ascii", "replace") if found else ""
