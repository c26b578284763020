# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths that have power over a unit: what it is defined by, what it runs, where its environment comes from."""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, Mapping

from .._dataclasses import dataclass
from .._desired.identity import identity_of
from .._desired.scope import Scope
from .._plan.observed import Observed
from .._unitfile.exec_lines import EXEC_KEYS, Command, code_of, commands_of
from .._unitfile.names import split_unit_name
from .._unitfile.quoting import split_words
from .._unitfile.syntax import UnsuitableValue
from .written_units import Written


@dataclass(frozen=True)
class Owner:
    """Whose manager it is: root's, or that of a user, who may then change what it runs."""

    name: str = "root"
    home: str = "/root"

    @property
    def trusted(self) -> frozenset[str]:
        return frozenset(("root", self.name))


@dataclass(frozen=True)
class Use:
    """A path, or the bare name of a program. place: where the declaration says so; how: a clause about it.

    is_ours: it is used to deploy, whoever the unit runs as.
    """

    path: str
    place: str
    how: str
    is_ours: bool = False


# Variables that say where code comes from → what separates the paths in their value. ld.so(8), and those of interpreters.
LOADED_FROM = {
    "PATH": ":",
    "LD_PRELOAD": ": ",
    "LD_AUDIT": ":",
    "LD_LIBRARY_PATH": ":;",
    "GCONV_PATH": ":",
    "PYTHONPATH": ":",
    "PYTHONHOME": ":",
    "PYTHONSTARTUP": "\0",
    "PYTHONUSERBASE": "\0",
    "PYTHONPYCACHEPREFIX": "\0",
    "PERL5LIB": ":",
    "RUBYLIB": ":",
    "NODE_PATH": ":",
    "BASH_ENV": "\0",
    "ENV": "\0",
}


def variables_in(value: str) -> list[tuple[str, str]]:
    """Of one line of Environment=."""
    try:
        words = list(split_words(value))
    except UnsuitableValue:
        return []
    return [(name, text) for name, equals, text in (word.partition("=") for word in words) if equals]


def uses_of(written: Written, observed: Observed, scope: Scope, owner: Owner) -> tuple[Use, ...]:
    """What it is defined by always counts: it could be made to run as root. The rest, where it has the owner's power."""
    unit = written.unit
    definitions = (unit.path, scope.path_of(f"{unit.name}.d"), *observed.unit(unit.name).dropins)
    uses = [Use(path, unit.place, f"systemd reads {unit.name} from it") for path in dict.fromkeys(definitions)]
    for section in ("Service", "Socket"):
        uses += _Power(written, section, scope, owner).uses()
    uses += _asked(written, scope, owner)
    return tuple(dict.fromkeys(uses))


def _asked(written: Written, scope: Scope, owner: Owner) -> Iterator[Use]:
    """What asks root's daemon whether it is well, which runs as root, too."""
    unit, probe = written.unit, written.unit.health
    if probe is None or not probe.command or (scope.kind == "system" and not identity_of(unit.document).is_root):
        return
    code = code_of(Command("", probe.command[0], probe.command[1:]))
    who = "root" if scope.kind == "system" else owner.name
    for path in (*code.programs, *(script for script in code.scripts if script.startswith("/"))):
        yield Use(path, f"{unit.place}.health", f"{who} asks {unit.name} by it")


class _Power:
    """One section with Exec…= lines."""

    def __init__(self, written: Written, section: str, scope: Scope, owner: Owner) -> None:
        self._written = written
        self._section = section
        self._document = written.unit.document
        self._known = specifiers(written.unit.name, scope, owner)
        self._owner = owner
        self._who = {"system": "root", "user": owner.name}.get(scope.kind, "every user")
        self._always = scope.kind != "system" or identity_of(self._document, section=section).is_root

    def uses(self) -> Iterator[Use]:
        commands = list(self._commands())
        for key, value, command in commands:
            code = code_of(command)
            for program in code.programs:
                yield from self._use(self._resolved(program), key, value, "runs it")
            directory = self._working_directory()
            for script in code.scripts:
                path = posixpath.join(directory, self._resolved(script)) if directory and self._resolved(script) else ""
                yield from self._use(path, key, value, "runs it")
            if code.from_directory:
                yield from self._use(directory, key, value, "loads modules from it")
        if commands or self._always:
            yield from self._variables()
        for value in self._values("EnvironmentFile") if commands or self._always else ():
            path = _without_pattern(self._resolved(value.lstrip("-")))
            yield from self._use(path, "EnvironmentFile", value, "takes its environment from it")

    def _variables(self) -> Iterator[Use]:
        """Directories and libraries from which a program loads code since a variable names them."""
        for value in self._values("Environment"):
            for name, text in variables_in(value):
                separators = LOADED_FROM.get(name, "")
                for path in re.split(f"[{separators}]", text) if separators else ():
                    found = posixpath.join(self._working_directory() or "/", self._resolved(path)) if self._resolved(path) else ""
                    yield from self._use(found, "Environment", name, f"loads code from it ({name})")

    def _commands(self) -> Iterator[tuple[str, str, Command]]:
        """Those with the owner's power: key, value, command. With a root directory of its own they lie elsewhere."""
        if self._values("RootDirectory") or self._values("RootImage"):
            return
        for key in EXEC_KEYS:
            for value in self._values(key):
                for command in commands_of(value):
                    if self._always or command.has_full_privileges:
                        yield key, value, command

    def _use(self, path: str, key: str, value: str, does: str) -> Iterator[Use]:
        if path:
            unit = self._written.unit.place
            place = self._written.place(self._section, key, value)
            place = unit if place == f"{unit}.args" else place  # a daemon's ExecStart= is more than its arguments
            normal = posixpath.normpath(path) if path.startswith("/") else path
            yield Use(normal, place, f"{self._who} {does} for {self._written.unit.name}")

    def _values(self, key: str) -> tuple[str, ...]:
        return self._document.values(self._section, key)

    def _resolved(self, text: str) -> str:
        return resolved(text, self._known)

    def _working_directory(self) -> str:
        """systemd.exec(5): the root directory by default, for a user's manager the home."""
        given = (self._values("WorkingDirectory") or ("",))[-1].lstrip("-")
        if given == "~":
            return self._owner.home
        return self._resolved(given) if given else self._owner.home if self._who == self._owner.name != "root" else "/"


def specifiers(name: str, scope: Scope, owner: Owner) -> dict[str, str]:
    """Those of systemd.unit(5), "SPECIFIERS", that can be told from here; others stay unknown."""
    unit = split_unit_name(name if "." in name else f"any.{name}")  # drop-ins for all units of a type
    known = {"%": "%", "n": name, "N": name.rpartition(".")[0], "p": unit.prefix, "T": "/tmp", "V": "/var/tmp"}
    if unit.instance != "":
        known["i"] = unit.instance or ""
    if scope.kind == "system":
        known.update({"t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc", "h": "/root"})
    if scope.kind == "user":
        known["h"] = owner.home
    return known


def resolved(text: str, known: Mapping[str, str]) -> str:
    """The text without its specifiers and doubled dollars; "" where one is not known, or a variable stands in it."""
    bare = text.replace("$$", "")
    if "$" in bare or any(key not in known for key in re.findall("%(.?)", text)):
        return ""
    return re.sub("%(.)", lambda match: known[match.group(1)], text.replace("$$", "$"))


def _without_pattern(path: str) -> str:
    """EnvironmentFile= may be a pattern: the directory in which it is searched counts."""
    match = re.search(r"[*?\[]", path)
    return path if not match else posixpath.dirname(path[: match.start()] + "x")
