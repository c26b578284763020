# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units that keep the connection alive over which a task runs."""

from __future__ import annotations

from typing import Sequence

from .._dataclasses import dataclass
from .._text import lines_in
from .isolation import Units
from .target_names import type_of

# Needed by whoever comes over the network, though none of their processes is an ancestor of ours: who lets the next
# connection in, and who keeps the addresses.
_OF_REMOTE_ACCESS = (
    *("ssh.service", "sshd.service", "ssh.socket", "sshd.socket", "dropbear.service"),
    *("networking.service", "NetworkManager.service", "systemd-networkd.service", "wicked.service", "network.service"),
)


# The manager itself and everything: an ancestor of all processes but those that enter a container from outside.
SYSTEMD = "init.scope"
ALWAYS = (SYSTEMD, "-.slice")


@dataclass(frozen=True)
class Ancestor:
    """This process, or one that has started it. command: its name; groups: its /proc/PID/cgroup."""

    command: str
    groups: str


def units_of_cgroup(groups: str) -> list[str]:
    """The units that a process belongs to, from the outermost slice to its service or scope.

    What comes below that is the service's own business. In the hierarchy of systemd (cgroups(7)); within a container that
    does not share it the path is "/".
    """
    paths = [line.split(":", 2)[2] for line in lines_in(groups) if line.startswith("0::") or ":name=systemd:" in line]
    found: list[str] = []
    for part in max(paths, key=len, default="/").strip("/").split("/"):
        if not type_of(part):
            break
        found.append(part)
        if type_of(part) != "slice":
            break
    return found


def carriers(ancestors: Sequence[Ancestor], units: Units | None = None) -> list[str]:
    """The units that must go on. units: those that are loaded; without them only what the processes tell."""
    found = [*ALWAYS, *(unit for ancestor in ancestors for unit in units_of_cgroup(ancestor.groups))]
    if any(ancestor.command.startswith(("sshd", "dropbear")) for ancestor in ancestors):
        found += _OF_REMOTE_ACCESS
    for name in list(found) if units else ():
        unit = (units or {}).get(name)
        found += unit.triggered_by if unit and type_of(name) == "service" else ()
    return list(dict.fromkeys(found))
