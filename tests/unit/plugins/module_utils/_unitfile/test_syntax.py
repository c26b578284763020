# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd 247.3, 252.39 and 257.13 made of these texts (`systemctl show`, run processes) is the expectation."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import (
    Document,
    Entry,
    UnitSyntaxError,
    UnsuitableValue,
    parse,
)
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=examples(300), deadline=None, database=None)

# Whatever ends, continues, comments or quotes something, in any order.
FRAGMENTS = st.sampled_from(
    [
        *("a", "Key", "=", " ", "\t", "\n", "\r", "\r\n", "\n\r", "\\", "\\\n", "\\ \n", "\\\r\n", "#", ";"),
        *("\n# c \\\n", "[", "]", "\n[Unit]\n", "\n[X-é]\n", "\nA=", "\nA=1", "'", '"', "%", "$"),
        *("\u2028", "\x85", "\x0b", "\ufeff", "é"),
    ]
)
NASTY_TEXT = st.lists(FRAGMENTS, max_size=14).map("".join)


def values_of(text: str) -> list[str]:
    return [entry.value for entry in parse(text).entries]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param("A=one", "one", id="plain"),
        pytest.param("  A  =  one  \t", "one", id="white-space-around"),
        pytest.param("A==one=two", "=one=two", id="only-the-first-equals-counts"),
        pytest.param("A=#one;two", "#one;two", id="no-comment-after-a-value"),
        pytest.param("A=", "", id="empty"),
        pytest.param("A=one\\\ntwo", "one two", id="continuation-is-a-space"),
        pytest.param("A=one \\\n  two", "one    two", id="white-space-inside-stays"),
        pytest.param("A=one\\\n# comment\n; comment \\\ntwo", "one two", id="comments-inside-a-continuation"),
        pytest.param("A=one\\\n\n# two", "one", id="blank-line-ends-a-continuation"),
        pytest.param("A=one\\\n \t \n# two", "one", id="white-line-ends-a-continuation"),
        pytest.param("A=one\\ \n# two", "one\\", id="backslash-and-space-is-no-continuation"),
        pytest.param("A=one\\\\\n# two", "one\\\\", id="escaped-backslash-is-no-continuation"),
        pytest.param("A=one\\\\\\\ntwo", "one\\\\ two", id="three-backslashes-continue"),
        pytest.param("A=one\\", "one", id="continuation-at-the-end"),
        pytest.param("A=one\\\r\ntwo\r\n", "one two", id="crlf-continuation"),
        pytest.param("A=one\r", "one", id="lone-carriage-return-ends-a-line"),
        pytest.param("A=one\u2028\x85\x0btwo", "one\u2028\x85\x0btwo", id="other-line-separators-are-text"),
        pytest.param("A=\xa0", "\xa0", id="no-break-space-is-text"),
        pytest.param("\\\nA=one", "one", id="continuation-before-the-key"),
        pytest.param("A\\\n=one", "one", id="continuation-before-the-equals"),
    ],
)
def test_value(body: str, value: str) -> None:
    assert values_of("[Service]\n" + body) == [value]


def test_entries_know_section_key_and_first_line() -> None:
    text = "\ufeff# head\r\n[Unit]\r\nA=1\\\r\n  2\r\n\r\n[Service]\r\nB=3"
    assert parse(text).entries == (Entry("Unit", "A", "1   2", 3), Entry("Service", "B", "3", 7))


def test_sections_in_order_of_first_appearance() -> None:
    assert parse("[B]\n[A]\n[B]\n").sections == ("B", "A")


def test_header_over_two_lines() -> None:
    assert parse("[Un\\\nit]").sections == ("Un it",)


def test_error_does_not_repeat_a_huge_line() -> None:
    with pytest.raises(UnitSyntaxError) as caught:
        parse("[Unit]\n" + "x" * 5000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "\ufeff", "\ufeff\r\n", "[Unit]"])
