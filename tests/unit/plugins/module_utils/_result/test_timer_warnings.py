# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A timer that never starts anything is told, and one that systemd starts over."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.actions import DaemonReload
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._result.timer_warnings import warnings_about_timers

from ..builders import desired

JOB = {"Service": {"Type": "oneshot", "ExecStart": "/bin/true"}}
WAITING = {"t.timer": UnitState("t.timer", load="loaded", active="active", sub="waiting")}
ELAPSED = {"t.timer": UnitState("t.timer", load="loaded", active="active", sub="elapsed")}
RELOAD = [DaemonReload("systemd", "t.timer changed")]


def told(timer: dict[str, Any], before: Any = None, after: Any = None, actions: Any = (), **units: Any) -> list[str]:
    given = {"t.timer": {"Timer": timer, "Install": {"WantedBy": "timers.target"}}, "t.service": JOB}
    given.update({name.replace("_", "."): unit for name, unit in units.items()})
    seen = [Observed(paths={}, units=each or {}, links={}, manifest=None) for each in (before, after)]
    return list(warnings_about_timers(desired(units=given), seen[0], seen[1], actions))


@pytest.mark.parametrize(
    ("timer", "after", "words"),
    [
        pytest.param({"OnUnitActiveSec": "1h"}, ELAPSED, "OnUnitActiveSec= count", id="after a run that never comes"),
        pytest.param({"OnUnitInactiveSec": "1h"}, ELAPSED, "OnUnitInactiveSec= count", id="after an end that never comes"),
        pytest.param({"OnUnitActiveSec": "1h", "OnUnitInactiveSec": 1}, None, "OnBootSec= or OnCalendar=", id="predicted"),
        pytest.param({"OnCalendar": "2020-01-01"}, ELAPSED, "none of its times lies in the future", id="a day that is gone"),
        pytest.param({"OnUnitActiveSec": "1h"}, WAITING, "", id="the job has run"),
        pytest.param({"OnUnitActiveSec": "1h", "OnActiveSec": 1}, ELAPSED, "", id="once"),
        pytest.param({"OnUnitActiveSec": "1h", "OnBootSec": 1}, None, "", id="from boot"),
        pytest.param({"OnUnitActiveSec": "1h", "OnClockChange": True}, ELAPSED, "", id="at an event"),
        pytest.param({"OnCalendar": "daily"}, None, "", id="a calendar, predicted"),
        pytest.param({"OnCalendar": "daily"}, WAITING, "", id="a calendar"),
        pytest.param({"OnUnitActiveSec": "1h", "OnCalendar": "daily"}, WAITING, "", id="both"),
        pytest.param({"OnUnitActiveSec": ["1h", ""], "OnActiveSec": 1}, ELAPSED, "", id="a reset"),
    ],
)
def test_a_timer_that_never_elapses(timer: dict[str, Any], after: Any, words: str) -> None:
    found = told(timer, after=after)
    assert [words in warning for warning in found] == ([True] if words else [])


def test_a_timer_of_a_service_that_is_started_otherwise() -> None:
    service = {"Service": {"ExecStart": "/bin/true"}, "Install": {"WantedBy": "multi-user.target"}}
    assert told({"OnUnitActiveSec": "1h"}, t_service=service) == []
    ran = {"t.service": UnitState("t.service", load="loaded", entered=1)}
    assert told({"OnUnitActiveSec": "1h"}, after=ran) == []
    assert len(told({"OnUnitActiveSec": "1h", "Unit": "apt-daily.service"})) == 1


@pytest.mark.parametrize(
    ("timer", "before", "actions", "count"),
    [
        pytest.param({"OnActiveSec": 1, "OnUnitActiveSec": "1h"}, WAITING, RELOAD, 1, id="at a daemon-reload"),
        pytest.param({"OnActiveSec": 1, "OnUnitActiveSec": "1h"}, WAITING, (), 0, id="not without one"),
        pytest.param({"OnActiveSec": 1}, ELAPSED, RELOAD, 0, id="not when it has elapsed for good"),
        pytest.param({"OnActiveSec": 1}, None, RELOAD, 0, id="not when it is new"),
        pytest.param({"OnBootSec": 1, "OnUnitActiveSec": "1h"}, WAITING, RELOAD, 0, id="not from boot"),
    ],
)
def test_a_timer_that_fires_again(timer: dict[str, Any], before: Any, actions: Any, count: int) -> None:
    assert len(told(timer, before, WAITING, actions)) == count
