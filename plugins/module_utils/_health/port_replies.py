# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a port still answer as it did? Pure: compares what a client has met there before and after."""

from __future__ import annotations

from typing import Mapping

from .failure import Failure

# What a client meets that connects and says nothing.
REFUSED = "refuses connections"
SILENT = "ends each connection at once, without a word"
SPEAKS = "speaks"
WAITS = "says nothing"

# How long is listened, in seconds; PATIENCE: to what has spoken before.
SPAN = 2.0
PATIENCE = 10.0


def spans(before: Mapping[str, str]) -> dict[str, float]:
    """Unit → how long it is listened to afterwards; what did not serve before is not asked."""
    return {unit: PATIENCE if met == SPEAKS else SPAN for unit, met in before.items() if met in (SPEAKS, WAITS)}


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> list[Failure]:
    """Unit → what was met. Who has waited for a word of the client may speak, but not the other way round."""
    return [
        Failure(unit, f"does not answer as before: it {met}", "")
        for unit, met in after.items()
        if met != SPEAKS and met != before[unit]
    ]
