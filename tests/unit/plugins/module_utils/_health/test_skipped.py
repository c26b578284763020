# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd skips for its condition is no failure: it is told, and nothing has changed. On real systemd: dead_ends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._health.diagnostics import Diagnostics
from ansible_collections.daemonic.systemd.plugins.module_utils._health.unit_health import Background, judge
from ansible_collections.daemonic.systemd.plugins.module_utils._health.watch import Watch
from ansible_collections.daemonic.systemd.plugins.module_utils._health.watched import Watched
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._result.report import result_of

from ..builders import SLEEPER, desired, unit, units_of
from ..simulated_host import Host, check_converged

CONDITION = {"Unit": {"ConditionPathExists": "/etc/on"}}
SKIPPED = UnitState("a.service", load="loaded", result="success", condition_met=False)
FORGOTTEN = replace(SKIPPED, condition_met=True)


def conditional(**sections: Any) -> Desired:
    return desired(units={"a.service": unit(**{**CONDITION, **sections})})


class Journal(Diagnostics):
    def __init__(self, says: bool) -> None:
        self.says, self.asked = says, 0

    def was_skipped(self, state: UnitState) -> bool:
        self.asked += 1
        return self.says


def test_unit_that_is_skipped_is_no_failure() -> None:
    assert judge(SKIPPED, SKIPPED, background=Background(units_of(conditional())["a.service"])) is None


def test_who_is_asked_whether_he_is_well_must_run() -> None:
    wanted = conditional(health={"tcp": 9000})
    failure = judge(SKIPPED, SKIPPED, background=Background(units_of(wanted)["a.service"]))
    assert failure is not None
    assert failure.problem == "was not started: a condition of its unit is not met (ConditionPathExists=/etc/on)"


@pytest.mark.parametrize("state", [SKIPPED, FORGOTTEN], ids=["systemd knows", "the journal knows"])
def test_unit_that_is_skipped_is_not_watched_for_long(state: UnitState) -> None:
    watch = Watch(Watched(("a.service",), 3), Journal(True))
    assert watch.look(0, {"a.service": state}) == []
    assert watch.is_over


def test_unit_that_has_ended_is_not_taken_for_skipped() -> None:
    """systemd has forgotten it, too, when nothing refers to it."""
    (failure,) = Watch(Watched(("a.service",), 3), Journal(False)).look(0, {"a.service": FORGOTTEN})
    assert "ended by itself" in failure.problem


def test_journal_is_asked_once_and_only_of_what_may_be_skipped() -> None:
    def looked(**service: Any) -> int:
        wanted = units_of(desired(units={"a.service": {"Service": {"ExecStart": "/bin/a", "Type": "oneshot"}, **service}}))
        journal = Journal(False)
        watch = Watch(Watched(("a.service",), 3, run_once={"a.service"}, units=wanted), journal)
        for now in (0, 1, 2):
            watch.look(now, {"a.service": FORGOTTEN})
        return journal.asked

    assert looked() == 0
    assert looked(**CONDITION) == 1


def result(host: Host, wanted: Desired) -> dict[str, Any]:
    before = host.observe(wanted)
    plan = host.run(wanted)
    return result_of(plan, wanted, before, host.observe(wanted), (), False)


WARNING = "a.service was not started, since a condition of its unit is not met (ConditionPathExists=/etc/on)"


def test_unit_that_is_skipped_is_told_and_changes_nothing() -> None:
    host, wanted = Host(), conditional()
    first = result(host, wanted)
    again = result(host, wanted)
    for each, changed in ((first, True), (again, False)):
        assert (each["changed"], each["condition_not_met"], each["warnings"]) == (changed, ["a.service"], [f"{WARNING}."])
        assert each["units"]["a.service"]["condition_met"] is False
    host.write("/etc/on", "")
    started = result(host, wanted)
    assert (started["changed"], started["condition_not_met"], started["warnings"]) == (True, [], [])
    assert started["units"]["a.service"]["condition_met"] is True
    check_converged(host, wanted)


def test_unit_that_ran_and_is_skipped_is_told_so() -> None:
    host = Host()
    host.write("/etc/on", "")
    host.run(conditional())
    del host.files["/etc/on"]
    assert result(host, conditional(Service={"Nice": 5}))["warnings"] == [f"{WARNING}, and it does not run any more."]


def test_job_that_was_skipped_has_not_run() -> None:
    """It runs as soon as its condition is met."""
    job = {"state": "started", **CONDITION, "Service": {"Type": "oneshot", "ExecStart": "/bin/a"}}
    host, wanted = Host(), desired(units={"a.service": job})
    host.run(wanted)
    host.write("/etc/on", "")
    host.run(wanted)
    assert ("start", "a.service") in host.fired
    assert host.plan(wanted).actions == ()


def test_condition_of_another_unit_changes_nothing() -> None:
    host = Host()
    wanted = desired(units={"a.service": unit(**CONDITION), "b.service": SLEEPER})
    assert result(host, wanted)["condition_not_met"] == ["a.service"]
    assert host.is_up("b.service")
