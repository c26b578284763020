# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/report.md tells the variables of the playbook, and the shape of the JSON."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.drift import WHAT
from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.fleet import VERSION, Answer, report_of

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")


def row(key: str) -> set[str]:
    (found,) = re.findall(rf"^\| `{re.escape(key)}` \| (.*) \|$", PAGE, re.MULTILINE)
    return set(re.findall(r"`([^`]+)`", found))


def test_variables() -> None:
    playbook = (ROOT / "playbooks" / "report.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"\breport_[a-z]+\b", playbook)) - {"report_answer"}
    assert used == set(re.findall(r"^\| `(report_[a-z]+)`", PAGE, re.MULTILINE))


def test_the_shape() -> None:
    stacks = {"shop": {"complete": True, "modified": [], "units": {}}}
    report = report_of({"a": Answer((), {"stacks": stacks, "systemd": 252})}, "now")
    assert row("version") == {str(VERSION)}
    assert {"version", "taken", "summary", "hosts", "units", "drift"} == set(report)
    host = report["hosts"][0]
    assert {*host, *host["stacks"][0]} - {"stacks"} <= row("hosts[]")
    assert {*WHAT, "presence", "stack", "unit", "what", "among", "majority"} <= row("drift[]")
    assert set(report["summary"]) <= row("summary") | {"hosts", "units"}
