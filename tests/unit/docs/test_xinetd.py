# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/xinetd.md says what attribute_table.py does."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.attribute_table import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "xinetd.md"


def told() -> list[tuple[str, str, tuple[str, ...], str, str]]:
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\w+)`)? ?\| (.*?) ?\| (\w+) \| (.*?) ?\|$", PAGE.read_text(encoding="utf-8"), re.M)
    return [(name, value, tuple(re.findall("`(.*?)=`", becomes)), *rest) for name, value, becomes, *rest in rows]


def test_the_page_has_the_rows_of_the_table() -> None:
    wanted = [
        (row.attribute, row.value, tuple(each.partition(".")[2] for each in row.becomes), row.effect, row.remark) for row in TABLE
    ]
    assert told() == wanted
