# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/changes.md says what restart_policy.py does."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.daemonic.systemd.plugins.module_utils._desired.restart_policy import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "changes.md"


def told() -> set[tuple[str, frozenset[str], str]]:
    rows = re.findall(r"^\| `\[(\w+)\]` \| (.*?) \| ([a-z-]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {(section, frozenset(re.findall("`(.*?)`", keys)), need) for section, keys, need in rows}


def test_the_page_has_the_rows_of_the_table() -> None:
    assert told() == {(row.section, row.keys, row.need) for row in TABLE}
