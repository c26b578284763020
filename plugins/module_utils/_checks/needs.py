# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a unit needs of the host before its first process runs: accounts, directories, files, programs.

systemd finds out when it starts the unit: 217/USER, 216/GROUP, 200/CHDIR, 203/EXEC (systemd.exec(5), "PROCESS EXIT
CODES"). What the stack itself brings counts as there; what only a running host can know is not asked.
"""

from __future__ import annotations

import posixpath
from typing import Callable, Iterable, Iterator, Mapping

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .._desired import sysusers_tmpfiles
from .._desired.desired import Desired, Unit
from .._unitfile.exec_lines import EXEC_KEYS, Command, code_of, commands_of, interpreter_in
from .written_units import Written

# Kinds of what is needed.
USER, GROUP, DIRECTORY, FILE, PROGRAM, SCRIPT = "user", "group", "directory", "file", "program", "script"

# How the host, or the stack, has it.
THERE, MISSING, NOT_A_DIRECTORY, NOT_EXECUTABLE = "there", "missing", "not a directory", "not executable"
NO_PROGRAM, NO_INTERPRETER = "no program", "no interpreter"


@dataclass(frozen=True)
class Need:
    """kind: see above. name: a path, an account, or a program that is looked up in `search`. place: where it is asked for."""

    kind: str
    name: str
    place: str
    search: tuple[str, ...] = ()

    @property
    def is_volatile(self) -> bool:
        """Something else may make it at each boot."""
        return self.name.startswith(("/run/", "/var/run/", "/tmp/", "/var/tmp/", "/dev/", "/proc/", "/sys/"))


@dataclass(frozen=True)
class Brought:
    """What the stack brings. files: path → mode; heads: path → its content, where that is known. directories: those that
    are made, as they are or with all below them.
    """

    files: Mapping[str, int]
    heads: Mapping[str, bytes]
    directories: frozenset[str]
    trees: tuple[str, ...]
    users: frozenset[str]
    groups: frozenset[str]


# (kind, state) → problem and remedy.
_TOLD: dict[tuple[str, str], tuple[str, str]] = {
    (USER, MISSING): (
        "there is no such user on the host",
        "Create it first, by the users of a stack for example, or use DynamicUser: true.",
    ),
    (GROUP, MISSING): ("there is no such group on the host", "Create it first."),
    (DIRECTORY, MISSING): (
        "there is no such directory on the host",
        "Create it first, let StateDirectory or RuntimeDirectory make it, or begin it with '-'.",
    ),
    (DIRECTORY, NOT_A_DIRECTORY): ("is no directory", "Name a directory."),
    (FILE, MISSING): ("there is no such file on the host", "Add it to files, create it first, or begin it with '-'."),
    (PROGRAM, MISSING): ("there is no such program on the host: {name}", "Install it, add it to files, or fix the path."),
    (PROGRAM, NOT_EXECUTABLE): ("{name} is not executable", 'Give it a mode such as "0755".'),
    (PROGRAM, NO_PROGRAM): (
        "{name} is no program, and has no first line that names its interpreter",
        "Begin it with a line such as #!/usr/bin/python3.",
    ),
    (PROGRAM, NO_INTERPRETER): (
        "the interpreter that the first line of {name} names is not on the host",
        "Install it, or fix that line.",
    ),
    (SCRIPT, MISSING): ("there is no such script on the host: {name}", "Add it to files, install it, or fix the path."),
}


def brought_by(desired: Desired, mode_of: Callable[[str], int]) -> Brought:
    """mode_of: path → the mode that a file of the stack will have where the declaration does not say it."""
    files = {file.path: mode_of(file.path) if file.mode is None else file.mode for file in desired.files}
    units = [unit for unit in desired.units if unit.has_file]
    trees = [posixpath.dirname(unit.release.path) for unit in units if unit.release]
    trees += [path for unit in units for path in (*_made_directories(unit), *unit.document.values("Mount", "Where"))]
    trees += sysusers_tmpfiles.made_paths(desired.files, sysusers_tmpfiles.TREES)
    made = sysusers_tmpfiles.made_accounts(desired.files)
    heads = {file.path: file.source.data for file in desired.files if file.source.data is not None}
    return Brought(files, heads, frozenset(_parents(files)), tuple(trees), made.users, made.groups)


def _parents(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        while path not in ("/", ""):
            path = posixpath.dirname(path)
            yield path


# systemd.exec(5), RuntimeDirectory=
_MADE = {
    "RuntimeDirectory": "/run",
    "StateDirectory": "/var/lib",
    "CacheDirectory": "/var/cache",
    "LogsDirectory": "/var/log",
    "ConfigurationDirectory": "/etc",
}


def _made_directories(unit: Unit) -> Iterator[str]:
    for section in _EXECUTING:
        for key, base in _MADE.items():
            for word in (word for value in unit.document.values(section, key) for word in value.split()):
                yield f"{base}/{word.partition(':')[0]}"


_EXECUTING = ("Service", "Socket", "Mount", "Swap")
# With one of these the unit sees other files than we do.
_ANOTHER_ROOT = (
    *("RootDirectory", "RootImage", "RootMStack", "MountImages", "ExtensionImages", "ExtensionDirectories"),
    *("BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem"),
)
_TRUE = ("1", "yes", "y", "true", "t", "on")


def needs_of(unit: Written, scope_kind: str, brought: Brought) -> list[Need]:
    """What the host must have for this unit, what the stack brings left out."""
    found = list(_files(unit))
    if unit.unit.has_file:  # of a drop-in alone the rest of the unit is not known
        found += [*(_accounts(unit) if scope_kind == "system" else ())]
        if not any(unit.unit.document.values(section, key) for section in _EXECUTING for key in _ANOTHER_ROOT):
            found += [*_directories(unit), *_programs(unit)]
    asked_for = _asked_for(unit)
    return [need for need in dict.fromkeys(found) if need.name not in asked_for and not _is_brought(need, brought)]


def _asked_for(unit: Written) -> set[str]:
    """What the unit itself looks for first: where it is missing, the unit is not started, and that is no error."""
    values = (value for key in _CONDITIONS for value in unit.unit.document.values("Unit", key))
    return {posixpath.normpath(value.lstrip("|").strip()) for value in values if value.lstrip("|")}


# systemd.unit(5), "CONDITIONS AND ASSERTS"
_CONDITIONS = ("ConditionPathExists", "ConditionPathIsDirectory", "ConditionFileNotEmpty", "ConditionFileIsExecutable")


def _is_brought(need: Need, brought: Brought) -> bool:
    if need.kind in (USER, GROUP):
        return need.name in (brought.users if need.kind == USER else brought.groups)
    if need.name in brought.directories or need.name.startswith(tuple(f"{tree}/" for tree in brought.trees)):
        return True
    if need.kind == PROGRAM:  # whether it can be executed is yet to be seen
        return need.name in brought.trees
    return need.name in brought.trees or need.name in brought.files


def state_of_program(mode: int, head: bytes, is_there: Callable[[str], bool]) -> str:
    """mode: of the file; head: its first bytes; is_there: path of an interpreter → whether the host will have it."""
    if not mode & 0o111:
        return NOT_EXECUTABLE
    interpreter = interpreter_in(head)
    if interpreter is None:
        return NO_PROGRAM
    return THERE if not interpreter.startswith("/") or is_there(interpreter) else NO_INTERPRETER


def _last(unit: Written, section: str, key: str) -> str:
    return (unit.unit.document.values(section, key) or ("",))[-1]


def _accounts(unit: Written) -> Iterator[Need]:
    for section in _EXECUTING:
        is_dynamic = _last(unit, section, "DynamicUser").lower() in _TRUE
        for kind, key in ((USER, "User"), (GROUP, "Group"), (USER, "SocketUser"), (GROUP, "SocketGroup")):
            name = _last(unit, section, key)
            if name and not (is_dynamic and key in ("User", "Group")) and _is_a_name(name):
                yield Need(kind, name, unit.place(section, key, name))
        for name in (word for value in unit.unit.document.values(section, "SupplementaryGroups") for word in value.split()):
            if _is_a_name(name):
                yield Need(GROUP, name, unit.place(section, "SupplementaryGroups", name))


def _is_a_name(name: str) -> bool:
    return not name.isdigit() and "%" not in name


def _directories(unit: Written) -> Iterator[Need]:
    for section in _EXECUTING:
        path = _last(unit, section, "WorkingDirectory")
        if path.startswith("/") and "%" not in path:
            plain = posixpath.normpath(path)
            waits_for = [word for value in unit.unit.document.values("Unit", "RequiresMountsFor") for word in value.split()]
            if not any(plain == mount or plain.startswith(f"{mount.rstrip('/')}/") for mount in waits_for):
                yield Need(DIRECTORY, plain, unit.place(section, "WorkingDirectory", path))


def _files(unit: Written) -> Iterator[Need]:
    for section in _EXECUTING:
        for path in unit.unit.document.values(section, "EnvironmentFile"):
            plain = path.strip("\"'")
            if plain.startswith("/") and not set(plain) & set("%*?["):
                yield Need(FILE, posixpath.normpath(plain), unit.place(section, "EnvironmentFile", path))


# systemd's own search path for programs, not that of the login.
_SEARCH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def _programs(unit: Written) -> Iterator[Need]:
    for section in _EXECUTING:
        own_search = _last(unit, section, "ExecSearchPath")
        search = tuple(own_search.split(":")) if own_search else _SEARCH
        for key in EXEC_KEYS:
            for value in unit.unit.document.values(section, key):
                for command in commands_of(value):
                    yield from _of_command(command, unit.place(section, key, value), search)


def _of_command(command: Command, place: str, search: tuple[str, ...]) -> Iterator[Need]:
    """The program, and the script of an interpreter. What may fail is not needed; a shell of the user finds its own."""
    if set(command.prefixes) & set("-|") or not _is_known_now(command.program):
        return
    has_path = "/" in command.program
    if has_path and not command.program.startswith("/"):
        return  # systemd does not take it, and verify tells
    program = posixpath.normpath(command.program) if has_path else command.program
    yield Need(PROGRAM, program, place, () if has_path else search)
    for script in code_of(command).scripts:
        if script.startswith("/") and _is_known_now(script):
            yield Need(SCRIPT, posixpath.normpath(script), place)


def _is_known_now(word: str) -> bool:
    """No specifier and no variable stands in it."""
    return not set(word) & set("%$")


def check_needs(states: Mapping[Need, str], lenient: bool, problems: Problems) -> list[str]:
    """states: how the host has each need. lenient: not everything of it can be seen. Returns warnings."""
    warnings = []
    for need, state in states.items():
        told = _TOLD.get((need.kind, state))
        if told is None:
            continue
        problem, remedy = (text.format(name=need.name) for text in told)
        if need.is_volatile or lenient:
            warnings.append(f"{need.place}: {problem} (got {need.name!r}).")
        else:
            problems.add(need.place, need.name, problem, remedy)
    return warnings
