# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the host: one digest pass, one batched `systemctl show`. Changes nothing, decides nothing."""

from __future__ import annotations

import os
import re
import time
from typing import Callable, Iterable, Iterator, Mapping, Sequence

from ..._dataclasses import replace
from ..._declaration.problems import Problems
from ..._desired import stamp
from ..._desired.desired import Desired
from ..._desired.enablement import DEPENDENCY_DIRECTORIES
from ..._desired.scope import Scope, scope_of
from ..._desired.sysusers_tmpfiles import OTHERS, made_accounts, made_paths
from ..._plan import exec_directories, hidden_units, socket_nodes
from ..._plan.observed import MANIFEST_VERSION, Manifest, Observed, PathState, PredecessorState, ReleaseState, UnitState
from ..._plan.releases import on_record, superfluous, too_old
from ..._plan.removal import ancestors, copies_of_masks, units_to_release, units_to_remove
from ..._systemd_cli import parse
from ..io.commands import Commands
from ..io.disk import Disk
from ..io.manager import Manager
from .foreign import foreign_of, with_given

# How long what somebody else has begun is waited for, in seconds. What reloads without a job may never tell that it has
# done so. A stop has come to its end by then unless its unit has a longer timeout than systemd's own of 90 s.
_PATIENCE = 30
_PATIENCE_WITHOUT_JOB = 2
_PATIENCE_WITH_STOPS = 100
_INTERVAL = 0.2


def observe(desired: Desired, disk: Disk, commands: Commands, manager: Manager) -> Observed:
    """Everything that the plan of this stack may depend on. Raises ValidationFailed for what cannot be read or waited for."""
    manifest = read_manifest(disk, desired.scope, desired.stack)
    directories = desired.scope.link_directories if desired.is_partial else (desired.scope.unit_directory,)
    links = {path: target for directory in directories for path, target in _enabling_links(disk, directory).items()}
    paths = _paths(desired, manifest, disk)
    paths.update({path: PathState("link", target=target) for path, target in links.items()})
    gone = units_to_remove(desired, manifest) if manifest else []
    left = units_to_release(desired, manifest) if manifest else []
    templates = [name for name in (*(unit.name for unit in desired.units), *gone) if "@." in name]
    predecessor = list(filter(None, [manifest.predecessor.get("unit", "")])) if manifest else []
    states: dict[str, UnitState] = {}
    if manager.is_running:
        names = [name for name in (*desired.unit_names, *gone, *left, *predecessor) if "@." not in name]
        states = _settled(names, templates, commands)
        if not desired.is_partial:
            states = with_given(states, manifest)
    looked = foreign_of(desired, states, manifest, disk)
    seen = Observed(
        paths=paths,
        units=states,
        links=links,
        manifest=manifest,
        releases=_releases(desired, paths, manifest, disk),
        instances={template: _instances_of(template, states) for template in templates},
        owners=_owners(desired, paths, states, manifest, disk),
        lingers=manager.lingers,
        made_to_linger=disk.state_of(desired.scope.linger_path).kind == "file",
        is_last_stack=_other_stacks(desired, disk) == [],
        manager_runs=manager.is_running,
        exposure=manifest.exposure if manifest else {},
        sysv_enabled=_sysv_enabled(desired, disk),
        now=time.monotonic_ns() // 1000,
        missing_accounts=missing_accounts(desired, disk),
        foreign=looked.foreign,
        stamps_of_others=looked.stamps_of_others,
        predecessor=_predecessor(desired.predecessor.unit if desired.predecessor else "".join(predecessor), commands),
    )
    return _with_releases_that_go(seen, desired, disk)


# Files


def read_manifest(disk: Disk, scope: Scope, stack: str) -> Manifest | None:
    path = scope.manifest_path(stack)
    problems = Problems()
    try:
        stored = disk.read_json(path)
        if stored is not None and stored["version"] <= MANIFEST_VERSION:
            return Manifest.from_json(stored)
    except (ValueError, KeyError, TypeError) as error:
        problems.add(path, str(error), "the record of what this stack owns cannot be read", "Restore it, or move it away.")
    else:
        if stored is not None:
            problems.add(path, stored["version"], "was written by a newer version of this collection", "Use that version.")
    problems.raise_if_any()
    return None