def test_nothing_said(text: str) -> None:
    assert parse(text).entries == ()
    assert parse(text).render() == text


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        pytest.param("\nA=1\n[Unit]", 2, "before the first section", id="no-section"),
        pytest.param("[Unit\nA=1", 1, "malformed section header", id="header-not-closed"),
        pytest.param("[Unit] # x", 1, "malformed section header", id="comment-after-a-header"),
        pytest.param("[]", 1, "malformed section header", id="header-empty"),
        pytest.param("[[Unit]]", 1, "malformed section header", id="header-doubled"),
        pytest.param("[ Unit ]", 1, "malformed section header", id="header-padded"),
        pytest.param("[Unit]\nA=1\n\nB", 4, "no '='", id="no-equals"),
        pytest.param("[Unit]\n=1", 2, "no key", id="no-key"),
        pytest.param("[Unit]\r\nA=1\r\nB=\0", 3, "NUL", id="nul"),
        pytest.param("[Unit]\n\ufeff[Service]", 2, "byte order mark", id="mark-of-a-second-file"),
        pytest.param("[Unit]\nA=\ud800", 2, "UTF-8", id="lone-surrogate"),
    ],
)
def test_refused(text: str, line: int, problem: str) -> None:
    with pytest.raises(UnitSyntaxError) as caught:
        parse(text)
    error = caught.value
    assert (error.line, problem in error.problem, bool(error.remedy)) == (line, True, True)
    assert str(error).startswith("line %d: " % line)


@pytest.mark.parametrize(
    ("body", "values", "directives"),
    [
        pytest.param("A=1\nA=2", ("1", "2"), ("1", "2"), id="list"),
        pytest.param("A=1\nA=\nA=2", ("2",), ("", "2"), id="reset"),
        pytest.param("A=\nA=\nA=2", ("2",), ("", "2"), id="two-resets-are-one"),
        pytest.param("A=1\nA=", (), ("",), id="reset-last"),
        pytest.param("B=1", (), None, id="absent"),
    ],
)
def test_resets(body: str, values: tuple[str, ...], directives: tuple[str, ...] | None) -> None:
    document = parse("[Service]\n" + body)
    assert document.values("Service", "A") == values
    assert document.directives.get(("Service", "A")) == directives


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        pytest.param(
            "[Unit]\nAfter=a\nAfter=\nAfter=b",
            {("Unit", "After"): ("a", "b")},
            id="dependencies-have-no-reset",
        ),
        pytest.param(
            "[Unit]\nConditionHost=a\nAssertHost=b\nConditionPathExists=",
            {("Unit", "AssertHost"): ("b",), ("Unit", "ConditionPathExists"): ("",)},
            id="conditions-share-a-list-but-not-with-assertions",
        ),
        pytest.param(
            "[Timer]\nOnBootSec=1h\nAccuracySec=1s\nOnCalendar=\nOnActiveSec=2h",
            {("Timer", "AccuracySec"): ("1s",), ("Timer", "OnCalendar"): ("",), ("Timer", "OnActiveSec"): ("2h",)},
            id="timers-share-a-list",
        ),
        pytest.param(
            "[Socket]\nListenStream=1\nListenFIFO=\nListenDatagram=2",
            {("Socket", "ListenFIFO"): ("",), ("Socket", "ListenDatagram"): ("2",)},
            id="listeners-share-a-list",
        ),
        pytest.param(
            "[Path]\nPathExists=/a\nDirectoryNotEmpty=/b\nPathChanged=\nMakeDirectory=yes",
            {("Path", "PathChanged"): ("",), ("Path", "MakeDirectory"): ("yes",)},
            id="paths-share-a-list",
        ),
        pytest.param(
            "[Service]\nOnBootSec=1\nOnCalendar=",
            {("Service", "OnBootSec"): ("1",), ("Service", "OnCalendar"): ("",)},
            id="only-in-their-own-section",
        ),
    ],
)
def test_directives(text: str, directives: dict[tuple[str, str], tuple[str, ...]]) -> None:
    assert parse(text).directives == directives


