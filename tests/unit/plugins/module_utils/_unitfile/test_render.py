# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.render import UnsuitableValue, render
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=examples(300), deadline=None, database=None)
TEXT = st.one_of(
    st.lists(st.sampled_from(["a", " ", "\t", "\\", "#", ";", "[", "]", "=", "'", '"', "%", "é", "\u2028"]), max_size=8).map(
        "".join
    ),
    st.text(),
)
KEY = st.from_regex(r"[A-Z][A-Za-z-]{0,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        pytest.param({"A": "text"}, ["A=text"], id="text"),
        pytest.param({"A": 1, "B": 1.5, "C": 0}, ["A=1", "B=1.5", "C=0"], id="numbers"),
        pytest.param({"A": True, "B": False}, ["A=yes", "B=no"], id="booleans"),
        pytest.param({"A": None, "B": ""}, ["A=", "B="], id="resets"),
        pytest.param({"A": ["x", "", True, None, 2]}, ["A=x", "A=", "A=yes", "A=", "A=2"], id="list"),
        pytest.param({"A": []}, [], id="empty-list"),
        pytest.param({"A": " x\t"}, ["A=x"], id="white-space-around"),
        pytest.param({"A": "one\\\\"}, ["A=one\\\\"], id="two-backslashes-at-the-end"),
        pytest.param({"A": " one\\ \t"}, ["A=one\\ "], id="a-backslash-that-continues-nothing"),
        pytest.param([{"A": 1}, {"B": 2}, {"A": 3}], ["A=1", "B=2", "A=3"], id="list-of-mappings"),
        pytest.param({}, [], id="empty-section"),
        pytest.param(
            {"Environment": {"A": 'say "hi" 100%', "B": 1, "C": True, "D": ""}},
            ['Environment="A=say \\"hi\\" 100%%"', 'Environment="B=1"', 'Environment="C=true"', 'Environment="D="'],
            id="environment",
        ),
        pytest.param(
            {"Environment": {"P": "81%i", "Q": "%%i", "R": "5 %, 6 %", "S": "%"}},
            ['Environment="P=81%i"', 'Environment="Q=%%i"', 'Environment="R=5 %%, 6 %%"', 'Environment="S=%%"'],
            id="specifiers",
        ),
        pytest.param(
            {"Environment": ["", {"A": "$x"}, "B=2"]},
            ["Environment=", 'Environment="A=$x"', "Environment=B=2"],
            id="environment-in-a-list",
        ),
        pytest.param({"Environment": {}}, [], id="empty-environment"),
        pytest.param({"X-Note": "#1"}, ["X-Note=#1"], id="extension-key"),
    ],
)
def test_section(body: Any, lines: list[str]) -> None:
    assert render({"Service": body}) == "\n".join(["[Service]", *lines]) + "\n"


def test_sections_are_apart() -> None:
    assert render({"Unit": {"A": 1}, "Install": {"B": 2}}) == "[Unit]\nA=1\n\n[Install]\nB=2\n"
    assert render({}) == ""


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        pytest.param({"Unit": {"A": "x\n[Service]\nExecStart=/bin/evil"}}, "line break", id="newline"),
        pytest.param({"Unit": {"A": "x\rB=1"}}, "line break", id="carriage-return"),
        pytest.param({"Unit": {"A": "x\0"}}, "NUL", id="nul"),
        pytest.param({"Unit": {"A": "x\\"}}, "backslash", id="backslash-at-the-end"),
        pytest.param({"Unit": {"A": " "}}, "white space", id="only-white-space"),
        pytest.param({"Unit": {"A": "\ud800"}}, "UTF-8", id="lone-surrogate"),
        pytest.param({"Unit": {"A": [["x"]]}}, "not a value", id="nested-list"),
        pytest.param({"Unit": {"A": {"x": 1}}}, "mapping", id="mapping"),
        pytest.param({"Unit": {"A": b"x"}}, "not a value", id="bytes"),
        pytest.param({"Unit": {"A": float("inf")}}, "not a number", id="infinity"),
        pytest.param({"Unit": {"A": float("nan")}}, "not a number", id="nan"),
        pytest.param({"Unit": {"": "x"}}, "directive", id="empty-key"),
        pytest.param({"Unit": {"A=B": "x"}}, "directive", id="equals-in-a-key"),
        pytest.param({"Unit": {"A B": "x"}}, "directive", id="space-in-a-key"),
        pytest.param({"Unit": {"#A": "x"}}, "directive", id="comment-as-a-key"),
        pytest.param({"Unit": {";A": "x"}}, "directive", id="semicolon-as-a-key"),
        pytest.param({"Unit": {"[A]": "x"}}, "directive", id="header-as-a-key"),
        pytest.param({"Unit": {"A\nB": "x"}}, "directive", id="newline-in-a-key"),
        pytest.param({"Unit": {True: "x"}}, "directive", id="boolean-key"),
        pytest.param({"": {}}, "section", id="empty-section-name"),
        pytest.param({"U]nit": {}}, "section", id="bracket-in-a-section"),
        pytest.param({"Unit\n": {}}, "section", id="newline-in-a-section"),
        pytest.param({" Unit": {}}, "section", id="space-before-a-section"),
        pytest.param({1: {}}, "section", id="number-as-a-section"),
        pytest.param({"Unit": "A=1"}, "section", id="text-as-a-section"),
        pytest.param({"Unit": None}, "section", id="nothing-as-a-section"),
        pytest.param({"Unit": ["A=1"]}, "section", id="list-of-texts-as-a-section"),
        pytest.param({"Service": {"Environment": {"A B": 1}}}, "variable", id="variable-name"),
        pytest.param({"Service": {"Environment": {1: 1}}}, "variable", id="variable-number"),
        pytest.param({"Service": {"Environment": {"A": "x\ny"}}}, "line break", id="variable-newline"),
        pytest.param({"Service": {"Environment": {"A": None}}}, "no text", id="variable-none"),
        pytest.param({"Service": {"Environment": {"A": ["x"]}}}, "no text", id="variable-list"),
    ],
)
def test_refused(sections: Any, problem: str) -> None:
    with pytest.raises(UnsuitableValue) as caught:
        render(sections)
    assert problem in caught.value.problem
    assert caught.value.remedy
    assert caught.value.problem in str(caught.value)


def test_error_names_place_and_value() -> None:
    with pytest.raises(UnsuitableValue) as caught:
        render({"Service": {"User": "a\nb"}})
    assert (caught.value.section, caught.value.key, caught.value.value) == ("Service", "User", "a\nb")
    assert str(caught.value).startswith("[Service] User= 'a\\nb': ")


@PROPERTY
@given(st.dictionaries(KEY, st.lists(TEXT, min_size=1, max_size=4), max_size=4))
def test_read_back_as_written(body: dict[str, list[str]]) -> None:
    try:
        text = render({"X-Any": body})
    except UnsuitableValue:
        return
    read = [(entry.key, entry.value) for entry in parse(text).entries]
    assert read == [(key, value.strip(" \t")) for key, values in body.items() for value in values]
    assert parse(text).sections == ("X-Any",)
