# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.structure import lines_of, sections_of, text_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import (
    UnitSyntaxError,
    UnsuitableValue,
    parse,
)
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import assume, given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=examples(400), deadline=None, database=None)
LINE = st.one_of(
    st.sampled_from(
        [
            *("", "# note", "; note \\", "[Unit]", "[Service]", "[Install]", "[Socket]", "A=", "A=1", "A = 2 \\", "  three"),
            *("ListenStream=1", "ListenDatagram=2", "ListenStream=", "ListenFIFO=3", "A=x\\ ", "A=x\\\\", "\\", "B=[é] #;"),
            *("After=a", "After=", "Wants=b", "After=c", "ConditionA=1", "ConditionB=", "ConditionA=2", "A B=1"),
        ]
    ),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6).map("A=".__add__),
)
TEXT = st.tuples(
    st.sampled_from(["", "\ufeff", "# first\n"]),
    st.lists(st.tuples(LINE, st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\r"])), max_size=14),
    st.sampled_from(["", "A=1", "# last"]),
).map(lambda parts: parts[0] + "[Unit]\n" + "".join(line + end for line, end in parts[1]) + parts[2])
NAME = st.from_regex(r"[A-Z][A-Za-z]{0,4}", fullmatch=True)
VALUE = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\ufeff"), max_size=6)
DIRECTIVES = st.dictionaries(NAME, st.one_of(VALUE, st.lists(VALUE, min_size=2, max_size=3)), max_size=4)


def taken(read: Any, text: str) -> Any:
    """What is read from a text that a unit can be."""
    try:
        return read(text)
    except (UnitSyntaxError, UnsuitableValue):
        assume(False)


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("[Unit]\n", {"Unit": {}}, id="empty-section"),
        pytest.param("[Install]\nA=1\n[Unit]\nB=yes", {"Install": {"A": "1"}, "Unit": {"B": "yes"}}, id="order-of-sections"),
        pytest.param("[S]\nA=1\n[T]\nB=2\n[S]\nA=3", {"S": {"A": ["1", "3"]}, "T": {"B": "2"}}, id="section-twice"),
        pytest.param("[S]\nExecStart=\nExecStart=/a", {"S": {"ExecStart": ["", "/a"]}}, id="reset"),
        pytest.param("[S]\nA=1 \\\n  2", {"S": {"A": "1    2"}}, id="continuation"),
        pytest.param("[Unit]\nAfter=a\nWants=b\nAfter=c", {"Unit": {"After": ["a", "c"], "Wants": "b"}}, id="interleaved"),
        pytest.param(
            "[Socket]\nListenStream=1\nBacklog=5\nListenDatagram=2\nListenStream=3",
            {"Socket": [{"ListenStream": "1", "Backlog": "5", "ListenDatagram": "2"}, {"ListenStream": "3"}]},
            id="order-that-counts",
        ),
        pytest.param(
            "[Unit]\nConditionA=1\nConditionB=\nConditionA=2",
            {"Unit": [{"ConditionA": "1", "ConditionB": ""}, {"ConditionA": "2"}]},
            id="reset-of-others",
        ),
        pytest.param("[S]\nA=x\\ \nB=1", {"S": {"A": "x\\ ", "B": "1"}}, id="backslash-that-continues-nothing"),
    ],
)
def test_sections(text: str, sections: Any) -> None:
    assert sections_of(text) == sections
    assert list(sections_of(text)) == list(sections)


def test_what_systemd_would_skip_is_an_error() -> None:
    with pytest.raises(UnitSyntaxError, match="line 2"):
        sections_of("[Unit]\nno assignment")
    with pytest.raises(UnsuitableValue, match="not the name of a directive"):
        sections_of("[Unit]\nA B=1")


@PROPERTY
@given(TEXT)
def test_the_structure_means_the_same(text: str) -> None:
    sections = taken(sections_of, text)
    again = text_of(sections)
    assert parse(again).directives == parse(text).directives
    assert parse(again).sections == parse(text).sections
    assert sections_of(again) == sections