def test_meaning_ignores_comments_blanks_and_order_of_keys() -> None:
    one = parse("[Unit]\nA=1\n[Service]\nB=2\nB=3\n")
    same = parse("# c\r\n[Service]\r\n B = 2\r\nB=3\r\n[Unit]\nA=\\\n1")
    other = parse("[Unit]\nA=1\n[Service]\nB=3\nB=2\n")
    assert one.directives == same.directives != other.directives


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("\ufeff", "", id="only-a-mark"),
        pytest.param("\ufeff[Unit]\r\nA=1", "[Unit]\nA=1\n", id="mark-crlf-no-newline"),
        pytest.param("[Unit]\rA=1\n\r", "[Unit]\nA=1\n", id="carriage-returns"),
        pytest.param("[Unit]\nA=1 \\", "[Unit]\nA=1 \\\n", id="open-continuation"),
    ],
)
def test_normalized(text: str, normal: str) -> None:
    assert parse(text).normalized().render() == normal


@pytest.mark.parametrize(
    ("text", "result"),
    [
        pytest.param("", "# why\n[Service]\nA=1\n", id="empty"),
        pytest.param("[Unit]\nB=2", "[Unit]\nB=2\n\n# why\n[Service]\nA=1\n", id="no-newline"),
        pytest.param("[Unit]\nB=2\\", "[Unit]\nB=2\\\n\n# why\n[Service]\nA=1\n", id="open-continuation"),
        pytest.param("[Unit]\nB=2\\\n# c\\", "[Unit]\nB=2\\\n# c\\\n\n# why\n[Service]\nA=1\n", id="open-before-a-comment"),
        pytest.param("[Unit]\nB=2\\\r", "[Unit]\nB=2\\\n\n# why\n[Service]\nA=1\n", id="carriage-return"),
    ],
)
def test_appended(text: str, result: str) -> None:
    longer = parse(text).appended("Service", [("A", "1")], comment="why")
    assert longer.render() == result
    assert longer.values("Service", "A") == ("1",)


def test_appended_comment_stays_a_comment() -> None:
    longer = parse("").appended("Unit", [], comment="one\n[Service]\r\n\rtwo")
    assert longer.render() == "# one\n# [Service]\n#\n# two\n[Unit]\n"


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("Unit", "A", "1\nB=2"),
        ("Unit", "A", "1\r[Service]"),
        ("Unit", "A", "1\\"),
        ("Unit", "A=B", "1"),
        ("U]", "A", "1"),
    ],
)
def test_appended_refuses_injection(section: str, key: str, value: str) -> None:
    with pytest.raises(UnsuitableValue):
        parse("").appended(section, [(key, value)])


def parsed(text: str) -> Document | None:
    try:
        return parse(text)
    except UnitSyntaxError:
        return None


@PROPERTY
@given(NASTY_TEXT)
def test_lossless_whatever_is_accepted(text: str) -> None:
    for candidate in (text, "[Unit]\n" + text, "\ufeff[Unit]\nA=" + text):
        document = parsed(candidate)
        if document is not None:
            assert document.render() == candidate


@PROPERTY
@given(NASTY_TEXT)
def test_normalizing_keeps_the_meaning(text: str) -> None:
    document = parsed("[Unit]\nA=" + text)
    if document is not None:
        normal = document.normalized()
        assert [(e.section, e.key, e.value) for e in normal.entries] == [(e.section, e.key, e.value) for e in document.entries]
        assert normal.normalized() == normal
        assert "\r" not in normal.text


@PROPERTY
@given(NASTY_TEXT, NASTY_TEXT)
def test_appending_adds_just_that(text: str, comment: str) -> None:
    document = parsed("[Unit]\nA=" + text)
    if document is not None and "\0" not in comment and "\ufeff" not in comment:
        longer = document.appended("X-New", [("B", "1")], comment)
        assert len(longer.entries) == len(document.entries) + 1
        assert (longer.entries[-1].section, longer.entries[-1].key, longer.entries[-1].value) == ("X-New", "B", "1")
