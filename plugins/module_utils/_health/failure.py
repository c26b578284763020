# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit that is not well, as a value."""

from __future__ import annotations

from .._dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """A unit that is not well. problem: a clause after its name.

    invocation: the run whose journal tells more; "" when that run is over and a later one has taken its place. since:
    when it began, in µs of the monotonic clock. stamp: that of its journal lines.
    """

    unit: str
    problem: str
    invocation: str
    since: int = 0
    stamp: str = ""
