# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be known of the host before a stack can be expanded or applied: interpreters, installed units, accounts."""

from __future__ import annotations

import os
import sys
from typing import Collection, Iterable, Iterator, Mapping, Sequence

from ..._dataclasses import replace
from ..._declaration.model import FileEntry, Stack
from ..._declaration.problems import Problems
from ..._desired.desired import READABLE_BY_ALL, Desired, File
from ..._desired.enablement import Specifier, unknown
from ..._desired.existing_units import alias_target
from ..._desired.scope import Scope
from ..._desired.sysusers_tmpfiles import made_accounts, numbers_in, owners_in
from ..._desired.unit_drafts import also_in, named_in_also
from ..._desired.unit_file_state import UnitFileState
from ..._plan.observed import PathState
from ..._text import lines_in
from ..._unitfile.names import UNIT_TYPES, split_unit_name, template_of
from ..io.commands import Commands, which
from ..io.disk import Disk
from ..io.uploads import content_of, source_of
from .observe import read_manifest

_CHECKED_AT_MOST = 16 * 1024 * 1024

# Where its programs lie, on hosts with and without a merged /usr.
SYSTEMD = ("/usr/lib/systemd", "/lib/systemd")

# Reads a script from standard input and compiles it; the error is one line for a person.
_COMPILE = """
import sys
try:
    compile(sys.stdin.buffer.read(), sys.argv[1], "exec", dont_inherit=True)
except (SyntaxError, ValueError) as error:
    sys.exit("line %s: %s" % (getattr(error, "lineno", None), getattr(error, "msg", error)))
"""


def with_uploads(stack: Stack) -> Stack:
    """The stack with what the controller has sent for `files` in it, so that it is checked as what travels with the task."""

    def read(entry: FileEntry) -> FileEntry:
        content = entry.content
        if content is None or content.data is not None or not content.upload or content.size > _CHECKED_AT_MOST:
            return entry
        return replace(entry, content=replace(content, data=content_of(content)))

    return replace(stack, files=tuple(read(entry) for entry in stack.files))


def with_kept_modes(stack: Stack, disk: Disk) -> Stack:
    """A file that not all may read, and whose mode is not declared, keeps it: what is in it counts as a secret."""
    if all(entry.mode is not None for entry in stack.files):
        return stack

    def kept(entry: FileEntry) -> FileEntry:
        mode = disk.mode_of(entry.path) if entry.mode is None else None
        return entry if mode is None or mode & READABLE_BY_ALL else replace(entry, mode=mode)

    return replace(stack, files=tuple(map(kept, stack.files)))


def find_interpreters(stack: Stack, scope: Scope, problems: Problems) -> dict[str, str]:
    """Declared interpreter → absolute path on this host."""
    found = {}
    for daemon in stack.daemons:
        path = which(daemon.python, scope.root)
        if not path:
            place = f"daemons.{daemon.name}.python"
            problems.add(place, daemon.python, "there is no such interpreter on the host", "Install it, or name another one.")
        found[daemon.python] = path or daemon.python
    return found


def real_interpreters(found: Mapping[str, str]) -> dict[str, str]:
    """Declared interpreter → the file itself: a new version is another one, with other virtual environments."""
    return {name: os.path.realpath(path) for name, path in found.items()}


def find_installed(stack: Stack, scope: Scope, disk: Disk, of_host: Specifier = unknown) -> dict[str, UnitFileState]:
    """What lies on the host of the units that the stack manages without defining them, and of those named in Also=."""
    found: dict[str, UnitFileState] = {}
    manifest = read_manifest(disk, scope, stack.name) if any(not entry.is_defined for entry in stack.units) else None
    originals = manifest.originals if manifest and stack.is_partial else {}
    ours = set(manifest.files) if manifest and not stack.is_partial else set()
    defined = {entry.name for entry in stack.units if entry.is_defined}
    waiting = [entry.name for entry in stack.units if not entry.is_defined and entry.name not in UNIT_TYPES]
    waiting += [name for entry in stack.units for name in named_in_also(entry, of_host)]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in defined:
            found[name] = _installed(name, scope, disk)
            if stack.is_partial:
                found[name] = _set_aside(scope.path_of(name), originals, disk) or found[name]
                found[name] = _of_sysv(name, found[name], disk) if scope.kind == "system" else found[name]
                waiting += [alias_target(name, found[name])] if found[name].kind == "alias" else []
            found[name] = replace(found[name], dropins=_dropins_of(name, scope, disk, ours))
            waiting += also_in(found[name].whole(), name, of_host)
    return found


def _dropins_of(name: str, scope: Scope, disk: Disk, ours: Collection[str]) -> dict[str, str]:
    """Name → text of the drop-ins of a unit but for ours: those of an instance before those of its template."""
    found: dict[str, str] = {}
    names = [name, *([template_of(name)] if split_unit_name(name).is_instance else [])]
    for folder in (f"{directory}/{each}.d" for each in names for directory in scope.unit_path):
        for file in disk.names_in(folder):
            if file.endswith(".conf") and file not in found and f"{folder}/{file}" not in ours:
                found[file] = _text_of(f"{folder}/{file}", disk)
    return found


def _text_of(path: str, disk: Disk) -> str:
    try:
        return disk.read(path).decode("utf-8", "replace")
    except OSError:  # a link that leads nowhere, or a folder
        return ""


def find_unit(name: str, scope: Scope, disk: Disk) -> UnitFileState:
    """The unit of this name, and whether a script of SysV init stands for it; of an instance that of its template."""
    found = _installed(name, scope, disk)
    return _of_sysv(name, found, disk) if scope.kind == "system" else found


