# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the units that were started until they have proven to stay up."""

from __future__ import annotations

import time
from typing import Mapping, Sequence

from .._stack.desired import Unit
from .._stack.health import Failure, judge
from .._stack.observed import UnitState
from .._systemctl import argv, parse
from .commands import Commands
from .observe import unit_states

_INTERVAL = 0.25
_JOURNAL_LINES = 20


def settle(
    units: Sequence[Unit], seconds: float, restarts_before: Mapping[str, int], commands: Commands
) -> list[Failure]:
    """All units are watched at once, so the cost is one window, not their sum; the first failure ends it.

    Only what has a process can end by itself: for targets, timers and sockets one look is enough.
    """
    names = [unit.name for unit in units]
    first = unit_states(names, commands)
    now = first
    deadline = time.monotonic() + (seconds if any(name.endswith(".service") for name in names) else 0)
    while True:
        failures = _failures(units, first, now, restarts_before)
        if failures or time.monotonic() >= deadline:
            return failures
        time.sleep(_INTERVAL)
        now = unit_states(names, commands)


def _failures(
    units: Sequence[Unit], first: Mapping[str, UnitState], now: Mapping[str, UnitState], restarts_before: Mapping[str, int]
) -> list[Failure]:
    judged = (judge(unit, first[unit.name], now[unit.name], restarts_before.get(unit.name, 0)) for unit in units)
    return [failure for failure in judged if failure]


def last_lines(failures: Sequence[Failure], commands: Commands) -> dict[str, list[str]]:
    """Unit → the last journal lines of the invocation that failed."""
    if not failures:
        return {}
    commands.attempt(argv.journal_sync())
    return {
        failure.unit: parse.journal_lines(
            commands.output(argv.journal(failure.invocation, failure.unit, _JOURNAL_LINES, commands.is_for_user), (0, 1), as_root=True)
        )
        for failure in failures
    }