@PROPERTY
@given(st.dictionaries(NAME, DIRECTIVES, max_size=4))
def test_a_structure_comes_back(sections: Any) -> None:
    """Values as systemd reads them: without white space around."""
    try:
        text = text_of(sections)
    except UnsuitableValue:
        assume(False)

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        stripped = value.strip(" \t")
        return stripped + " " if (len(stripped) - len(stripped.rstrip("\\"))) % 2 else stripped

    assert sections_of(text) == {name: {key: plain(value) for key, value in body.items()} for name, body in sections.items()}


@PROPERTY
@given(TEXT)
def test_lines_keep_the_text(text: str) -> None:
    lines = taken(lines_of, text)
    assert "".join(line["text"] for line in lines) == text
    assert text_of(lines) == text
    told = [(line["section"], line["key"], line["value"].rstrip(" ")) for line in lines if "key" in line]
    assert told == [(entry.section, entry.key, entry.value.rstrip(" ")) for entry in parse(text).entries]


@PROPERTY
@given(TEXT)
def test_lines_without_their_text_say_the_same(text: str) -> None:
    lines = [{name: part for name, part in line.items() if name != "text"} for line in taken(lines_of, text) if "section" in line]
    assert parse(text_of(lines)).directives == parse(text).directives


UNIT = (
    "# Keeps time.\n[Unit]\nDescription = A clock ; really\n\n"
    "[Service]\n; slow\nExecStart=/bin/clock \\\n  # every\n  --interval 5\nNice=5"
)


def test_lines() -> None:
    assert lines_of(UNIT) == [
        {"text": "# Keeps time.\n"},
        {"section": "Unit", "text": "[Unit]\n"},
        {"section": "Unit", "key": "Description", "value": "A clock ; really", "text": "Description = A clock ; really\n"},
        {"text": "\n"},
        {"section": "Service", "text": "[Service]\n"},
        {"text": "; slow\n"},
        {
            "section": "Service",
            "key": "ExecStart",
            "value": "/bin/clock    --interval 5",
            "text": "ExecStart=/bin/clock \\\n  # every\n  --interval 5\n",
        },
        {"section": "Service", "key": "Nice", "value": "5", "text": "Nice=5"},
    ]


def test_a_changed_value_is_written_anew_and_the_rest_stays() -> None:
    lines = [{**line, "value": 7} if line.get("key") == "Nice" else line for line in lines_of(UNIT)]
    assert text_of(lines) == UNIT.replace("Nice=5", "Nice=7\n")


def test_an_added_line_brings_its_section() -> None:
    lines = [
        *lines_of(UNIT),
        {"section": "Service", "key": "User", "value": "clock"},
        {"section": "Install", "key": "WantedBy", "value": "a.target"},
    ]
    assert text_of(lines) == UNIT + "\nUser=clock\n\n[Install]\nWantedBy=a.target\n"


@pytest.mark.parametrize(
    ("structure", "problem"),
    [
        pytest.param("text", "mapping of sections", id="text"),
        pytest.param(["text"], "described by a mapping", id="text-as-a-line"),
        pytest.param([{"sektion": "Unit"}], "did you mean section", id="misspelt-part"),
        pytest.param([{"key": "A", "value": "1"}], "make no line", id="no-section"),
        pytest.param([{"section": "Unit", "key": "A"}], "make no line", id="no-value"),
        pytest.param([{"section": 1}], "are texts", id="number-for-a-section"),
        pytest.param([{"text": "A=1\n"}], "comment or a blank line", id="assignment-as-a-comment"),
        pytest.param([{"text": "[Unit]\n"}], "comment or a blank line", id="header-as-a-comment"),
        pytest.param(
            [{"section": "U", "key": "A", "value": "1", "text": "A=1 \\\n"}, {"section": "U", "key": "B", "value": "2"}],
            "do not say",
            id="a-continuation-that-swallows-the-next",
        ),
    ],
)
def test_refused(structure: Any, problem: str) -> None:
    with pytest.raises(UnsuitableValue, match=problem):
        text_of(structure)
