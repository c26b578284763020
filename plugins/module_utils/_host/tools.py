# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run works with on the host."""

from __future__ import annotations

from dataclasses import dataclass

from .commands import Commands
from .disk import Disk
from .manager import Manager


@dataclass(frozen=True)
class Tools:
    """The three doors to it: its files, its programs, and the service manager that is meant."""

    disk: Disk
    commands: Commands
    manager: Manager
