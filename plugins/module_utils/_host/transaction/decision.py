# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision: all that is known before anything is touched, made by decide.py and carried out by carry_out.py."""

from __future__ import annotations

from ..._dataclasses import dataclass, field
from ..._declaration.model import Stack
from ..._desired.credentials import Keeping
from ..._desired.desired import Desired
from ..._plan.observed import Observed
from ..._plan.plan import Plan


@dataclass(frozen=True)
class Decision:
    """All that is known before anything is touched. needed: digests of large files that must be sent first.

    warnings: what the checks have found that is no mistake for certain. keeping: how the host keeps the secrets in it.
    unjudged: services whose exposure shows only when they are loaded.
    """

    stack: Stack
    desired: Desired
    observed: Observed
    plan: Plan
    needed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)
    unjudged: tuple[str, ...] = ()
