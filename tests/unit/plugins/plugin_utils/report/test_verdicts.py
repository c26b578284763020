# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.verdicts import judged

from .fleets import unit

IDLE = {"active_state": "inactive", "sub_state": "dead"}
FAILED = {"active_state": "failed", "sub_state": "failed"}
CASES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "runs": (unit(), "well", []),
    "failed": (
        unit(**FAILED, result="exit-code", exit_code="exited", exit_status=3),
        "failed",
        ["failed (exit-code, exit status 3)"],
    ),
    "killed": (
        unit(**FAILED, result="signal", exit_code="killed", exit_status=11),
        "failed",
        ["failed (signal, killed by signal 11)"],
    ),
    "a socket that failed": (unit("socket", **FAILED, result="resources"), "failed", ["failed (resources)"]),
    "loops": (
        unit(active_state="activating", sub_state="auto-restart", result="exit-code", exit_code="exited", exit_status=1),
        "failed",
        ["ends again and again (exit-code, exit status 1)"],
    ),
    "loops well": (unit(active_state="activating", sub_state="auto-restart"), "well", []),
    "gone": (unit(**IDLE, load_state="not-found", load_error="Unit a not found."), "failed", ["Unit a not found."]),
    "broken": (unit(**IDLE, load_state="bad-setting"), "failed", ["cannot be loaded (bad-setting)"]),
    "masked": (unit(**IDLE, load_state="masked", unit_file_state="masked"), "well", []),
    "stopped though enabled": (unit(**IDLE), "attention", ["does not run, though it is enabled"]),
    "a target that is stopped": (unit("target", **IDLE), "attention", ["does not run, though it is enabled"]),
    "stopped and disabled": (unit(**IDLE, unit_file_state="disabled"), "well", []),
    "waits for its socket": (unit(**IDLE, triggered_by=["a.socket"]), "well", []),
    "runs once": (unit(**IDLE, service_type="oneshot"), "well", []),
    "has an unmet condition": (unit(**IDLE, condition_met=False), "well", []),
    "never started": (unit(**IDLE, condition_met=None), "attention", ["does not run, though it is enabled"]),
    "old, and to be read": (
        unit(stale=True, needs_daemon_reload=True),
        "attention",
        ["runs what was deployed before", "its files have changed since systemd has read them"],
    ),
    "failed and old": (unit(**FAILED, stale=True), "failed", ["failed (success)", "runs what was deployed before"]),
}


@pytest.mark.parametrize(("given", "health", "reasons"), CASES.values(), ids=CASES)
def test_judged(given: dict[str, Any], health: str, reasons: list[str]) -> None:
    assert judged(given) == (health, reasons)
