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


def check_host(
    stack: Stack,  # noqa: ARG001
    desired: Desired,  # noqa: ARG001
    observed: Observed,  # noqa: ARG001
    written: Sequence[Written],  # noqa: ARG001
    tools: Tools,  # noqa: ARG001
    problems: Problems,  # noqa: ARG001
) -> tuple[str, ...]:
    """Check the units that are about to be written, at least one. Touches nothing. Returns warnings."""
    warnings: list[str] = []
    return tuple(warnings)
