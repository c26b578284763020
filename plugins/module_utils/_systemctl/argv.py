# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of systemctl and journalctl: built here and nowhere else."""

from __future__ import annotations

from typing import Sequence

SYSTEMCTL = "systemctl"

# What the collection asks of a unit. The order in which `show` prints them is systemd's own.
PROPERTIES = (
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "Result",
    "UnitFileState",
    "NeedDaemonReload",
    "MainPID",
    "NRestarts",
    "InvocationID",
    "ExecMainCode",
    "ExecMainStatus",
    "ExecMainStartTimestampMonotonic",
    "ActiveEnterTimestampMonotonic",
    "ConditionResult",
)


def show(units: Sequence[str]) -> list[str]:
    """All units in one call: 8 ms for one, 15–29 for ten. A missing unit is reported with LoadState=not-found, rc 0."""
    return [SYSTEMCTL, "show", "--no-pager", f"--property={','.join(PROPERTIES)}", "--", *units]


def daemon_reload() -> list[str]:
    return [SYSTEMCTL, "daemon-reload"]


def job(verb: str, units: Sequence[str]) -> list[str]:
    """start, stop, restart or reset-failed of several units; waits for the jobs."""
    return [SYSTEMCTL, "--no-pager", verb, "--", *units]


def journal_sync() -> list[str]:
    return ["journalctl", "--sync"]


def journal(invocation: str, unit: str, lines: int) -> list[str]:
    """The last lines of one invocation. PID 1's own lines about it carry INVOCATION_ID, the unit's _SYSTEMD_INVOCATION_ID."""
    fields = [f"_SYSTEMD_INVOCATION_ID={invocation}", "+", f"INVOCATION_ID={invocation}"] if invocation else [f"--unit={unit}"]
    return ["journalctl", "--no-pager", "--quiet", "--output=json", "--output-fields=MESSAGE", f"--lines={lines}", *fields]
