# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a unit has said before it failed."""

from __future__ import annotations

import contextlib
import time
from typing import Sequence

from ..._health.failure import Failure
from ..._systemd_cli import argv, parse
from ..._text import lines_of
from .commands import CommandFailed, Commands

_JOURNAL_LINES = 20
_MARGIN = 0.2  # seconds: what the manager says before it starts the main process


def last_lines(failures: Sequence[Failure], commands: Commands) -> dict[str, list[str]]:
    """Unit → the last journal lines of the invocation that failed."""
    if not failures:
        return {}
    with contextlib.suppress(CommandFailed):
        commands.attempt(argv.journal_sync())
    return {failure.unit: _lines_of(failure, commands) for failure in failures}


def _lines_of(failure: Failure, commands: Commands) -> list[str]:
    try:
        output = commands.output(_journal(failure, commands), accept=(0, 1), as_root=True)
    except CommandFailed as error:  # the failure is told without them, and what has failed is put back all the same
        return lines_of([f"({error})"])
    return lines_of((commands.discreet(message) for message in parse.journal_lines(output)), _JOURNAL_LINES)


def _journal(failure: Failure, commands: Commands) -> list[str]:
    since = time.time() - time.monotonic() + failure.since / 1_000_000 - _MARGIN if failure.since else 0
    if commands.is_for_user:
        return argv.journal_of_user_unit(failure.unit, commands.uid, _JOURNAL_LINES, since if failure.invocation else 0)
    return argv.journal(failure.unit, _JOURNAL_LINES, failure.invocation, failure.stamp, since)
