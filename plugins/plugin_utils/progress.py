# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a long run stands: read on the host beside it, and shown while the task waits for its end."""

from __future__ import annotations

import copy
import re
import time
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Iterator, Mapping

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

# Seconds: a run that is over before costs nothing.
_FIRST, _EVERY = 5.0, 3.0
# Connections that run a command while they run another one. Those of Mitogen go by the same names, and do not.
_TWO_AT_ONCE = (
    "ansible.plugins.connection.ssh",
    "ansible.plugins.connection.local",
    "ansible_collections.containers.podman.plugins.connection.podman",
    "ansible_collections.community.docker.plugins.connection.docker",
)
# The locks and what their holders are doing (module_utils/_host/disk.py): of the system, of the managers of users. A line each;
# what a run that was killed has left is none, nor is what it has left without an end.
_READ = b"""
for lock in %s; do
    pid=$(sed -n '1s/.*, process \\([0-9]*\\), .*/\\1/p' "$lock" 2>/dev/null)
    [ -z "$pid" ] || ! [ -d "/proc/$pid" ] || echo "$(head -n 1 "$lock")|$(sed 1d "$lock" | tail -n 1)"
done
"""
_LOCK, _LOCK_OF_USER = b"/run/daemonic.systemd.lock", b"~%s/.daemonic.systemd.lock"


@contextmanager
def progress(action: ActionBase, task_vars: Mapping[str, Any], takes_lock: bool, params: Mapping[str, Any]) -> Iterator[None]:
    """Shows what the host is doing, as long as this lasts. takes_lock: else what the lock tells is not about this run."""
    is_over = Event()
    if takes_lock and type(action._connection).__module__ in _TWO_AT_ONCE:
        beside = copy.copy(action)
        beside._connection = copy.copy(action._connection)
        name = str(task_vars.get("inventory_hostname", ""))
        command = _READ % _lock(params)
        who = "stack unit:" if getattr(action, "module", "") == "unit" else f"stack {params.get('name')}, "
        Thread(target=_watch, args=(beside, name, command, who, is_over), daemon=True).start()
    try:
        yield
    finally:
        is_over.set()


def _lock(params: Mapping[str, Any]) -> bytes:
    """As the shell of the host finds it; a name that could mean more to a shell is left out."""
    if params.get("scope") != "user":
        return _LOCK
    name = str(params.get("scope_user") or "")
    return _LOCK_OF_USER % (name.encode() if _PLAIN.fullmatch(name) else b"")


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def _watch(action: ActionBase, name: str, command: bytes, who: str, is_over: Event) -> None:
    begun, shown, pause = time.monotonic(), "", _FIRST
    while not is_over.wait(pause):
        pause = _EVERY
        try:
            # By standard input: for a command Ansible would have a terminal made, which the host records as a login.
            step = _step(action._low_level_execute_command("/bin/sh", in_data=command).get("stdout", ""), who)
        except Exception:  # whatever a connection may raise: the task itself tells what is wrong with it
            return
        if step and step != shown and not is_over.is_set():
            Display().display(f"{name}: {step} ({time.monotonic() - begun:.0f} s)")
            shown = step


def _step(text: str, who: str) -> str:
    """What the holder of the lock does; where that is another run, who it is. who: how this run calls itself there."""
    lines = [line.strip().partition("|") for line in text.strip().split("\n") if "|" in line]
    mine = [step for holder, _bar, step in lines if holder.startswith(who)]
    if mine:
        return mine[0]
    return "".join(f"waits for {holder}{f': {step}' if step else ''}" for holder, _bar, step in lines[:1])
