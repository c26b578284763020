# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the units that were started until they have proven to stay up."""

from __future__ import annotations

import time
from typing import Collection, Mapping, Sequence

from .._outcome.health import Failure, judge
from .._systemctl import argv, parse
from .commands import Commands
from .observe import unit_states

_INTERVAL = 0.25
_JOURNAL_LINES = 20
_MARGIN = 0.2  # seconds: what the manager says before it starts the main process


def settle(
    names: Sequence[str], seconds: float, run_once: Collection[str], restarts_before: Mapping[str, int], commands: Commands
) -> list[Failure]:
    """All units are watched at once, so the cost is one window, not their sum; the first failure ends it.

    run_once: those that may end by themselves. restarts_before: automatic restarts of those that were not started now.
    Only what has a process can end by itself: for targets, timers and sockets one look is enough.
    """
    first = unit_states(names, commands)
    now = first
    deadline = time.monotonic() + (seconds if any(name.endswith(".service") for name in names) else 0)
    end_well: set[str] = set()
    # A restart of ours that meets an automatic one may be counted as such: only what comes later is a crash.
    known = {name: first[name].restarts if seconds else restarts_before.get(name, 0) for name in names}
    while True:
        end_well |= {name for name in names if now[name].loops_well}
        judged = [judge(first[name], now[name], name in run_once, known[name], name in end_well) for name in names]
        failures = [failure for failure in judged if failure]
        if failures or time.monotonic() >= deadline:
            return failures
        time.sleep(_INTERVAL)
        now = unit_states(names, commands)


def last_lines(failures: Sequence[Failure], commands: Commands) -> dict[str, list[str]]:
    """Unit → the last journal lines of the invocation that failed."""
    if not failures:
        return {}
    commands.attempt(argv.journal_sync())
    return {
        failure.unit: parse.journal_lines(commands.output(_journal(failure, commands), accept=(0, 1), as_root=True))
        for failure in failures
    }


def _journal(failure: Failure, commands: Commands) -> list[str]:
    if commands.is_for_user:
        return argv.journal_of_user_unit(failure.unit, commands.uid, _JOURNAL_LINES)
    since = time.time() - time.monotonic() + failure.since / 1_000_000 - _MARGIN if failure.since else 0
    return argv.journal(failure.unit, _JOURNAL_LINES, failure.invocation, failure.stamp, since)
