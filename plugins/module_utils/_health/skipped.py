# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that systemd has not started, since a condition of theirs is not met: no failure, but to be told. Pure.

What nothing refers to is unloaded at once, and then only the journal knows why it is down.
"""

from __future__ import annotations

from typing import Collection, Mapping

from .._dataclasses import replace
from .._desired.desired import Unit
from .._plan.observed import UnitState
from .diagnostics import Diagnostics


def with_skipped(
    states: Mapping[str, UnitState], started: Collection[str], units: Mapping[str, Unit], evidence: Diagnostics
) -> dict[str, UnitState]:
    """The same states, with what is known of those that were started, and that systemd has forgotten since."""
    found = dict(states)
    for name in started:
        if name in found and may_be_skipped(found[name], units.get(name)) and evidence.was_skipped(found[name]):
            found[name] = replace(found[name], condition_met=False)
    return found


def may_be_skipped(state: UnitState, unit: Unit | None) -> bool:
    """A job that is done is forgotten, too; only one with a condition is asked about."""
    return state.is_forgotten and not (unit is not None and unit.runs_once and not conditions_of(unit))


def conditions_of(unit: Unit | None, kind: str = "Condition") -> list[str]:
    """The conditions or assertions of a unit, as they are written. kind: Condition or Assert."""
    if unit is None:
        return []
    found = [f"{e.key}={e.value}" for e in unit.document.entries if e.section == "Unit" and e.key.startswith(kind)]
    if kind == "Condition":
        found += [f"ExecCondition={value}" for value in unit.document.values("Service", "ExecCondition")]
    return found
