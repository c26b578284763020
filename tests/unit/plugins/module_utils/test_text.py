# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._text import all_visible, line, lines_of, quoted, visible
from hypothesis import given
from hypothesis import strategies as st

CASES = {
    "plain": ("café <b> & 'quotes' – 日本", "café <b> & 'quotes' – 日本"),
    "escape of a terminal": ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
    "bell, NUL and a carriage return": ("\a\0\r", "\\x07\\x00\\x0d"),
    "lines and columns": ("a\tb\nc", "a\tb\nc"),
    "C1": ("\x9b31m", "\\x9b31m"),
    "text turned round": ("\u202egpj.exe", "\\u202egpj.exe"),
    "of no width": ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
    "separators of lines": ("\u2028\u2029", "\\u2028\\u2029"),
    "a byte that is no UTF-8": ("\udcff", "\\xff"),
    "half of a pair": ("\ud83d", "\\ud83d"),
    "letters that nobody sees": ("a\U000e0041\u3164", "a\\U000e0041\\u3164"),
}


@pytest.mark.parametrize(("text", "shown"), CASES.values(), ids=CASES)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_what_is_visible_can_be_printed_anywhere(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert visible(shown) == shown
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown if character not in "\t\n")


def test_all_of_a_value() -> None:
    assert all_visible({"a\a": ["\x1b", 1, None, {"b": ("\0", True)}]}) == {"a\\x07": ["\\x1b", 1, None, {"b": ["\\x00", True]}]}


@given(st.text(st.characters()), st.integers(2, 50))
def test_a_line_stays_one_and_within_its_bound(text: str, most: int) -> None:
    shown = line(text, most)
    assert len(shown) <= most
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown)
    assert shown.splitlines() == ([shown] if shown else [])


@given(st.lists(st.text(st.characters())))
def test_what_is_quoted_never_looks_like_our_own_words(texts: list[str]) -> None:
    first, *others = quoted(lines_of(texts)).split("\n")
    assert first == ""
    assert all(each.startswith("    | ") for each in others)


def test_the_last_lines_count() -> None:
    assert lines_of(["a\nRolled back:", "\tb\r"], 3) == ["a", "Rolled back:", "    b"]
    assert lines_of(["a\nb", "c"], 2) == ["b", "c"]
