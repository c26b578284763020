# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/security.md: each guarantee names tests that there are."""

from __future__ import annotations

import re

import pytest

from .test_guarantees import ROOT, held_by, is_there

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
GUARANTEES = re.findall(r"^- (.*(?:\n  .*)*)", PAGE.partition("## What is guaranteed")[2].partition("## What is not")[0], re.M)


def test_there_are_guarantees() -> None:
    assert len(GUARANTEES) > 5


@pytest.mark.parametrize("guarantee", GUARANTEES, ids=lambda text: text[:40].replace("\n", " "))
def test_each_is_held_by_tests_that_there_are(guarantee: str) -> None:
    found = held_by(guarantee)
    assert found
    assert [reference for reference in found if not is_there(reference)] == []