def originals_on_record(stack: str, scope: Scope, disk: Disk) -> Mapping[str, str]:
    """Path → where somebody else's file is kept."""
    manifest = read_manifest(disk, scope, stack)
    return manifest.originals if manifest else {}


def _paths(desired: Desired, manifest: Manifest | None, disk: Disk) -> dict[str, PathState]:
    digests = {file.path: file.source.sha256 for file in desired.files}
    owned = [*manifest.files, *manifest.links, *manifest.originals.values()] if manifest else []
    owned += copies_of_masks(desired, manifest).values() if manifest else []
    owned += hidden_units.paths_of(manifest)
    owned += [desired.scope.path_of(unit.name) for unit in desired.units if unit.masked is not None]
    if desired.is_partial:
        places = desired.scope.link_directories
        owned += [f"{place}/{unit.name}" for place in places for unit in desired.units]
    owned += [path for notice in desired.notices for path in notice.files]
    owned += exec_directories.paths_of(desired.units, desired)
    owned += [path for paths in socket_nodes.declared_nodes(desired).values() for path in paths]
    found = {path: disk.state_of(path, digests.get(path, "")) for path in dict.fromkeys([*desired.paths, *owned]) if path}
    earlier = socket_nodes.earlier_nodes(desired, manifest, found)
    found.update({path: disk.state_of(path) for path in earlier if path not in found})
    created, others = made_paths(desired.files), made_paths(desired.files, OTHERS)
    parents = dict.fromkeys(parent for path in (*desired.paths, *created, *others) for parent in ancestors(path))
    made = manifest.directories if manifest else ()
    found.update({path: disk.state_of_directory(path) for path in dict.fromkeys([*parents, *made, *created])})
    return found


def declared_paths(desired: Desired, disk: Disk) -> dict[str, PathState]:
    """The files and links of the stack, as they are now."""
    found = {file.path: disk.state_of(file.path, file.source.sha256) for file in desired.files}
    return {**found, **{link.path: disk.state_of(link.path) for link in desired.links}}


def missing_accounts(desired: Desired, disk: Disk) -> frozenset[str]:
    """Of those that files of the stack make. A user who is there already may have another group than that of his name."""
    made = made_accounts(desired.files)
    users = [(name, disk.accounts.uid) for name in made.users]
    groups = [(name, disk.accounts.gid) for name in made.groups - made.users]
    return frozenset(name for name, number in (*users, *groups) if _lacks(name, number))


def _lacks(name: str, number: Callable[[str], int]) -> bool:
    try:
        number(name)
    except KeyError:
        return True
    return False


def _releases(desired: Desired, paths: dict[str, PathState], manifest: Manifest | None, disk: Disk) -> dict[str, ReleaseState]:
    """Those that are declared or on record. Only those that are declared or live are looked at file by file."""
    known = on_record(desired, Observed(paths=paths, units={}, links={}, manifest=manifest))
    links = [unit.release.path for unit in desired.units if unit.release]
    live = [f"{link.rpartition('/')[0]}/{paths[link].target}" for link in links]
    declared = [build.path for build in desired.builds]
    recorded = [f"{home}/{release}" for home, history in known.items() for release in history]
    looked_at = {*declared, *live}
    return {path: disk.state_of_release(path, path in looked_at) for path in dict.fromkeys([*declared, *recorded])}


def _with_releases_that_go(seen: Observed, desired: Desired, disk: Disk) -> Observed:
    """What is asked only where a release is to go: does anything run from it, and what does it hold that was not built?"""
    old = too_old(desired, seen)
    if old and seen.manager_runs:
        from ..io.processes import processes_in  # most runs do without

        seen = replace(seen, in_use=processes_in(old))
    gone = [action.target for action in superfluous(desired, seen)]
    return (
        replace(seen, releases={**seen.releases, **{path: disk.state_of_release(path, True) for path in gone}}) if gone else seen
    )


