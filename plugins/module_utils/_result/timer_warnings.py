# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timers that are started, and will never start anything; and those that systemd starts over at a daemon-reload.

systemd.timer(5); a timer that has no next elapse is active (elapsed). Tried on systemd 247, 252 and 262.
"""

from __future__ import annotations

from typing import Iterable, Iterator

from .._desired.desired import Desired, Unit
from .._desired.unit_checks import triggered_by
from .._plan.actions import Action, DaemonReexec, DaemonReload
from .._plan.observed import Observed, UnitState

# Elapse once in the life of the timer, of the host or of the manager: to have elapsed is what they are made for.
_ONCE = ("OnActiveSec", "OnBootSec", "OnStartupSec")
# Count from the last run of what the timer starts.
_AFTER_A_RUN = ("OnUnitActiveSec", "OnUnitInactiveSec")
_EVENTS = ("OnClockChange", "OnTimezoneChange")


def warnings_about_timers(desired: Desired, before: Observed, after: Observed, actions: Iterable[Action]) -> Iterator[str]:
    reloads = any(isinstance(action, (DaemonReload, DaemonReexec)) for action in actions)
    for unit in desired.units:
        if not unit.name.endswith(".timer") or unit.is_template or not unit.wants_to_run:
            continue
        if _never_elapses(unit, desired, after):
            yield _told(unit)
        if reloads and _starts_over(before.unit(unit.name)) and unit.document.values("Timer", "OnActiveSec"):
            started = triggered_by(unit.name, unit.document)[0]
            again = (
                f"{unit.name} has OnActiveSec=, which systemd counts again from each daemon-reload: it starts {started} once more"
            )
            yield f"{again}. OnBootSec= does not."


def _starts_over(state: UnitState) -> bool:
    """One that has something else to come; what has elapsed for good stays so."""
    return state.is_up and state.sub != "elapsed"


def _never_elapses(unit: Unit, desired: Desired, after: Observed) -> bool:
    is_known = unit.has_file or unit.is_instance or bool(unit.installed)
    if not is_known or any(unit.document.values("Timer", key) for key in (*_ONCE, *_EVENTS)):
        return False
    state = after.unit(unit.name)
    if state.is_up:
        return state.sub == "elapsed"
    if not desired.scope.has_manager or unit.document.values("Timer", "OnCalendar"):
        return False  # whether a calendar has a future only the host's systemd knows
    return not any(_will_run(name, desired, after) for name in triggered_by(unit.name, unit.document))


def _will_run(name: str, desired: Desired, after: Observed) -> bool:
    declared = [unit for unit in desired.units if unit.name == name]
    return any(unit.wants_to_run for unit in declared) or after.unit(name).is_up or after.unit(name).entered > 0


def _told(unit: Unit) -> str:
    started = triggered_by(unit.name, unit.document)[0]
    keys = [key for key in _AFTER_A_RUN if unit.document.values("Timer", key)]
    if keys and not unit.document.values("Timer", "OnCalendar"):
        why = f"{' and '.join(f'{key}=' for key in keys)} count from a run of {started}, and nothing else starts that"
        return f"{unit.name} will never elapse: {why}. Add OnActiveSec=, OnBootSec= or OnCalendar= for the first run."
    return f"{unit.name} will never elapse: none of its times lies in the future. Change OnCalendar=, or take the timer away."
