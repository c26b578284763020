# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries are asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.journal_query import (
    Invocation,
    JournalQuery,
    journal_query,
    timestamp,
)
from hypothesis import given
from hypothesis import strategies as st

ID = "0123456789abcdef" * 2


def query(**params: Any) -> JournalQuery:
    return journal_query({"count": 100, **params})


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        (None, None),
        ("", None),
        ("err", (0, 3)),
        ("3", (0, 3)),
        ("ERROR", (0, 3)),
        ("critical", (0, 2)),
        ("emerg..emerg", (0, 0)),
        ("debug..4", (4, 7)),
        ("warn .. notice", (4, 5)),
    ],
)
def test_priority(given: str | None, numbers: tuple[int, int] | None) -> None:
    assert query(priority=given).priorities == numbers


@pytest.mark.parametrize(
    ("given", "invocation"),
    [
        ("last", Invocation(back=0)),
        ("0", Invocation(back=0)),
        ("-2", Invocation(back=2)),
        (ID, Invocation(ID)),
        ("01234567-89ab-cdef-0123-456789ABCDEF", Invocation(ID)),
        ("", None),
    ],
)
def test_invocation(given: str, invocation: Invocation | None) -> None:
    assert query(unit=["a"], invocation=given).invocation == invocation


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-11-21T06:00:00Z", 1795240800.0),
        ("2026-11-21 07:00+0100", 1795240800.0),
        ("2026-11-21T06:00:00.25+00:00", 1795240800.25),
        ("2026-11-21T06:00:00", "2026-11-21 06:00:00"),
        ("2026-13-21T06:00:00Z", "2026-13-21T06:00:00Z"),
        ("-1h", "-1h"),
        ("@1795240800", "@1795240800"),
        ("", ""),
    ],
)
def test_times(given: str, read: float | str) -> None:
    assert timestamp(given) == read


@given(st.text())
def test_any_time_is_read_or_left_to_the_host(given: str) -> None:
    timestamp(given)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        pytest.param({"unit": ["a.servce"]}, "unit .*a.service", id="unit"),
        pytest.param({"invocation": "-1"}, "invocation .*one unit", id="counted of no unit"),
        pytest.param({"unit": ["a*"], "invocation": "0"}, "invocation .*one unit", id="counted of a glob"),
        pytest.param({"unit": ["a"], "invocation": "first"}, "invocation .*last", id="no invocation"),
        pytest.param({"unit": ["a"], "invocation": "1"}, "invocation .*-1", id="counted from the first"),
        pytest.param({"release": "98a1"}, "release .*16", id="part of a digest"),
        pytest.param({"priority": "eror"}, "priority .*Did you mean err", id="priority"),
        pytest.param({"priority": "8"}, "priority .*from 0 to 7", id="priority out of range"),
        pytest.param({"priority": "err.."}, "priority .*range", id="half a range"),
        pytest.param({"boot": "yesterday"}, "boot .*-1", id="boot"),
        pytest.param({"pattern": "("}, "pattern .*regular expression", id="pattern"),
        pytest.param({"count": 0}, "count .*10000", id="nothing"),
        pytest.param({"count": 10001}, "count .*10000", id="too much"),
    ],
)
def test_refused(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        query(**params)
    (problem,) = refused.value.problems
    assert re.match(said, f"{problem.place} {problem.problem} {problem.advice}")


def test_an_empty_list_is_no_unit() -> None:
    assert query(unit=[]).is_for_nothing
    assert not query().is_for_nothing