def _enabling_links(disk: Disk, directory: str) -> dict[str, str]:
    """Every link in a unit directory and its .wants, .requires and .upholds folders: path → target."""
    suffixes = tuple(f".{kind}" for kind in DEPENDENCY_DIRECTORIES.values())
    found = disk.links_in(directory)
    for name in disk.names_in(directory):
        if name.endswith(suffixes):
            found.update(disk.links_in(f"{directory}/{name}"))
    return found


def _sysv_enabled(desired: Desired, disk: Disk) -> frozenset[str]:
    """The units that are scripts of SysV init, and are started at boot: insserv(8), the links of the runlevels 2 to 5."""
    scripts = {unit.name[: -len(".service")]: unit.name for unit in desired.units if unit.installed == "sysv"}
    folders = [folder.format(level) for folder in _RUNLEVELS for level in "2345"] if scripts else []
    linked = {name[3:] for folder in folders for name in disk.names_in(folder) if _STARTED.match(name)}
    return frozenset(unit for script, unit in scripts.items() if script in linked)


_RUNLEVELS = ("/etc/rc{}.d", "/etc/rc.d/rc{}.d", "/etc/init.d/rc{}.d")
_STARTED = re.compile(r"S\d\d")


def _owners(
    desired: Desired, paths: Mapping[str, PathState], states: Mapping[str, UnitState], manifest: Manifest | None, disk: Disk
) -> dict[str, str]:
    """Path → the other stack that owns it. Asked only where something lies in the way, or adds to a unit, that is not ours."""
    ours = {**manifest.files, **manifest.links} if manifest else {}
    places = [file.path for file in desired.files] + [link.path for link in desired.links if hidden_units.is_place(link, desired)]
    places += [unit.release.path for unit in desired.units if unit.release]
    strange = {path for path in places if path not in ours and paths[path].kind != "missing"}
    below = f"{desired.scope.unit_directory}/"
    dropins = {path for state in states.values() for path in state.dropins if path.startswith(below) and path not in ours}
    strange |= dropins - {file.path for file in desired.files}
    if not strange:
        return {}
    owners = {}
    for stack, other in manifests_beside(desired, disk):
        owners.update({path: stack for path in (*other.files, *other.links) if path in strange})
    return owners


def manifests_beside(desired: Desired, disk: Disk) -> Iterator[tuple[str, Manifest]]:
    """The other stacks that write where this one does: those for all users lie in the same /opt and /etc."""
    for stack in _other_stacks(desired, disk):
        other = read_manifest(disk, desired.scope, stack)
        if other:
            yield stack, other
    kind = {"system": "global", "global": "system"}.get(desired.scope.kind)
    scope = scope_of(kind, root=desired.scope.root) if kind else desired.scope
    for name in disk.names_in(scope.state_directory) if kind else ():
        stack = name[: -len(".json")]
        other = read_manifest(disk, scope, stack) if name.endswith(".json") else None
        if other:
            yield f"{stack} (scope: {kind})", other


def _other_stacks(desired: Desired, disk: Disk) -> list[str]:
    names = disk.names_in(desired.scope.state_directory)
    stacks = [name[: -len(".json")] for name in names if name.endswith(".json")]
    return [stack for stack in stacks if stack != desired.stack]


# Units


def _settled(names: Sequence[str], templates: Sequence[str], commands: Commands) -> dict[str, UnitState]:
    """The states, once no job of somebody else is under way. Raises ValidationFailed where one does not come to its end."""
    begun = time.monotonic()
    while True:
        states = unit_states(names, commands, [template.replace("@.", "@*.") for template in templates])
        waited = time.monotonic() - begun
        moving = [state for state in states.values() if state.is_in_transition]
        overdue = [state for state in moving if waited > _patience_with(state)]
        if all(state in overdue and state.is_stuck for state in moving):
            return states
        problems = Problems()
        for state in overdue:
            if not state.is_stuck:
                problem = f"it is still {state.active} after {_patience_with(state)} s"
                problems.add(state.name, f"{state.active} ({state.sub})", problem, _way_out(state, commands))
        problems.raise_if_any()
        time.sleep(_INTERVAL)


