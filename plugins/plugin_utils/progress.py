# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a long run stands: read on the host beside it, and shown while the task waits for its end."""

from __future__ import annotations

import copy
import shlex
import time
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Iterator, Mapping

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._text import line

# Seconds: a run that is over before costs nothing.
_FIRST, _EVERY = 5.0, 3.0
# Connections that run a command while they run another one. Those of Mitogen go by the same names, and do not.
_TWO_AT_ONCE = (
    "ansible.plugins.connection.ssh",
    "ansible.plugins.connection.local",
    "ansible_collections.containers.podman.plugins.connection.podman",
    "ansible_collections.community.docker.plugins.connection.docker",
)
_SHOWN = 200  # characters

# Reads one lock, in its place (module_utils/_host/io/manager.py), as the user who owns it. A symlink, a pipe or a foreign file
# does not count, nor does what a killed run has left. argv: "" or "user", then the name of that user or "".
READ = rb"""
import os, pwd, stat, sys
scope, name = sys.argv[1:3]
if scope == "user":
    user = pwd.getpwnam(name) if name else pwd.getpwuid(os.geteuid())
    if user.pw_uid != os.geteuid():
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    path = user.pw_dir + "/.daemonic.systemd.lock"
else:
    path = "/run/daemonic.systemd.lock"
handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
found = os.fstat(handle)
if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022:
    text = os.read(handle, 4096)
    pid = text.partition(b"\n")[0].partition(b", process ")[2].partition(b",")[0]
    if pid.isdigit() and os.path.isdir(b"/proc/" + pid):
        sys.stdout.buffer.write(text)
"""


@contextmanager
def progress(action: ActionBase, task_vars: Mapping[str, Any], takes_lock: bool, params: Mapping[str, Any]) -> Iterator[None]:
    """Shows what the host is doing, as long as this lasts. takes_lock: else what the lock tells is not about this run."""
    is_over = Event()
    if takes_lock and not action._task.no_log and type(action._connection).__module__ in _TWO_AT_ONCE:
        name = str(task_vars.get("inventory_hostname", ""))
        who = "stack unit:" if getattr(action, "module", "") == "unit" else f"stack {params.get('name')}, "
        Thread(target=_watch, args=(action, name, _scope(params), who, is_over), daemon=True).start()
    try:
        yield
    finally:
        is_over.set()


def _scope(params: Mapping[str, Any]) -> tuple[str, str]:
    return ("user", str(params.get("scope_user") or "")) if params.get("scope") == "user" else ("", "")


def _watch(action: ActionBase, name: str, scope: tuple[str, str], who: str, is_over: Event) -> None:
    beside = copy.copy(action)
    beside._connection = copy.copy(action._connection)
    begun, shown, pause = time.monotonic(), "", _FIRST
    while not is_over.wait(pause):
        pause = _EVERY
        try:
            # By standard input: for a command Ansible would have a terminal made, which the host records as a login.
            said = beside._low_level_execute_command(command(action._used_interpreter, scope), in_data=READ).get("stdout", "")
        except Exception:  # whatever a connection may raise: the task itself tells what is wrong with it
            return
        step = step_in(said, who)
        if step and step != shown and not is_over.is_set():
            # Not into the output, which may be the JSON of a callback.
            Display().display(f"{name}: {step} ({time.monotonic() - begun:.0f} s)", stderr=True)
            shown = step


def command(interpreter: str | None, scope: tuple[str, str]) -> str:
    """The interpreter of the task, without its site and environment."""
    python = shlex.split((interpreter or "").lstrip("#!")) or ["python3"]
    return shlex.join([*python, "-IS", "-", *scope])


def step_in(text: str, who: str) -> str:
    """What the holder of the lock does; where that is another run, who it is. who: how this run calls itself there."""
    holder, *steps = text[:4096].strip().split("\n")
    step = line(steps[-1].strip(), _SHOWN) if steps else ""
    if holder.startswith(who):
        return step
    return f"waits for {line(holder, _SHOWN)}{f': {step}' if step else ''}" if holder else ""
