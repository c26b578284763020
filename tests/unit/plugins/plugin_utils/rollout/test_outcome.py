# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks have registered for a host → what has become of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.outcome import FATES, judge

UNIT = {"active_state": "active", "invocation_id": "a", "restarts": 0, "release": "f00d", "main_pid": 1}
GONE = {"unreachable": True, "msg": "no"}


@pytest.mark.parametrize(
    ("known", "fate", "why"),
    [
        pytest.param({"__daemons_result": {"changed": False}}, "same", "", id="no change"),
        pytest.param({"__daemons_result": {"changed": True}}, "new", "", id="changed"),
        pytest.param({"__daemons_result": {"failed": True, "msg": "x", "reverted": True}}, "put_back", "x.", id="put back"),
        pytest.param({"__daemons_result": {"failed": True, "msg": "x", "reverted": False}}, "broken", "x.", id="not put back"),
        pytest.param({"__daemons_result": {"failed": True, "msg": "x", "problems": [{}]}}, "refused", "x.", id="refused"),
        pytest.param(
            {"__daemons_result": {"failed": True, "msg": "Another run. Nothing was changed. Later."}},
            "refused",
            "Another run. Nothing was changed. Later.",
            id="stopped before it began",
        ),
        pytest.param({"__daemons_result": {"failed": True, "msg": "MODULE FAILURE"}}, "unknown", "MODULE FAILURE.", id="died"),
        pytest.param({"__daemons_python": GONE, "__daemons_result": {"skipped": True}}, "away", "no.", id="away"),
        pytest.param({"__daemons_result": GONE}, "lost", "no.", id="lost"),
        pytest.param({"__daemons_result": {"changed": True}, "deploy_held": "lb"}, "held", "lb", id="its hook failed"),
        pytest.param({"__daemons_result": {"changed": True}, "deploy_held": ""}, "waiting", "", id="the hook failed elsewhere"),
        pytest.param(
            {"__daemons_python": {"failed": True, "stderr": "no repository\n"}, "deploy_failure": "rc 1"},
            "held",
            "Python could not be installed: no repository",
            id="no Python",
        ),
        pytest.param({"deploy_failure": "no such option"}, "held", "no such option", id="an argument of the role"),
    ],
)
def test_fate(known: dict[str, Any], fate: str, why: str) -> None:
    outcome = judge(known)
    assert (outcome.fate, outcome.why) == (fate, why)


def test_who_was_not_reached_when_it_was_looked_at_was_not_touched() -> None:
    gone = {"__daemons_result": {"unreachable": True, "msg": "no"}}
    assert judge(gone, was_looked_at=True).fate == "away"
    assert judge({**gone, "deploy_drained": True}, was_looked_at=True).fate == "lost"


def test_what_is_kept_of_a_result() -> None:
    outcome = judge(
        {"__daemons_result": {"changed": True, "rollback_state": "absent", "units": {"a.service": UNIT, "b.timer": {}}}}
    )
    assert outcome.rollback_state == "absent"
    assert outcome.units["a.service"] == {"active_state": "active", "invocation_id": "a", "restarts": 0}
    assert outcome.releases == {"a.service": "f00d"}
    assert outcome.renewed == []


def test_a_release_is_new_where_it_was_linked() -> None:
    """Not where only the environment of its unit has changed."""
    linked = {"action": "link", "target": "/opt/a/current"}
    outcome = judge({"__daemons_result": {"changed": True, "actions": [linked], "units": {"a.service": UNIT, "b.service": UNIT}}})
    assert outcome.renewed == ["a.service"]


@pytest.mark.parametrize(
    ("known", "may_serve"),
    [
        pytest.param({"changed": True, "proven": True}, True, id="seen healthy"),
        pytest.param({"changed": True, "proven": False}, False, id="taken back to nothing"),
        pytest.param({"changed": False, "proven": True}, True, id="as it was"),
        pytest.param({"failed": True, "reverted": True, "proven": True, "msg": "x"}, True, id="put back to what ran before"),
        pytest.param({"failed": True, "reverted": True, "proven": False, "msg": "x"}, False, id="a first deployment"),
        pytest.param({"failed": True, "problems": [{}], "proven": True, "msg": "x"}, True, id="refused, and healthy"),
        pytest.param(
            {"failed": True, "problems": [{}], "proven": False, "msg": "x"}, False, id="refused, after a run was cut off"
        ),
        pytest.param({"failed": True, "problems": [{}], "msg": "x"}, False, id="refused by the controller: nothing is known"),
        pytest.param(
            {"failed": True, "msg": "Another run changes this host now. Nothing was changed.", "proven": False},
            False,
            id="another run is at work",
        ),
    ],
)
def test_only_what_is_known_to_run_a_proven_version_may_serve(known: dict[str, Any], may_serve: bool) -> None:
    assert judge({"__daemons_result": known}).is_well == may_serve


def test_what_has_nothing_is_not_said_to_run_anything() -> None:
    first = {"failed": True, "reverted": True, "proven": False, "msg": "x"}
    assert judge({"__daemons_result": first}).told == "it has put itself back, and runs nothing: it had none"
    assert judge({"__daemons_result": {**first, "proven": True}}).told == "it has put itself back and runs what it ran before"


@pytest.mark.parametrize(
    ("msg", "fate"),
    [
        pytest.param(
            "Failed to connect to the host via ssh: ssh: connect to host a port 22: Connection refused", "away", id="refused"
        ),
        pytest.param("Failed to connect to the host via ssh: Permission denied (publickey).", "away", id="no key"),
        pytest.param("Failed to connect to the host via ssh: Shared connection to a closed.", "lost", id="closed"),
        pytest.param('Data could not be sent to remote host "a".', "lost", id="in the midst"),
    ],
)
def test_where_nothing_was_begun_nothing_was_done(msg: str, fate: str) -> None:
    assert judge({"__daemons_result": {"unreachable": True, "msg": msg}}).fate == fate


def test_only_what_is_well_may_serve() -> None:
    assert {fate for fate, meaning in FATES.items() if not meaning.may_serve} == {"broken", "unknown", "away", "lost"}
    assert {fate for fate, meaning in FATES.items() if not meaning.has_failed} == {"same", "new", "waiting"}