def _patience_with(state: UnitState) -> int:
    if state.is_stuck and not state.job:
        return _PATIENCE_WITHOUT_JOB
    return _PATIENCE_WITH_STOPS if state.active == "deactivating" else _PATIENCE


def _way_out(state: UnitState, commands: Commands) -> str:
    """For a unit whose state does not come to its end. What is stopped for too long is ended as systemd itself would."""
    systemctl = "systemctl --user" if commands.is_for_user else "systemctl"
    if state.active == "deactivating":
        return f"End what is left of it with {systemctl} kill --signal=SIGKILL {state.name}, and run the task again."
    return f"See {systemctl} status {state.name}."


def unit_states(names: Iterable[str], commands: Commands, patterns: Sequence[str] = ()) -> dict[str, UnitState]:
    """The states of units, and of the loaded ones that fit a pattern. Patterns come last: how many fit is not known."""
    wanted = list(dict.fromkeys(names))
    if not wanted and not patterns:
        return {}
    states = parse.unit_states(wanted, commands.output(commands.systemctl.show([*wanted, *patterns])))
    return {name: _with_carried(state, commands.is_for_user) for name, state in states.items()}


def _predecessor(unit: str, commands: Commands) -> PredecessorState:
    if not unit:
        return PredecessorState()
    is_enabled = commands.attempt(commands.systemctl.is_enabled(unit))[0] == 0
    kill_mode = commands.output(commands.systemctl.kill_mode(unit)).strip()
    return PredecessorState(is_enabled, kill_mode not in ("process", "none"))


def _instances_of(template: str, states: Mapping[str, UnitState]) -> tuple[str, ...]:
    prefix, _at, suffix = template.partition("@.")
    return tuple(sorted(name for name in states if name.startswith(f"{prefix}@") and name.endswith(f".{suffix}")))


def written_fields(unit: str) -> str:
    return f"{_UNITS}/log-extra-fields:{unit}"


def are_of_this_start(unit: str) -> bool:
    """PID 1 writes the fields of a unit with the link that tells its invocation, but leaves them there when the unit has
    stopped, and when another one of this name is started that has none.
    """
    try:
        return os.lstat(f"{_UNITS}/invocation:{unit}").st_mtime <= os.stat(written_fields(unit)).st_mtime + _AT_ONCE
    except OSError:  # it has stopped, or there are no fields
        return True


_UNITS = "/run/systemd/units"
_AT_ONCE = 0.1  # seconds; both times are those of a clock that ticks every few ms


def _with_carried(state: UnitState, is_for_user: bool) -> UnitState:
    """The stamps and the release of what runs: what PID 1 wrote at its start tells all of them, and outlives the process.

    The environment of the process, which has the stamp that was set last, can be changed by the process: it counts only for
    a user's manager, which writes no such file.
    """
    written = _text(written_fields(state.name)) if not is_for_user and are_of_this_start(state.name) else ""
    asks_process = state.main_pid and (is_for_user or not os.path.lexists(f"{_UNITS}/invocation:{state.name}"))
    carried = _text(f"/proc/{state.main_pid}/environ") if asks_process else ""
    stamps = list(dict.fromkeys(_STAMPS.findall(written) or _STAMPS.findall(carried)))
    release = _RELEASE.search(written)
    return replace(
        state,
        stamp=stamps[0] if stamps else "",
        other_stamps=tuple(stamps[1:]),
        release=release.group(1) if release else "",
    )


_STAMPS = re.compile(rf"\b{stamp.NAME}=([0-9a-f]{{{stamp.LENGTH}}})")
_RELEASE = re.compile(rf"\b{stamp.RELEASE}=([0-9a-f]{{{stamp.LENGTH}}})")


def _text(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "replace")
    except OSError:  # the process has ended, or there is no such record
        return ""
