# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the units that were started until they have proven to stay up, and have answered their probes."""

from __future__ import annotations

import time

from ..._health.failure import Failure
from ..._health.watched import Watched
from ..io.commands import Commands
from ..observation.observe import unit_states

_INTERVAL = 0.25


def settle(watched: Watched, commands: Commands) -> list[Failure]:
    """All units are watched and asked at once, so the cost is the longest of them; the first failure ends it."""
    if not watched.names:
        return []
    # An unchanged run imports nothing of this, nor does a run without probes what they need.
    from ..._health.watch import Watch
    from .diagnostics import HostEvidence

    watch = Watch(watched, HostEvidence(commands))
    begun = time.monotonic()
    probes = None
    if watched.subjects:
        from .probe import Probes

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
