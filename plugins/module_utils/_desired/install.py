# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""[Install] → the symbolic links that enable a unit.

The links are the truth of what is enabled: `is-enabled` says "enabled" with stale, dangling or wrong links too, and
`enable` never drops those of an old WantedBy=. So they are computed here, compared with what lies on the host, and
made or removed one by one.
https://www.freedesktop.org/software/systemd/man/systemd.unit.html#%5BInstall%5D%20Section%20Options
"""

from __future__ import annotations

from .._declaration.model import INSTANCE_CHARACTERS
from .._declaration.problems import Problems
from .._unitfile.names import BadUnitName, check_unit_name, instance_of, split_unit_name
from .._unitfile.syntax import Document
from .desired import Link
from .scope import Scope

DEPENDENCY_DIRECTORIES = {"WantedBy": "wants", "RequiredBy": "requires", "UpheldBy": "upholds"}


def can_be_enabled(document: Document) -> bool:
    return any(_words(document, key) for key in (*DEPENDENCY_DIRECTORIES, "Alias", "Also"))


def also(document: Document, name: str) -> list[str]:
    """The units that are enabled and disabled together with this one."""
    return [_specified(word, name) for word in _words(document, "Also")]


def links_of(name: str, target: str, document: Document, scope: Scope) -> tuple[Link, ...]:
    """The links of an enabled unit. target: its unit file, for an instance that of the template."""
    linked = _default_instance(name, document)
    links = [
        Link(scope.path_of(f"{other}.{directory}/{linked}"), target, f"{name} has {key}={other}")
        for key, directory in (DEPENDENCY_DIRECTORIES.items() if linked else ())
        for other in (_specified(word, linked) for word in _words(document, key))
    ]
    links += [
        Link(scope.path_of(alias), target, f"{name} has Alias={alias}")
        for alias in (_specified(word, name) for word in _words(document, "Alias"))
    ]
    return tuple(dict.fromkeys(links))


def check_names(name: str, document: Document, place: str, problems: Problems) -> None:
    """Whatever [Install] names becomes part of a path: it must be the name of a unit."""
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
            try:
                check_unit_name(_specified(word, linked))
            except BadUnitName as error:
                remedy = error.remedy if "." in word else f"write {word}.target"
                problems.add(f"{place}.Install.{key}", word, error.problem, remedy)


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


def _specified(word: str, name: str) -> str:
    """The word with the specifiers that a unit's own name answers."""
    if "%" not in word:
        return word
    unit = split_unit_name(name)
    known = (("%n", name), ("%N", name.rpartition(".")[0]), ("%p", unit.prefix), ("%i", unit.instance or ""), ("%%", "%"))
    for specifier, text in known:
        word = word.replace(specifier, text)
    return word


def _words(document: Document, key: str) -> list[str]:
    return [word for value in document.values("Install", key) for word in value.split()]
