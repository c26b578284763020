# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes what a closed socket unit has left in the file system (_plan/socket_nodes.py)."""

from __future__ import annotations

import stat

from ..._health.listeners import unit_of
from ..._text import lines_in
from .place import Place
from .processes import holders_of, text_of


def remove_node(place: Place, service: str) -> None:
    """Nothing that somebody else than the service uses, or that is no such node: whoever has put that there needs it."""
    if _is_left(place, service):
        place.unlink_if_there()


def _is_left(place: Place, service: str) -> bool:
    info = place.look()
    if info is None:
        return False
    if stat.S_ISSOCK(info.st_mode):
        return not _is_used(place.path, service)
    if stat.S_ISLNK(info.st_mode):  # what it led to is removed before it
        return place.leads_nowhere()
    return stat.S_ISFIFO(info.st_mode) or (stat.S_ISREG(info.st_mode) and place.path.startswith("/dev/mqueue/"))


def _is_used(path: str, service: str) -> bool:
    """proc(5), /proc/net/unix: a socket is in it as long as a process holds it. The service gives up what it was passed."""
    rows = [line.split(None, 7) for line in lines_in(text_of("/proc/net/unix"))[1:]]
    bound = [row[6] for row in rows if len(row) == 8 and row[7] == path]
    units = [unit_of(process) for holders in holders_of(bound) for process in holders]
    stem = service.rpartition(".")[0]
    return any(unit != service and not unit.startswith(f"{stem}@") for unit in units)
