# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the units that were started until they have proven to stay up, and have answered their probes."""

from __future__ import annotations

import time
from typing import Sequence

from .._outcome.health import Failure
from .._outcome.watch import Watch, Watched
from .._systemctl import argv, parse
from .commands import Commands
from .evidence import HostEvidence
from .observe import unit_states

_INTERVAL = 0.25
_JOURNAL_LINES = 20
_MARGIN = 0.2  # seconds: what the manager says before it starts the main process


def settle(watched: Watched, commands: Commands) -> list[Failure]:
    """All units are watched and asked at once, so the cost is the longest of them; the first failure ends it."""
    if not watched.names:
        return []
    watch = Watch(watched, HostEvidence(commands))
    begun = time.monotonic()
    probes = None
    if watched.subjects:
        from .probe import Probes  # only who asks pays for its imports

        probes = Probes(watched.subjects, commands)
    try:
        while True:
            answers = probes.answers() if probes else ()
            now = time.monotonic() - begun
            failures = watch.look(now, unit_states(watch.names, commands), answers)
            if failures or watch.is_over:
                return failures
            if probes:
                probes.news.wait(_INTERVAL)
                probes.news.clear()
            else:
                time.sleep(_INTERVAL)
    finally:
        if probes:
            probes.end()


def last_lines(failures: Sequence[Failure], commands: Commands) -> dict[str, list[str]]:
    """Unit → the last journal lines of the invocation that failed."""
    if not failures:
        return {}
    commands.attempt(argv.journal_sync())
    return {failure.unit: _lines_of(failure, commands) for failure in failures}


def _lines_of(failure: Failure, commands: Commands) -> list[str]:
    output = commands.output(_journal(failure, commands), accept=(0, 1), as_root=True)
    return [commands.discreet(line) for line in parse.journal_lines(output)]


def _journal(failure: Failure, commands: Commands) -> list[str]:
    if commands.is_for_user:
        return argv.journal_of_user_unit(failure.unit, commands.uid, _JOURNAL_LINES)
    since = time.time() - time.monotonic() + failure.since / 1_000_000 - _MARGIN if failure.since else 0
    return argv.journal(failure.unit, _JOURNAL_LINES, failure.invocation, failure.stamp, since)
