# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units after the transaction and after the pause."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.gate import troubles

RAN = {"active_state": "active", "invocation_id": "a", "restarts": 0}
RUNS = {"load_state": "loaded", "active_state": "active", "sub_state": "running", "result": "success", "restarts": 0}
ENDED = {**RUNS, "active_state": "inactive", "sub_state": "dead"}


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        pytest.param(RAN, RUNS, "", id="runs on"),
        pytest.param(RAN, {**RUNS, "restarts": 1}, "was restarted by systemd since", id="restarted"),
        pytest.param({**RAN, "restarts": 2}, RUNS, "", id="started from outside, which counts from 0"),
        pytest.param(RAN, {**RUNS, "active_state": "failed", "result": "exit-code"}, "has failed since (exit-code)", id="failed"),
        pytest.param(RAN, {**RUNS, "active_state": "activating", "sub_state": "auto-restart"}, "has failed since", id="about to"),
        pytest.param({**RAN, "active_state": "failed"}, {**RUNS, "active_state": "failed"}, "", id="had failed before"),
        pytest.param(RAN, ENDED, "was active, and is inactive now", id="ended"),
        pytest.param(RAN, {**ENDED, "triggered_by": ["a.socket"]}, "", id="ended, its socket starts it again"),
        pytest.param({**RAN, "active_state": "inactive"}, ENDED, "", id="did not run"),
        pytest.param({**RAN, "active_state": "inactive"}, RUNS, "", id="was started since, by its timer"),
        pytest.param(RAN, {"load_state": "not-found"}, "is not there any more", id="removed"),
        pytest.param(RAN, None, "is not there any more", id="not told"),
        pytest.param(RAN, {**RUNS, "active_state": "reloading"}, "", id="reloads"),
        pytest.param({"active_state": "active"}, {**RUNS, "restarts": None}, "", id="a unit without restarts"),
    ],
)
def test_troubles(then: dict[str, Any], now: dict[str, Any] | None, told: str) -> None:
    found = troubles({"a.service": then}, {} if now is None else {"a.service": now})
    assert len(found) == bool(told)
    assert told in "".join(found)
