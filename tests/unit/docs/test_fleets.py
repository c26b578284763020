# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/fleets.md has room for what ./dev bench writes, and its definition of an execution environment is one."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "fleets.md").read_text(encoding="utf-8")


def test_the_tables_have_one_place() -> None:
    begin, end = re.findall(r'"(<!-- .*? -->)"', (ROOT / "tests" / "bench" / "fleet" / "tables.py").read_text(encoding="utf-8"))
    assert PAGE.count(begin) == PAGE.count(end) == 1
    assert PAGE.index(begin) < PAGE.index(end)


def test_the_execution_environment_has_this_collection() -> None:
    (text,) = re.findall(r"^```yaml\n# execution-environment.yml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    definition = yaml.safe_load(text)
    assert definition["version"] == 3
    assert {"name": "daemonic.systemd"} in definition["dependencies"]["galaxy"]["collections"]
