# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the host what the checks of _checks/ need to know. Nothing is run for units that stay as they are."""

from __future__ import annotations

from typing import Sequence

from .._checks.written import Written
from .._declaration.model import Stack
from .._declaration.problems import Problems
from .._desired.desired import Desired
from .._plan.observed import Observed
from .tools import Tools
from .trails import check_ways


def check_host(
    stack: Stack,
    desired: Desired,
    observed: Observed,
    written: Sequence[Written],
    tools: Tools,
    problems: Problems,
) -> tuple[str, ...]:
    """Check the units that are about to be written, at least one. Touches nothing. Returns warnings."""
    warnings: list[str] = []
    if stack.unsafe != "ignore":
        unsafe = Problems()
        check_ways(desired, observed, written, tools, unsafe)
        warnings += unsafe.by_policy(stack.unsafe, problems)
    return tuple(warnings)
