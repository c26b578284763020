# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""[Install] → the symbolic links that enable a unit.

The links are the truth of what is enabled: `is-enabled` says "enabled" with stale, dangling or wrong links too, and
`enable` never drops those of an old WantedBy=. So they are computed here, compared with what lies on the host, and
made or removed one by one. [Install] counts in the unit file and in its drop-ins, those of an instance and of its template,
but not in drop-ins for a prefix of names or for a whole type (tried on systemd 247, 252 and 262).
https://www.freedesktop.org/software/systemd/man/systemd.unit.html#%5BInstall%5D%20Section%20Options
"""

from __future__ import annotations

import re
from typing import Callable

from .._declaration.model import INSTANCE_CHARACTERS
from .._declaration.problems import Problems
from .._unitfile.names import BadUnitName, check_unit_name, instance_of, split_unit_name
from .._unitfile.syntax import Document
from .desired import Link
from .scope import Scope

DEPENDENCY_DIRECTORIES = {"WantedBy": "wants", "RequiredBy": "requires", "UpheldBy": "upholds"}


def can_be_enabled(document: Document) -> bool:
    return any(_words(document, key) for key in (*DEPENDENCY_DIRECTORIES, "Alias", "Also"))


# A specifier's letter → what it stands for on the host.
Specifier = Callable[[str], str]


def unknown(_letter: str) -> str:
    """Where the host is not known: any word that may stand in a name."""
    return "x"


def also(document: Document, name: str, of_host: Specifier = unknown) -> list[str]:
    """The units that are enabled and disabled together with this one."""
    return [_specified(word, name, of_host) for word in _words(document, "Also")]


def links_of(name: str, target: str, document: Document, scope: Scope, of_host: Specifier = unknown) -> tuple[Link, ...]:
    """The links of an enabled unit, without what systemctl leaves out. target: its unit file, for an instance its template's."""
    linked = _default_instance(name, document)
    links = [
        Link(scope.path_of(f"{other}.{directory}/{linked}"), target, f"{name} has {key}={other}")
        for key, directory in (DEPENDENCY_DIRECTORIES.items() if linked else ())
        for other in _sound(document, key, linked, of_host)
    ]
    links += [
        Link(scope.path_of(alias), target, f"{name} has Alias={alias}")
        for alias in (_alias_of(name, other) for other in _sound(document, "Alias", name, of_host))
        if alias != name
    ]
    return tuple(dict.fromkeys(links))


def _sound(document: Document, key: str, name: str, of_host: Specifier) -> list[str]:
    words = [word for word in _words(document, key) if not _trouble(key, word, name, of_host)]
    return [_specified(word, name, of_host) for word in words]


def check_names(
    name: str, document: Document, place: str, problems: Problems, of_host: Specifier = unknown, systemd: int = 0
) -> None:
    """Whatever [Install] names becomes part of a path: it must be the name of a unit. systemd: its version, 0 for any."""
    instance = (document.values("Install", "DefaultInstance") or ("i",))[-1]
    if not split_unit_name(name).is_template:
        linked = name
    elif set(instance) - INSTANCE_CHARACTERS:
        remedy = "Escape it as systemd-escape does."
        problems.add(f"{place}.Install.DefaultInstance", instance, "is not the name of an instance", remedy)
        return
    else:
        linked = instance_of(name, instance)
    for key in (*DEPENDENCY_DIRECTORIES, "Alias", "Also"):
        for word in _words(document, key):
            trouble = _trouble(key, word, name if key == "Alias" else linked, of_host, systemd)
            if trouble:
                problems.add(f"{place}.Install.{key}", word, *trouble)


def check_shared(name: str, document: Document, place: str, problems: Problems) -> None:
    """In drop-ins for several units [Install] has no effect, in any version."""
    if any(entry.section == "Install" for entry in document.entries):
        problem = (
            f"has no effect in drop-ins for all {name} units" if "." not in name else "has no effect in drop-ins for a prefix"
        )
        problems.add(f"{place}.Install", name, problem, "Put it into each unit, or into a drop-in of its own.")


def _trouble(key: str, word: str, name: str, of_host: Specifier, systemd: int = 0) -> tuple[str, str] | None:
    """Why systemctl would not link it, and the remedy."""
    other = _specified(word, name, of_host)
    found = _unknown_specifier(word, systemd) or _bad_name(word, other)
    return found or (_bad_alias(name, other) if key == "Alias" else None)


