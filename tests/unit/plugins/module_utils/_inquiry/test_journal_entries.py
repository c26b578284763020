# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries belong to a start of a unit, and what odd ones are read as."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry import journal_entries
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.journal_query import Invocation
from hypothesis import given
from hypothesis import strategies as st


def line(invocation: str, message: str = "") -> dict[str, Any]:
    return {"_SYSTEMD_UNIT": "a.service", "MESSAGE": message, **({"_SYSTEMD_INVOCATION_ID": invocation} if invocation else {})}


# Newest first. Two lines were read when their process had ended, one of them after the manager's last word.
JOURNAL = [line("", "late"), line("3"), line("3"), line("2"), line("", "too late"), line("2"), line("1"), line("2"), line("1")]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Invocation(back=0), 3),
        (Invocation(back=1), 4),
        (Invocation(back=2), 2),
        (Invocation(back=3), 0),
        (Invocation("2"), 4),
        (Invocation("9"), 0),
    ],
)
def test_of_invocation(wanted: Invocation, count: int) -> None:
    found = list(journal_entries.of_invocation(JOURNAL, wanted))
    assert len(found) == count
    assert len({invocation for _entry, invocation in found}) <= 1


def test_it_is_not_looked_for_for_ever() -> None:
    read: list[int] = []

    def journal() -> Any:
        for number in range(100_000):
            read.append(number)
            yield line("new" if number < 10 else "old")

    assert len(list(journal_entries.of_invocation(journal(), Invocation(back=0)))) == 10
    assert len(read) < 1000


@given(st.lists(st.sampled_from(["", "1", "2"]).map(line)))
def test_every_entry_is_told_once_and_in_order(journal: list[dict[str, Any]]) -> None:
    assert [entry for entry, _invocation in journal_entries.attributed(journal)] == journal


@pytest.mark.parametrize(
    ("entry", "unit", "invocation"),
    [
        pytest.param({"_SYSTEMD_UNIT": "a", "_SYSTEMD_INVOCATION_ID": "1"}, "a", "1", id="a process"),
        pytest.param({"_SYSTEMD_UNIT": "init.scope", "UNIT": "a", "INVOCATION_ID": "1"}, "a", "1", id="the manager"),
        pytest.param(
            {"_SYSTEMD_UNIT": "user@1.service", "_SYSTEMD_USER_UNIT": "a", "_SYSTEMD_INVOCATION_ID": "1"},
            "a",
            "1",
            id="a user's process",
        ),
        pytest.param(
            {"_SYSTEMD_USER_UNIT": "init.scope", "USER_UNIT": "a", "_SYSTEMD_INVOCATION_ID": "9"},
            "a",
            None,
            id="a user's manager",
        ),
        pytest.param({"SYSLOG_IDENTIFIER": "kernel"}, None, None, id="the kernel"),
    ],
)
def test_whose_it_is(entry: dict[str, Any], unit: str | None, invocation: str | None) -> None:
    assert (journal_entries.unit_of(entry), journal_entries.invocation_of(entry)) == (unit, invocation)


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        (None, None, None),
        ("7", "7", 7),
        ("x", "x", None),
        ([255, 54], "\\xff6", None),
        (["1", "2"], "1; 2", 1),
        ([[255], "2"], "\\xff; 2", None),
        ([], "", None),
    ],
)
def test_fields(value: Any, text: str | None, number: int | None) -> None:
    assert (journal_entries.text(value), journal_entries.number(value)) == (text, number)


def test_priorities() -> None:
    assert journal_entries.has_priority({"PRIORITY": "3"}, (0, 3))
    assert not journal_entries.has_priority({"PRIORITY": "4"}, (0, 3))
    assert not journal_entries.has_priority({}, (0, 7))
    assert journal_entries.has_priority({}, None)


@given(st.dictionaries(st.sampled_from(journal_entries.FIELDS), st.none() | st.text() | st.lists(st.integers(0, 255))))
def test_any_entry_is_told(entry: dict[str, Any]) -> None:
    told = journal_entries.answer_of({**entry, "__REALTIME_TIMESTAMP": "1"}, "")
    assert told["time"] == "1970-01-01T00:00:00.000001Z"
    assert isinstance(told["message"], str)
