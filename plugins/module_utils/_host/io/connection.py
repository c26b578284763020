# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from /proc by whom this process was started, and which processes a control group holds."""

from __future__ import annotations

import os

from ..._operation.connection import Ancestor
from ..._operation.signals import Process
from ..._text import lines_in
from .processes import text_of

# Where a hierarchy of control groups is mounted that systemd keeps units in: unified, hybrid or legacy (cgroups(7)).
_MOUNTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified")


def ancestors() -> list[Ancestor]:
    """This process, its parent, and so on up to the first of all."""
    found = []
    pid = os.getpid()
    while pid > 0:
        status = dict(line.split(":\t", 1) for line in lines_in(text_of(f"/proc/{pid}/status")) if ":\t" in line)
        found.append(Ancestor(status.get("Name", ""), text_of(f"/proc/{pid}/cgroup")))
        pid = int(status.get("PPid", "0"))
    return found


def processes_of(control_group: str) -> list[Process]:
    """Those that live; the groups below it included."""
    if not control_group:
        return []
    found = set()
    mount = next((mount for mount in _MOUNTS if os.path.exists(f"{mount}{control_group}/cgroup.procs")), _MOUNTS[0])
    for folder, _folders, _files in os.walk(f"{mount}{control_group}"):
        found |= {int(pid) for pid in text_of(f"{folder}/cgroup.procs").split()}
    return [process for process in map(living, sorted(found)) if process]


def living(pid: int) -> Process | None:
    """None for one that has ended, even if nobody has taken notice yet. proc(5), /proc/pid/stat."""
    fields = text_of(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return Process(pid, int(fields[19])) if fields and fields[0] not in "ZX" else None


def still_living(processes: list[Process]) -> list[Process]:
    return [process for process in processes if living(process.pid) == process]
