# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the words about a failure ask of the host. Only a failed run comes here, and imports what it reads with."""

from __future__ import annotations

import os
import stat
from typing import Sequence

from ..._declaration.probe import listen_address
from ..._health.diagnostics import Diagnostics, End, PathFacts, Process
from ..._plan.observed import UnitState
from ..._systemd_cli import argv
from ..._unitfile.exec_lines import interpreter_in
from ..io.commands import CommandFailed, Commands
from ..io.door import Door
from ..io.labels import label_that_counts


class HostEvidence(Diagnostics):
    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._synced = False

    def at(self, path: str) -> PathFacts | None:
        try:
            found = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return PathFacts()
        except OSError:
            return None
        if stat.S_ISDIR(found.st_mode):
            return PathFacts("directory")
        if not stat.S_ISREG(found.st_mode):
            return PathFacts("other")
        return self._file(path, bool(found.st_mode & 0o111))

    def _file(self, path: str, is_executable: bool) -> PathFacts:
        try:
            with Door().following(path) as place:
                head = place.head(256)
        except OSError:
            return PathFacts("file", is_executable, label=label_that_counts(path))
        interpreter = interpreter_in(head)
        return PathFacts("file", is_executable, interpreter is not None, interpreter or "", label_that_counts(path))

    def last_end(self, state: UnitState) -> End | None:
        from ..._systemd_cli import process_ends

        return process_ends.last_end(self._noted(argv.journal_of_last_end(state.name, self._user)))

    def was_stopped(self, state: UnitState) -> bool:
        return state.invocation != "" and "{" in self._noted(argv.journal_of_stop(state.name, state.invocation, self._user))

    @property
    def _user(self) -> int | None:
        return self._commands.uid if self._commands.is_for_user else None

    def _noted(self, command: Sequence[str]) -> str:
        """What the journal has; nothing where it cannot be read: then the failure is told without it."""
        try:
            if not self._synced:
                self._commands.attempt(argv.journal_sync())
                self._synced = True
            return self._commands.output(command, accept=(0, 1), as_root=True)
        except CommandFailed:
            return ""

    def was_skipped(self, state: UnitState) -> bool:
        from ..._systemd_cli import process_ends

        return process_ends.is_skipped(self._noted(argv.journal_of_last_start(state.name, self._user)))

    def holders_of(self, address: str) -> Sequence[Process]:
        from ..._health.listeners import tcp_listeners, unix_listeners
        from ..io.processes import holders_of, text_of

        path, port = listen_address(address)
        if path:
            inodes = unix_listeners(text_of("/proc/net/unix"), path)
        else:
            inodes = tcp_listeners(text_of("/proc/net/tcp"), text_of("/proc/net/tcp6"), port) if port else []
        return [process for holders in holders_of(inodes) for process in holders]
