# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the host what the checks of _checks/ need to know. Nothing is run for units that stay as they are."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import Collection, Iterable, Mapping, Sequence

from ..._checks import needs as needed
from ..._checks.dependencies import absent, check_dependencies, named_in
from ..._checks.directives import check_directives
from ..._checks.needs import Brought, Need, brought_by, check_needs, needs_of, state_of_program
from ..._checks.verify import check_verified
from ..._checks.written_units import Written, removed_by, units_of
from ..._declaration.model import Stack
from ..._declaration.problems import Problems
from ..._desired.desired import Desired
from ..._desired.sysusers_tmpfiles import accounts_in, lines_of
from ..._plan.observed import Observed
from ..._plan.plan import Plan
from ..._systemd_cli import argv, parse
from ..._text import listed
from ..._unitfile.names import UNIT_TYPES, is_for_several, template_of
from ..io.accounts import Accounts
from ..io.context import HostContext
from ..io.disk import NEW_FILE_MODE, Disk
from ..io.door import Door
from ..io.staging import RUNTIME, staged
from ..io.systemd_version import systemd_version
from ..observation.facts import SYSTEMD, takes_scripts
from ..observation.observe import unit_states
from .path_walk import check_ways


def check_host(
    stack: Stack,
    desired: Desired,
    observed: Observed,
    planned: Plan,
    written: Sequence[Written],
    context: HostContext,
    problems: Problems,
) -> tuple[str, ...]:
    """Check the units that are about to be written, at least one. Touches nothing. Returns warnings."""
    gone = removed_by(planned)
    version = systemd_version(desired.scope.root, context.commands)
    check_directives(written, _directives(context), version, problems)
    warnings = [
        *_check_dependencies(desired, written, gone, context, problems),
        *_check_needs(desired, observed, written, gone, context, problems),
        *_check_by_systemd(units_of(stack, desired), written, context, problems),
        *_reaching_others(desired, written, context),
    ]
    if stack.unsafe != "ignore":
        unsafe = Problems()
        check_ways(desired, observed, written, context, unsafe)
        warnings += unsafe.by_policy(stack.unsafe, problems)
    return tuple(warnings)


def _directives(context: HostContext) -> Mapping[str, frozenset[str]]:
    """What this host's systemd knows; nothing for an image, whose programs may be of another architecture."""
    systemd = next((path for path in (f"{folder}/systemd" for folder in SYSTEMD) if os.access(path, os.X_OK)), "")
    if context.manager.scope.root or not systemd:
        return {}
    return parse.directives(context.commands.output(argv.dump_directives(systemd)))


# Units that are named


def _check_dependencies(
    desired: Desired, written: Sequence[Written], gone: Collection[str], context: HostContext, problems: Problems
) -> list[str]:
    scope = context.manager.scope
    named = named_in(written)
    known = unit_files(context, gone) | {unit.name for unit in desired.units}
    missing = absent(named, known)
    leaving = {os.path.basename(path) for path in gone}
    loadable = [name for name in missing if "@." not in name and name not in leaving]  # `show` of a template fails
    if loadable and context.manager.is_running:  # what has no file: made by a generator, by the kernel, or by hand
        states = unit_states(loadable, context.commands)
        missing = [name for name in missing if name not in states or states[name].load == "not-found"]
    # What the managers of all users see, and what is yet to be put into an image, cannot be known.
    return check_dependencies(named, missing, known, scope.kind == "global" or bool(scope.root), problems)


def unit_files(context: HostContext, gone: Collection[str] = ()) -> frozenset[str]:
    """The names of all units in the search path that stay, and of the scripts of SysV init for which systemd makes one."""
    scope, user = context.manager.scope, context.manager.user
    more = (
        [f"/run/user/{user.uid}/systemd/{folder}" for folder in ("user", "transient", "generator", "generator.late")]
        if user
        else []
    )
    names = {
        name
        for directory in (*scope.unit_path, *more)
        for name in context.disk.names_in(directory)
        if f"{directory}/{name}" not in gone
    }
    if scope.kind == "system" and takes_scripts(context.disk):
        names |= {f"{name}.service" for name in context.disk.names_in("/etc/init.d")}
    return frozenset(names)


def _reaching_others(desired: Desired, written: Sequence[Written], context: HostContext) -> list[str]:
    """Drop-ins for several units that change: which units that run, and are not the stack's, have them at their next start."""
    if not context.manager.is_running:
        return []
    own = {unit.name for unit in desired.units}
    warnings = []
    for unit in (each.unit for each in written if is_for_several(each.unit.name) and each.unit.name not in own):
        pattern = f"*.{unit.name}" if unit.name in UNIT_TYPES else unit.name.replace("-.", "-*.")
        states = unit_states((), context.commands, [pattern])
        others = sorted(name for name, state in states.items() if state.is_up and not _is_of(name, own))
        if others:
            it_is = f"is for {listed(others)}, too, which this stack does not have"
            warnings.append(f"{unit.place} {it_is}. Nothing is done to them; they have it when they are started again.")
    return warnings


def _is_of(name: str, own: Collection[str]) -> bool:
    return name in own or ("@" in name and template_of(name) in own)


# What is needed to run


def _check_needs(
    desired: Desired,
    observed: Observed,
    written: Sequence[Written],
    gone: Collection[str],
    context: HostContext,
    problems: Problems,
) -> list[str]:
    scope = context.manager.scope
    brought = brought_by(desired, lambda path: observed.path(path).mode or NEW_FILE_MODE)
    wanted = [need for unit in written for need in needs_of(unit, scope.kind, brought)]
    accounts = context.disk.accounts
    made = _made_at_boot(context.disk) if scope.root else (frozenset[str](), frozenset[str]())
    states = {}
    for need in wanted:
        if need.name in brought.files:
            states[need] = _state_of_brought(need, brought, scope.root)
        else:
            states[need] = needed.MISSING if need.name in gone else _state_of(need, scope.root, accounts, made)
    return check_needs(states, bool(scope.root), problems)