def _installed(name: str, scope: Scope, disk: Disk) -> UnitFileState:
    for directory in scope.unit_path:
        path = f"{directory}/{name}"
        state = disk.state_of(path)
        if state.kind == "link":
            return _linked(path, os.path.normpath(os.path.join(directory, state.target)), name, scope, disk)
        if state.kind == "file":
            text = _text(path, state, disk)
            if "/generator" in directory:
                return UnitFileState("generated", path, text=text)
            return UnitFileState("transient" if "/transient" in directory else "file", path, text=text)
    named = split_unit_name(name)
    return _installed(template_of(name), scope, disk) if named.is_instance else UnitFileState()


def _set_aside(path: str, originals: Mapping[str, str], disk: Disk) -> UnitFileState | None:
    """The unit file that lay where now its mask is, and that comes back with masked: false, also over one of a package."""
    kept = originals.get(path, "")
    if not kept or disk.state_of(path).target != "/dev/null":
        return None
    return UnitFileState("file", path, text=_text(kept, disk.state_of(kept), disk))


def _of_sysv(name: str, found: UnitFileState, disk: Disk) -> UnitFileState:
    """A script of SysV init, of which systemd-sysv-generator(8) makes a unit when systemd runs."""
    stem, _dot, kind = name.rpartition(".")
    if found.kind not in ("generated", "missing") or kind != "service":
        return found
    script = disk.state_of(f"/etc/init.d/{stem}")
    if script.kind != "file" or not script.mode & 0o111:
        return found
    return replace(found, kind="sysv" if takes_scripts(disk) else "script")


def takes_scripts(disk: Disk) -> bool:
    """Whether systemd makes units of scripts of SysV init: it has no generator for that since version 260."""
    return any(disk.state_of(f"{folder}/system-generators/systemd-sysv-generator").kind == "file" for folder in SYSTEMD)


def _linked(path: str, target: str, name: str, scope: Scope, disk: Disk) -> UnitFileState:
    """A link to /dev/null masks; one to another name is an alias; one to the same name elsewhere makes a file known."""
    if target == "/dev/null":
        below = next((f"{d}/{name}" for d in scope.unit_path[1:] if disk.state_of(f"{d}/{name}").kind == "file"), "")
        text = disk.read(below).decode("utf-8", "replace") if below else ""
        return UnitFileState("file", below, text=text) if below else UnitFileState("masked", path, target)
    if os.path.basename(target) != name:
        return UnitFileState("alias", path, target)
    state = disk.state_of(target)
    return UnitFileState("linked", path, target, _text(target, state, disk))


def _text(path: str, state: PathState, disk: Disk) -> str:
    """Of a unit file that something else has installed; "" where it is none."""
    if state.kind != "file":
        return ""
    return (disk.read(path) if state.content is None else state.content).decode("utf-8", "replace")


def check_accounts(files: Sequence[File], disk: Disk, problems: Problems) -> None:
    """Owners and groups must exist before the first file is written, or be made by the stack."""
    made = made_accounts(files)
    for place, option, name in (*_owners_of(files), *owners_in(files)):
        number = disk.accounts.uid if option == "owner" else disk.accounts.gid
        try:
            if name not in (made.users if option == "owner" else made.groups):
                number(name)
        except KeyError:
            kind = "user" if option == "owner" else "group"
            problems.add(place, name, f"there is no such {kind} on the host", "Add it to users, or create it first.")
    _check_numbers(files, disk, problems)


def _owners_of(files: Iterable[File]) -> Iterator[tuple[str, str, str]]:
    for file in files:
        for option, name in (("owner", file.owner), ("group", file.group)):
            if name is not None:
                yield f"{file.place}.{option}", option, name


def _check_numbers(files: Iterable[File], disk: Disk, problems: Problems) -> None:
    """systemd-sysusers keeps an account as it is, and takes another number when one is in use, without a word."""
    for place, user, number in numbers_in(files):
        owner = disk.accounts.user_name(number)
        try:
            has = disk.accounts.uid(user)
        except KeyError:
            if owner != str(number):
                problems.add(place, number, f"{owner} has this number on the host", "Choose another, or leave it to the host.")
            continue
        if has != number:
            problem = f"the host has {user} with the number {has}, and systemd changes no account that exists"
            problems.add(place, number, problem, "Leave it out, or change the account with usermod, and its files.")


def check_scripts(desired: Desired, present: Mapping[str, str], commands: Commands, problems: Problems) -> None:
    """Each script must compile on the interpreter that will run it. present: path → sha256 of what was checked before.

    The interpreter of an image may not run here; there the one that runs this module has to do.
    """
    for interpreter, file in desired.scripts:
        if present.get(file.path) == file.source.sha256:
            continue
        error = _compile_error(sys.executable if desired.scope.root else interpreter, file, commands)
        if error:
            problems.add(file.place, file.source.name, f"does not compile with {interpreter}: {error}", "Fix the script.")


def _compile_error(interpreter: str, file: File, commands: Commands) -> str:
    data = _bytes_of(file)
    if os.path.realpath(interpreter) == os.path.realpath(sys.executable):
        try:
            compile(data, file.source.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return f"line {getattr(error, 'lineno', None)}: {getattr(error, 'msg', error)}"
        return ""
    from ..io.sandbox import THROW_AWAY, Sandbox  # most runs do without

    rc, said = Sandbox(commands).run(THROW_AWAY, [interpreter, "-I", "-S", "-c", _COMPILE, file.source.name], data)
    return lines_in(said.rstrip())[-1] if rc and said.strip() else f"exit status {rc}" if rc else ""


def _bytes_of(file: File) -> bytes:
    has_travelled = file.source.data is not None or file.source.upload is not None
    with source_of(file.source if has_travelled else replace(file.source, upload=file.path)) as stream:
        return stream.read()
