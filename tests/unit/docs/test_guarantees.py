# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/guarantees.md: each sentence names the tests that hold it, and these tests are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
GUARANTEES = re.findall(r"^- (.*(?:\n  .*)*)", PAGE.partition("## What it does not look at")[0], re.MULTILINE)
TESTS = [(path.name, path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]


def held_by(guarantee: str) -> list[str]:
    """The references behind a sentence, in parentheses."""
    return re.findall(r"`([^`]+)`", guarantee.rpartition("(held by ")[2])


def is_there(reference: str) -> bool:
    """test_file.py::test_name, test_file.py, or scenario: the name of one of its cases or tasks."""
    file, is_test, test = reference.partition("::")
    if reference.endswith(".py"):
        return any(name == reference for name, _text in TESTS)
    if is_test:
        texts = [text for name, text in TESTS if name == file]
        return any(re.search(rf"^ *def {re.escape(test)}\b", text, re.MULTILINE) for text in texts)
    scenario, _colon, case = reference.partition(": ")
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "molecule" / scenario).rglob("*.yml")]
    return any(re.search(rf"name: [\"']?{re.escape(case)}", text) for text in texts) if case else bool(texts)


def test_there_are_guarantees() -> None:
    assert len(GUARANTEES) > 20


@pytest.mark.parametrize("guarantee", GUARANTEES, ids=lambda text: text[:40].replace("\n", " "))
def test_each_is_held_by_tests_that_there_are(guarantee: str) -> None:
    found = held_by(guarantee)
    assert found, "(held by …) is missing"
    assert [reference for reference in found if not is_there(reference)] == []
