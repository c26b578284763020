# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run works with on the host, and the lock that keeps two runs apart."""

from __future__ import annotations

import os
import time

from ..._dataclasses import dataclass
from ..._declaration.model import Stack
from ..._text import line
from .commands import Commands, HostError, Runner
from .disk import Disk
from .manager import Manager, find_manager

# How long another run is waited for, in seconds: most are over by then.
_PATIENCE = 20
_INTERVAL = 0.2


@dataclass(frozen=True)
class HostContext:
    """The three doors to it: its files, its programs, and the service manager that is meant."""

    disk: Disk
    commands: Commands
    manager: Manager


class Locked(HostError):
    """Another run is at work."""


def prepare(stack: Stack, runner: Runner) -> HostContext:
    """Raises ValidationFailed where the stack cannot be for this host."""
    manager = find_manager(stack.scope, stack.user, stack.root, may_be_offline=stack.how.may_be_offline)
    commands = Commands(runner, manager.user, stack.how.no_block, manager.scope.root)
    return HostContext(Disk(manager.scope.root, manager.user, is_lenient=stack.unsafe != "error"), commands, manager)


def lock(stack: Stack, context: HostContext) -> None:
    """One run at a time changes a host; the lock ends with the process, however it ends. Raises Locked."""
    lock_for(f"stack {stack.name}", context)


def lock_for(who: str, context: HostContext) -> None:
    """The same for what is no stack. Waits for the end of another run, but not for ever."""
    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    deadline = time.monotonic() + _PATIENCE
    while True:
        holder = context.disk.lock(context.manager.lock_path, f"{who}, process {os.getpid()}, since {now}")
        if not holder:
            return
        if time.monotonic() > deadline:
            waited = f"It was waited for {_PATIENCE} s. Nothing was changed. Run this task again when it is done."
            raise Locked(f"Another run changes this host now: {line(holder, 200)}. {waited}")
        time.sleep(_INTERVAL)
