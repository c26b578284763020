# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends processes and all that they have started: a signal for a group would miss those that made a group of their own, as the
workers of Ansible do."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

GRACE = 30  # seconds for what a process does at its end: remove containers, or a root directory


def end(processes: list[int]) -> None:
    """SIGTERM to these and all below them; SIGKILL to those that are still there after a while."""
    found = below(processes)
    _send(signal.SIGTERM, found)
    limit = time.monotonic() + GRACE
    while time.monotonic() < limit and _still(found):
        time.sleep(0.1)
    _send(signal.SIGKILL, _still(found))
    while time.monotonic() < limit + GRACE and _still(found):  # it takes effect in its time
        time.sleep(0.01)


def below(processes: list[int]) -> dict[int, str]:
    """These and their descendants: process ID → when it was started, since an ID may be used again."""
    children: dict[int, list[int]] = {}
    started = {}
    for path in Path("/proc").glob("[0-9]*"):
        status = _status(int(path.name))
        if status:
            started[int(path.name)] = status[1]
            children.setdefault(status[0], []).append(int(path.name))
    found: dict[int, str] = {}
    waiting = list(processes)
    while waiting:
        pid = waiting.pop()
        if pid in started:
            found[pid] = started[pid]
            waiting += children.get(pid, [])
    return found


def _status(pid: int) -> tuple[int, str] | None:
    """The parent, and when it was started; None for one that is gone, or dead and not yet waited for (proc(5))."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else (int(fields[1]), fields[19])


def _still(processes: dict[int, str]) -> dict[int, str]:
    return {pid: started for pid, started in processes.items() if (_status(pid) or ("", ""))[1] == started}


def _send(number: int, processes: dict[int, str]) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
