# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/versions.md: what differs between distributions is what the code looks for, and what is tested is what the suite runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands, which
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.systemd_version import systemd_version
from ansible_collections.daemonic.systemd.tests.bed.suite import steps

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]*) \| (\d+) \| `([^`]*)` \| `([^`]*)` \| `([^`]*)` \|$", re.MULTILINE)


def no_program(argv: Sequence[str], _stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
    raise AssertionError(f"{argv} is run")


def test_there_are_distributions() -> None:
    assert len(ROW.findall(PAGE)) >= 5


@pytest.mark.parametrize(
    ("version", "library", "units", "python"), [pytest.param(*row[1:], id=row[0]) for row in ROW.findall(PAGE)]
)
def test_what_differs_is_found(version: str, library: str, units: str, python: str, tmp_path: Path) -> None:
    for path in (library, python):
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).touch()
    assert systemd_version(str(tmp_path), Commands(no_program)) == int(version)
    assert units in scope_of("system").unit_path
    assert which(Path(python).name, str(tmp_path)) == python


def test_the_suite_runs_what_the_page_says() -> None:
    (row,) = re.findall(r"^\| systemd \|.*$", PAGE, re.MULTILINE)
    assert len(re.findall(r"\b2\d\d\b", row.split("|")[2])) == len({steps.OLDEST, *steps.BETWEEN, steps.NEWEST})
    (row,) = re.findall(r"^\| ansible-core \|.*$", PAGE, re.MULTILINE)
    required = (ROOT / "tests" / "requirements" / "run.txt").read_text(encoding="utf-8")
    said = {f"{minor}.0" for minor in re.findall(r"2\.\d+", row.split("|")[2])}
    assert said >= set(re.findall(r"ansible-core~=([\d.]+)", required))
