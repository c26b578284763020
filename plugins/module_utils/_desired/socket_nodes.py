# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a socket unit makes in the file system when it is opened, and which directory it must not lie in."""

from __future__ import annotations

from typing import Iterator, Mapping

from .._declaration.problems import Problems
from .._unitfile.syntax import Document
from .scope import Scope
from .specifiers import resolved

_STREAMS = ("ListenStream", "ListenDatagram", "ListenSequentialPacket", "ListenFIFO")


def nodes_of(name: str, document: Document, scope: Scope) -> dict[str, str]:
    """Path → the service that may still hold it, of all that a socket unit makes when it is opened.

    Links last, since they lead to the others.
    """
    if not name.endswith(".socket") or "@." in name:
        return {}
    found = [value for key in _STREAMS for value in document.values("Socket", key)]
    found += [f"/dev/mqueue{value}" for value in document.values("Socket", "ListenMessageQueue")]
    found += [word for value in document.values("Socket", "Symlinks") for word in value.split()]
    paths = [resolved(each, name, scope) for each in found]
    service = (document.values("Socket", "Service") or (f"{name[: -len('.socket')]}.service",))[-1]
    return {path: service for path in paths if path.startswith("/") and path != "/dev/mqueue"}


def check_socket_directories(
    documents: Mapping[str, Document], places: Mapping[str, str], scope: Scope, problems: Problems
) -> None:
    """No socket lies in a directory that goes with a service, or that only root can enter once a service has run.

    systemd removes what RuntimeDirectory= names, with all that is in it, when the service stops, and opens the socket no
    second time: systemd.exec(5), "RuntimeDirectoryPreserve=". With DynamicUser= the directories lie below a folder named
    private, which is root's alone.
    """
    nodes = {path: name for name, document in documents.items() for path in nodes_of(name, document, scope)}
    for name, document in documents.items() if nodes else ():
        for directory, key, why in _unfit(name, document, scope):
            for path in (path for path in nodes if path.startswith(f"{directory}/")):
                problem = f"{nodes[path]} listens at {path}, in a directory {why}"
                remedy = f"Listen elsewhere, for example at {_elsewhere(path, directory)}"
                if key == "RuntimeDirectory" and not _is_true(document, "DynamicUser"):
                    remedy += ", or add RuntimeDirectoryPreserve: yes"
                problems.add(f"{places[name]}.Service.{key}", path, problem, f"{remedy}.")


_ROOTS = {"StateDirectory": "/var/lib", "CacheDirectory": "/var/cache", "LogsDirectory": "/var/log"}


def _unfit(name: str, document: Document, scope: Scope) -> Iterator[tuple[str, str, str]]:
    """(directory, directive, why no socket may lie there)"""
    runtime = resolved("%t", name, scope) or "%t"
    preserved = (document.values("Service", "RuntimeDirectoryPreserve") or ("no",))[-1].lower() in _TRUE
    is_dynamic = _is_true(document, "DynamicUser")
    hidden = "that only root can enter, since DynamicUser= moves it below a folder named private when the service starts"
    if not preserved or is_dynamic:
        removed = f"that systemd removes with all that is in it when {name} stops"
        for directory in _named(name, document, "RuntimeDirectory", scope):
            yield f"{runtime}/{directory}", "RuntimeDirectory", hidden if preserved else removed
    for key, root in _ROOTS.items() if is_dynamic and scope.kind == "system" else ():
        for directory in _named(name, document, key, scope):
            yield f"{root}/{directory}", key, hidden


def _named(name: str, document: Document, key: str, scope: Scope) -> Iterator[str]:
    for word in (word for value in document.values("Service", key) for word in value.split()):
        yield resolved(word.partition(":")[0].rstrip("/"), name, scope) or word


def _is_true(document: Document, key: str) -> bool:
    return (document.values("Service", key) or ("no",))[-1].lower() in _TRUE


_TRUE = ("yes", "true", "on", "1", "y", "t")


def _elsewhere(path: str, directory: str) -> str:
    """Beside the directory instead of in it."""
    return f"{directory}.sock" if path.endswith(".sock") else f"{directory}-{path.rpartition('/')[2]}"
