# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a socket unit leaves in the file system when it is closed: Unix sockets, FIFOs, links to them, message queues.

systemd removes them with RemoveOnStop= alone (systemd.socket(5)). A daemon that binds the address by itself then finds it
in use, and of a stack that is gone nothing is to remain.
"""

from __future__ import annotations

from typing import Mapping

from .._declaration.unit import PARTIAL
from .._desired.desired import Desired
from .._desired.scope import Scope
from .._desired.socket_nodes import nodes_of
from .._unitfile.syntax import Document, UnitSyntaxError, parse
from .actions import Action, RemoveNode
from .observed import Manifest, Observed, PathState


def declared_nodes(desired: Desired) -> dict[str, dict[str, str]]:
    """Socket → its paths."""
    return {unit.name: nodes_of(unit.name, unit.document, desired.scope) for unit in desired.units}


def earlier_nodes(desired: Desired, manifest: Manifest | None, paths: Mapping[str, PathState]) -> dict[str, str]:
    """The same of all sockets that the stack has on the host, by their files as they lie there."""
    found: dict[str, str] = {}
    for name in manifest.owned if manifest is not None and manifest.stack != PARTIAL else ():
        if name.endswith(".socket"):
            document = _on_disk(name, desired.scope, manifest, paths) if manifest else None
            found.update(nodes_of(name, document, desired.scope) if document else {})
    return found


def _on_disk(name: str, scope: Scope, manifest: Manifest, paths: Mapping[str, PathState]) -> Document | None:
    path = scope.path_of(name)
    dropins = sorted(each for each in manifest.files if each.startswith(f"{path}.d/"))
    contents = [paths.get(each, PathState()).content for each in (path, *dropins)]
    try:
        return parse("\n".join(content.decode("utf-8", "surrogateescape") for content in contents if content is not None))
    except UnitSyntaxError:
        return None


def superfluous(desired: Desired, observed: Observed) -> dict[str, str]:
    """Paths of sockets that the stack has on the host, and declares no more."""
    if desired.is_partial:
        return {}
    wanted = {path for paths in declared_nodes(desired).values() for path in paths}
    earlier = earlier_nodes(desired, observed.manifest, observed.paths)
    return {path: service for path, service in earlier.items() if path not in wanted and _is_there(path, observed)}


def removals(paths: Mapping[str, str], why: str) -> list[Action]:
    return [RemoveNode(path, why, service) for path, service in paths.items()]


def _is_there(path: str, observed: Observed) -> bool:
    """A file or a directory is none of ours, but a message queue looks like a file."""
    kind = observed.path(path).kind
    return kind in ("other", "link") or (kind == "file" and path.startswith("/dev/mqueue/"))
