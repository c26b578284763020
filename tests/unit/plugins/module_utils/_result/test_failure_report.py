# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads when a deployment has failed."""

from __future__ import annotations

from ansible_collections.daemonic.systemd.plugins.module_utils._health.failure import Failure
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.actions import PutBack
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._result.failure_report import FailureReport

FAILED = FailureReport((Failure("a.service", "failed: exit status 1", "0"),), {"a.service": ["no database"]}, ("Job failed.",))


def test_unit_with_its_last_words() -> None:
    assert FAILED.text == "a.service failed: exit status 1. Its last lines:\n    | no database"


def test_without_a_unit_what_the_program_said() -> None:
    assert FailureReport(complaints=("systemctl: Job failed.",)).text == "systemctl: Job failed."


def test_put_back() -> None:
    story = FAILED.put_back([PutBack("/etc/a", "why")], [], {})
    assert story.text.splitlines()[-1] == "Rolled back: the host is as it was before this run."
    result = story.as_result()
    assert (result["reverted"], result["revert_actions"]) == (
        True,
        [{"action": "put_back", "target": "/etc/a", "reason": "why"}],
    )


def test_not_all_of_it_could_be_put_back() -> None:
    now = {"a.service": UnitState("a.service", active="failed", sub="failed")}
    story = FAILED.put_back([], ["/etc/a is busy", "/etc/a is busy"], now)
    assert story.text.splitlines()[-1] == (
        "Rollback incomplete: /etc/a is busy. Now a.service is failed (failed). Fix this and run the task again."
    )
    assert story.as_result()["reverted"] is False


def test_what_cannot_be_asked_any_more_is_not_claimed() -> None:
    text = FAILED.put_back([], ["systemctl show failed with 1"], {}).text
    assert text.endswith("systemctl show failed with 1. Now nothing is known of the units. Fix this and run the task again.")


def test_not_to_be_put_back() -> None:
    assert "Roll" not in FAILED.text
    assert FAILED.as_result()["reverted"] is False
    assert FAILED.as_result()["revert_actions"] == []


def test_accounts_that_stay() -> None:
    assert FAILED.put_back([], [], {}, ["shop"]).text.endswith("but for the accounts that it made (shop), which stay.")
