# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of hosts, for the tests of the report."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.fleet import Answer, report_of

TAKEN = "2026-11-26T04:00:00Z"


def unit(kind: str = "service", **changes: Any) -> dict[str, Any]:
    """One that is well, as stack_info tells of it."""
    found: dict[str, Any] = {
        "type": kind,
        "description": "",
        "load_state": "loaded",
        "load_error": None,
        "active_state": "active",
        "sub_state": "running",
        "result": "success",
        "since": "2026-11-25T04:00:00Z",
        "unit_file_state": "enabled",
        "needs_daemon_reload": False,
        "condition_met": True,
        "triggered_by": [],
        "digest": "d" * 16,
        "relations": {},
        "journal": [],
    }
    if kind == "service":
        found.update(service_type="exec", restarts=0, exit_code=None, exit_status=None, status_text=None)
        found.update(release="a" * 16, stale=False, exposure=2.3)
    return {**found, **changes}


def answer(
    named: Mapping[str, dict[str, Any]] | None = None,
    systemd: int = 252,
    stack: str = "shop",
    groups: tuple[str, ...] = ("bed",),
    **units: dict[str, Any],
) -> Answer:
    """named, units: name of a service → the unit."""
    named = {f"{name}.service": each for name, each in {**(named or {}), **units}.items()}
    stacks = {stack: {"complete": True, "modified": [], "units": named}}
    return Answer(groups, {"stacks": stacks, "other_failed_units": [], "systemd": systemd})


def report(named: Mapping[str, Answer] | None = None, **answers: Answer) -> dict[str, Any]:
    return report_of({**(named or {}), **answers}, TAKEN)
