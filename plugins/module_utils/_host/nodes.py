# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes what a closed socket unit has left in the file system (_plan/nodes.py)."""

from __future__ import annotations

import contextlib
import os
import stat

from .._outcome.listeners import unit_of
from .processes import holders_of, text_of


def remove_node(path: str, service: str) -> None:
    """Nothing that somebody else than the service uses, or that is no such node: whoever has put that there needs it."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if _is_left(path, service):
            os.unlink(path)


def _is_left(path: str, service: str) -> bool:
    mode = os.lstat(path).st_mode
    if stat.S_ISSOCK(mode):
        return not _is_used(path, service)
    if stat.S_ISLNK(mode):  # what it led to is removed before it
        return not os.path.exists(path)
    return stat.S_ISFIFO(mode) or (stat.S_ISREG(mode) and path.startswith("/dev/mqueue/"))


def _is_used(path: str, service: str) -> bool:
    """proc(5), /proc/net/unix: a socket is in it as long as a process holds it. The service gives up what it was passed."""
    rows = [line.split(None, 7) for line in text_of("/proc/net/unix").splitlines()[1:]]
    bound = [row[6] for row in rows if len(row) == 8 and row[7] == path]
    units = [unit_of(process) for holders in holders_of(bound) for process in holders]
    stem = service.rpartition(".")[0]
    return any(unit != service and not unit.startswith(f"{stem}@") for unit in units)
