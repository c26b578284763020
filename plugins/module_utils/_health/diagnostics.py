# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words about a failure may ask of the host, as values; who reads it is _host/health/diagnostics.py."""

from __future__ import annotations

from typing import Literal, Sequence

from .._dataclasses import dataclass
from .._plan.observed import UnitState


@dataclass(frozen=True)
class PathFacts:
    """What lies at a path. kind: missing, file, directory, other. interpreter: that of its #! line; is_program: it has
    one, or it is a binary that the kernel may run. label: the type of its SELinux label, where that decides.
    """

    kind: Literal["missing", "file", "directory", "other"] = "missing"
    is_executable: bool = False
    is_program: bool = True
    interpreter: str = ""
    label: str = ""


@dataclass(frozen=True)
class End:
    """How a process of a unit ended. command: ExecStart, ExecStartPre, …; code and status as in UnitState."""

    command: str
    exit_code: int
    exit_status: int


@dataclass(frozen=True)
class Process:
    """One that holds a listening socket. groups: the text of /proc/PID/cgroup; invocation: INVOCATION_ID of its
    environment, "" where it cannot be read.
    """

    pid: int
    command: str
    groups: str = ""
    invocation: str = ""

    def __str__(self) -> str:
        return f"process {self.pid} ({self.command})" if self.command else f"process {self.pid}"


class Diagnostics:
    """This one knows nothing, which is always a true answer."""

    def at(self, path: str) -> PathFacts | None:
        """None: not known."""
        return None

    def last_end(self, state: UnitState) -> End | None:
        """The last process of the unit that ended, as the journal has it."""
        return None

    def was_stopped(self, state: UnitState) -> bool:
        """The manager was asked to stop the unit in this start of it; it did not end by itself."""
        return False

    def was_skipped(self, state: UnitState) -> bool:
        """Whether the last start of the unit ended with a condition that is not met, as the journal has it."""
        return False

    def holders_of(self, address: str) -> Sequence[Process]:
        """Those that listen at an address as ListenStream= has it."""
        return ()
