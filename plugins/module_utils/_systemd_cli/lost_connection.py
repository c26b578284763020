# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Was the manager not there to answer? Then the same may be asked again. Pure.

systemctl(1) speaks to the manager by a connection that ends when that executes itself again (daemon-reexec, each upgrade of
systemd). Its words are those of sd-bus and of the C library; they were collected on 247, 252, 254, 257 and 262.
"""

from __future__ import annotations

from typing import Sequence

# What is said when the connection ends under an answer that is waited for, or is not there yet.
_LOST = (
    "Connection reset by peer",
    "Transport endpoint is not connected",
    "Message recipient disconnected from message bus without replying",
    "Remote peer disconnected",
    "D-Bus connection terminated",
    "Connection terminated",
    "Failed to connect to bus: Connection refused",
    "Failed to connect to system scope bus via local transport: Connection refused",
    "Failed to connect to bus: Resource temporarily unavailable",
    "Broken pipe",
    "Message did not receive a reply (timeout by message bus)",
)
# The manager has the job, and only its end was not seen: it takes its jobs along when it executes itself again.
_WAITING = ("Failed to wait for response", "D-Bus connection terminated")
_PROGRAMS = ("systemctl", "systemd-analyze", "systemd-run", "loginctl")


def is_lost(argv: Sequence[str], rc: int, stderr: str) -> bool:
    return rc != 0 and any(program in argv[:6] for program in _PROGRAMS) and any(words in stderr for words in _LOST)


def has_job(stderr: str) -> bool:
    """Of a command that was lost: it waited for the end of its job already."""
    return any(words in stderr for words in _WAITING)
