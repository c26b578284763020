# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/hardening.md says what hardening.py does."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.daemonic.systemd.plugins.module_utils._checks.folders import RULES
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import sandbox
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.hardening import LEFT_OUT, STANDARD, STRICT, TABLE, Row

PAGE = (Path(__file__).parents[3] / "docs" / "hardening.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"### {title}\n", 1)[1].split("\n#", 1)[0]


def told(row: Row) -> str:
    values = row.value if isinstance(row.value, tuple) else (row.value,)
    shown = ", ".join(f"`{value}`" for value in values) if row.value else "(empty)"
    since = str(row.since) if row.since > 247 else ""
    return f"| `{row.directive}` | {shown} | {since} | {'yes' if row.for_users else ''} | {row.because} |"


def test_the_page_has_the_rows_of_the_table() -> None:
    for preset in (STANDARD, STRICT):
        rows = re.findall(r"^\| `.*\|$", section(f"`{preset}`"), re.MULTILINE)
        assert rows == [told(row) for row in TABLE if row.preset == preset]


def test_the_page_has_what_is_left_out() -> None:
    rows = re.findall(r"^\| `.*\|$", section("In no preset"), re.MULTILINE)
    assert rows == [f"| `{name}` | {because} |" for name, because in LEFT_OUT]


def test_the_page_has_the_rules_of_folders() -> None:
    rows = re.findall(r"^\| .* \|$", section("Whose folder is it?"), re.MULTILINE)[1:]
    assert rows == [f"| {rule.way} | {rule.verdict} | {rule.because} |" for rule in RULES.values()]


def test_the_page_says_who_runs_what_and_in_which_sandbox() -> None:
    page = PAGE.split("## Code that is not root's\n", 1)[1]
    page = page.split("\n## ", 1)[0].split("\n### ", 1)[0]
    rows = [line for line in page.splitlines() if line.startswith("| ") and "because" not in line]
    told_rows = [f"| {what} | {how} |" for what, how in (*sandbox.RUNNERS, *sandbox.PLACES)]
    told_rows += [
        f"| `{key}` | {f'`{value}`' if value else '(empty)'} | {why} |" for key, value, why in (*sandbox.EVERY, *sandbox.STRICT)
    ]
    assert [row for row in rows if row not in ("| what is run | by whom |", "| where | how it is run |")] == told_rows