def _bad_name(word: str, name: str) -> tuple[str, str] | None:
    try:
        check_unit_name(name)
    except BadUnitName as error:
        problem = error.problem if name == word else f"stands for {name!r} on this host: {error.problem}"
        return problem, error.remedy if "." in word else f"write {word}.target"
    return None


# unit_type_may_alias() in systemd
_ALIASED = frozenset(("service", "socket", "target", "device", "timer", "path"))


def _bad_alias(name: str, alias: str) -> tuple[str, str] | None:
    """What `systemctl enable` refuses, or leaves out (247). systemd.unit(5), "Alias="; tried on systemd 247, 252 and 262."""
    unit, other = split_unit_name(name), split_unit_name(alias)
    if unit.type not in _ALIASED:
        return f"a .{unit.type} unit cannot have an alias", "Take it away."
    if unit.type != other.type:
        stem = alias.rpartition(".")[0]
        return f"the alias of a .{unit.type} unit is a .{unit.type} unit", f"Write {stem}.{unit.type}."
    if unit.instance is None and other.instance is not None:
        return f"{name} is no template, and cannot stand for one", f"Write {other.prefix}.{unit.type}."
    if unit.instance is not None and other.instance is None:
        return f"{name} is of a template, and its alias must be so, too", f"Write {other.prefix}@.{unit.type}."
    if unit.is_instance and other.is_instance and unit.instance != other.instance:
        return f"{name} is another instance", f"Write {other.prefix}@.{unit.type}."
    return None


def _alias_of(name: str, alias: str) -> str:
    """That of an instance has its instance, where it names a template."""
    unit = split_unit_name(name)
    return instance_of(alias, unit.instance or "") if unit.is_instance and split_unit_name(alias).is_template else alias


def is_enabling(path: str, target: str, unit: str, unit_file: str, directory: str) -> bool:
    """Does this link enable the unit: does it have its name below a .wants folder, or is it an alias of its file?

    A link of that name counts wherever it points: it enables what has that name. directory: that of unit files.
    """
    folder, _slash, name = path.rpartition("/")
    if folder == directory:
        return name != unit and plain(target) == plain(unit_file)
    return name == unit


def plain(path: str) -> str:
    """/lib is a link to /usr/lib on merged systems, and both spellings are met."""
    return f"/usr{path}" if path.startswith("/lib/systemd/") else path


def _default_instance(name: str, document: Document) -> str:
    """The name under which a unit is linked: its own; of a template its DefaultInstance=, or none."""
    if not split_unit_name(name).is_template:
        return name
    instances = document.values("Install", "DefaultInstance")
    return instance_of(name, instances[-1]) if instances else ""


# What specifiers stand for that are no part of the unit's own name, and since which systemd they may stand here.
# systemd.unit(5), "Specifiers", of which [Install] knows but these; tried on systemd 247, 252 and 262.
OF_HOST = {**dict.fromkeys("abBgGHlmouUvwW", 0), "q": 248, "A": 249, "M": 249}
_SPECIFIER = re.compile("%(.?)")


def _unknown_specifier(word: str, systemd: int) -> tuple[str, str] | None:
    for letter in _SPECIFIER.findall(word):
        if letter not in OF_HOST and (letter not in "nNpij%" or not letter):
            known = ", ".join(f"%{each}" for each in sorted({*OF_HOST, *"nNpij"}, key=lambda each: (each.lower(), each)))
            return f"[Install] knows no specifier %{letter}", f"It knows {known}; a percent sign is %%."
        if 0 < systemd < OF_HOST.get(letter, 0):
            problem = f"[Install] knows %{letter} since systemd {OF_HOST[letter]}, and this host has {systemd}"
            return problem, "Write the name itself, or upgrade systemd on this host."
    return None


def _specified(word: str, name: str, of_host: Specifier) -> str:
    """The word with what its specifiers stand for: parts of the unit's own name, or facts of the host."""
    if "%" not in word:
        return word
    unit = split_unit_name(name)
    known = {"n": name, "N": name.rpartition(".")[0], "p": unit.prefix, "i": unit.instance or "", "%": "%"}
    known["j"] = unit.prefix.rpartition("-")[2]

    def meaning(match: re.Match[str]) -> str:
        letter = match.group(1)
        return known[letter] if letter in known else of_host(letter) if letter in OF_HOST else match.group()

    return _SPECIFIER.sub(meaning, word)


def _words(document: Document, key: str) -> list[str]:
    return [word for value in document.values("Install", key) for word in value.split()]