def _made_at_boot(disk: Disk) -> tuple[frozenset[str], frozenset[str]]:
    """The accounts that systemd-sysusers makes when the image is first booted."""
    lines: list[str] = []
    for directory in ("/etc/sysusers.d", "/run/sysusers.d", "/usr/local/lib/sysusers.d", "/usr/lib/sysusers.d"):
        for name in disk.names_in(directory):
            if name.endswith(".conf"):
                with contextlib.suppress(OSError):
                    lines.append(disk.read(f"{directory}/{name}").decode("utf-8", "replace"))
    made = accounts_in(lines_of("\n".join(lines)))
    return made.users, made.groups


def _state_of_brought(need: Need, brought: Brought, root: str) -> str:
    """A program that the stack brings, or changes."""
    head = brought.heads.get(need.name, _UNKNOWN)
    return state_of_program(brought.files[need.name], head, lambda path: path in brought.files or _is_there(path, root))


def _state_of(need: Need, root: str, accounts: Accounts, made: tuple[frozenset[str], frozenset[str]]) -> str:
    if need.kind in (needed.USER, needed.GROUP):
        is_user = need.kind == needed.USER
        if need.name in made[0 if is_user else 1]:
            return needed.THERE
        try:
            (accounts.uid if is_user else accounts.gid)(need.name)
        except KeyError:
            return needed.MISSING
        return needed.THERE
    candidates = [f"{directory}/{need.name}" for directory in need.search] or [need.name]
    return _best(_state_of_path(f"{root}{path}", need.kind, root) for path in candidates)


def _state_of_path(path: str, kind: str, root: str) -> str:
    if root and any(os.path.islink(parent) for parent in _with_parents(path, root)):
        return needed.THERE  # a link may lead out of an image
    if not os.path.exists(path):
        return needed.MISSING
    if kind == needed.DIRECTORY:
        return needed.THERE if os.path.isdir(path) else needed.NOT_A_DIRECTORY
    if kind == needed.PROGRAM:
        mode = os.stat(path).st_mode if os.path.isfile(path) else 0
        return state_of_program(mode, _head_of(path), lambda interpreter: _is_there(interpreter, root))
    return needed.THERE


_UNKNOWN = b"\0"  # as of a binary


def _head_of(path: str) -> bytes:
    try:
        with Door().following(path) as place:
            return place.head(256)
    except OSError:  # a directory, or not ours to read
        return _UNKNOWN


def _is_there(path: str, root: str) -> bool:
    return bool(root) or os.path.exists(path)


def _with_parents(path: str, root: str) -> Iterable[str]:
    while len(path) > len(root):
        yield path
        path = os.path.dirname(path)


_FROM_THE_BEST = (needed.THERE, needed.NO_INTERPRETER, needed.NO_PROGRAM, needed.NOT_EXECUTABLE, needed.NOT_A_DIRECTORY)


def _best(states: Iterable[str]) -> str:
    """Of the candidates of a search path."""
    found = set(states)
    return next((state for state in _FROM_THE_BEST if state in found), needed.MISSING)


# What systemd says


def _check_by_systemd(
    units: Sequence[Written], written: Sequence[Written], context: HostContext, problems: Problems
) -> list[str]:
    """Hand all units of the stack to the host's systemd-analyze, which reads them together with what is installed."""
    scope = context.manager.scope
    if scope.root or not shutil.which("systemd-analyze"):
        return []
    texts = {text.path[len(scope.unit_directory) + 1 :]: text for unit in units for text in unit.texts}
    files = {path: text.document.text.encode("utf-8", "surrogateescape") for path, text in texts.items()}
    files.update(_installed(units, files, context))
    files.update(_stand_ins(written, files))
    names = [name for name in files if name in {unit.unit.name for unit in written} or name.startswith(_STAND_IN)]
    if not names:
        return []
    with staged(files, context.manager.user) as directory:
        environment = {"SYSTEMD_LOG_COLOR": "0", "SYSTEMD_LOG_LEVEL": "info"}
        if scope.kind != "system":
            environment["XDG_RUNTIME_DIR"] = f"{directory}/{RUNTIME}"
        command = argv.verify([f"{directory}/{name}" for name in names], user=scope.kind != "system")
        _rc, output = context.commands.everything([*context.commands.prefix, *command], environment)
    return check_verified(written, parse.verdicts(output, directory), texts, problems)


# A service that is nobody's, for drop-ins that are read for whatever comes.
_STAND_IN = "daemonic-stand-in"


def _stand_ins(written: Sequence[Written], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Drop-ins for all services are verified though the stack has no service."""
    is_needed = any(unit.unit.name == "service" for unit in written) and not any(name.endswith(".service") for name in files)
    return {f"{_STAND_IN}.service": b"[Service]\nExecStart=/bin/true\n"} if is_needed else {}


def _installed(units: Sequence[Written], own: Mapping[str, bytes], context: HostContext) -> dict[str, bytes]:
    """The unit files of others for which the stack has drop-ins: the folder that is verified must have them, too.

    And that of an instance that has drop-ins of its own, which is its template's.
    """
    found = {}
    for unit in units:
        if not unit.unit.has_file and unit.unit.name not in UNIT_TYPES:
            template = os.path.basename(unit.unit.path)
            if template in own:
                found[unit.unit.name] = own[template]
                continue
            try:
                found[unit.unit.name] = context.disk.read(unit.unit.path)
            except OSError:  # it lies nowhere, such as what systemd makes by itself
                continue
    return found
