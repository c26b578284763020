# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""[Install] → the symbolic links that enable a unit.

The links are the truth of what is enabled: `is-enabled` says "enabled" with stale, dangling or wrong links too, and
`enable` never drops those of an old WantedBy=. So they are computed here, compared with what lies on the host, and
made or removed one by one.
https://www.freedesktop.org/software/systemd/man/systemd.unit.html#%5BInstall%5D%20Section%20Options
"""

from __future__ import annotations

from .._unitfile.names import instance_of, split_unit_name
from .._unitfile.syntax import Document
from .desired import Link, Scope

DEPENDENCY_DIRECTORIES = {"WantedBy": "wants", "RequiredBy": "requires", "UpheldBy": "upholds"}


def can_be_enabled(document: Document) -> bool:
    return any(_words(document, key) for key in (*DEPENDENCY_DIRECTORIES, "Alias"))


def links_of(name: str, document: Document, scope: Scope) -> tuple[Link, ...]:
    """The links of an enabled unit, in the order of its [Install] section's meaning."""
    target = scope.unit_path(name)
    linked = _default_instance(name, document)
    links = [
        Link(f"{scope.unit_directory}/{other}.{directory}/{linked}", target, f"{key}={other}")
        for key, directory in DEPENDENCY_DIRECTORIES.items()
        for other in (_specified(word, linked) for word in _words(document, key))
        if linked
    ]
    links += [
        Link(scope.unit_path(alias), target, f"Alias={alias}")
        for alias in (_specified(word, name) for word in _words(document, "Alias"))
    ]
    return tuple(dict.fromkeys(links))


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
    for specifier, text in (("%n", name), ("%N", name.rpartition(".")[0]), ("%p", unit.prefix), ("%i", unit.instance or "")):
        word = word.replace(specifier, text)
    return word.replace("%%", "%")


def _words(document: Document, key: str) -> list[str]:
    return [word for value in document.values("Install", key) for word in value.split()]
