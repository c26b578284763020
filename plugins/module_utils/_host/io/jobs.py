# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has systemd start, stop, restart and reload units, and waits for that: not for ever, and with a name for what hangs."""

from __future__ import annotations

import time
from typing import Callable, Sequence

from ..._systemd_cli.lost_connection import has_job, is_lost
from .commands import CommandFailed, Commands
from .spawn import TIMED_OUT

# Seconds: how long systemctl waits before it is asked what for; how often after that.
_FIRST, _EVERY = 10.0, 1.0
_PATIENCE = 20


class Hangs(CommandFailed):
    """A job does not come to its end; ours are not queued any more."""

    def __init__(self, told: str) -> None:
        super().__init__((), told=told)


def run(verb: str, units: Sequence[str], commands: Commands, tell: Callable[[str], None]) -> tuple[int, str]:
    """Return code and standard error of systemctl; 0 where only the end was not seen: the units show what came of it.

    Raises Hangs.
    """
    command = commands.systemctl.job(verb, units)
    begun = time.monotonic()
    while True:
        rc, stderr = commands.attempt(command, limit=_FIRST)
        if rc == TIMED_OUT and not stderr:
            _wait(verb, units, begun, commands, tell)
            return 0, ""
        if not is_lost(command, rc, stderr):
            return rc, stderr
        if has_job(stderr):
            _wait(verb, units, begun, commands, tell)
            if verb != "stop":
                return 0, ""
        if time.monotonic() - begun > _PATIENCE:
            return rc, stderr
        time.sleep(_EVERY / 5)


def _wait(verb: str, units: Sequence[str], begun: float, commands: Commands, tell: Callable[[str], None]) -> None:
    from ..._systemd_cli import jobs  # only what takes long comes here

    while True:
        known = jobs.jobs(commands.output(commands.systemctl.list_jobs()))
        mine = jobs.of_units(units, known)
        if not mine:
            return
        found = jobs.roots(mine, known)
        names = list(dict.fromkeys(job.unit for job in found))
        limits = jobs.limits(commands.output(commands.systemctl.show(names, jobs.LIMITS)))
        spent = time.monotonic() - begun
        if spent > jobs.patience(found, units, limits):
            commands.attempt(commands.systemctl.cancel([job.number for job in mine]))
            raise Hangs(jobs.told(mine, found, spent))
        waited_for = [name for name in names if name not in units]
        tell(f"{verb.replace('-', '_')} {' '.join(units)}{f', which waits for {waited_for[0]}' if waited_for else ''}")
        time.sleep(_EVERY)
