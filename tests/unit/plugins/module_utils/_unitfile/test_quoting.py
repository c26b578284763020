# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words and variables: what processes started by systemd 247.3, 252.39 and 257.13 got is the expectation."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.quoting import (
    environment_of,
    exec_line,
    quote_environment,
    quote_exec_argument,
    split_commands,
    split_shown,
    split_words,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import UnsuitableValue, parse
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=examples(300), deadline=None, database=None)
PIECES = [
    "a",
    "é",
    "😀",
    " ",
    "\t",
    "'",
    '"',
    "\\",
    "%",
    "$",
    "${A}",
    ";",
    "#",
    "=",
    "\\x41",
    "\\n",
    "\x1b",
    "\x7f",
    "\u2028",
]
WORD = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
)
VALUE = st.one_of(
    st.lists(st.sampled_from([piece for piece in PIECES if piece not in "\x1b\x7f"]), max_size=8).map("".join),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
)


@pytest.mark.parametrize(
    ("argument", "quoted"),
    [
        pytest.param("plain-1.0/@x", "plain-1.0/@x", id="plain"),
        pytest.param("", '""', id="empty"),
        pytest.param("a b", '"a b"', id="space"),
        pytest.param("a\tb", '"a\\tb"', id="tab"),
        pytest.param("50%", "50%%", id="specifier"),
        pytest.param("$HOME", "$$HOME", id="variable"),
        pytest.param("${HOME}", '"$${HOME}"', id="braced-variable"),
        pytest.param(";", '";"', id="separator"),
        pytest.param("\\;", '"\\\\;"', id="escaped-separator"),
        pytest.param("it's", '"it\'s"', id="single-quote"),
        pytest.param('"x"', '"\\"x\\""', id="double-quote"),
        pytest.param("C:\\n", '"C:\\\\n"', id="backslash"),
        pytest.param("\x1b[0m", '"\\x1b[0m"', id="control-character"),
        pytest.param("#x", '"#x"', id="hash"),
        pytest.param("a\nb", '"a\\nb"', id="line-break"),
        pytest.param("a\r\nb\r", '"a\\r\\nb\\r"', id="other-line-breaks"),
        pytest.param('"', '"\\""', id="lone-quote"),
        pytest.param("-v", "-v", id="dash"),
        pytest.param("@x", "@x", id="at"),
        pytest.param("!", '"!"', id="exclamation-mark"),
    ],
)
def test_argument(argument: str, quoted: str) -> None:
    assert quote_exec_argument(argument) == quoted
    assert split_words(quoted.replace("%%", "%").replace("$$", "$")) == (argument,)


@pytest.mark.parametrize("argument", ["a\0b", "\ud800"])
def test_argument_refused(argument: str) -> None:
    with pytest.raises(UnsuitableValue) as caught:
        quote_exec_argument(argument)
    assert caught.value.problem
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("value", "commands"),
    [
        pytest.param("/bin/a ; /bin/b x", (("/bin/a",), ("/bin/b", "x")), id="two"),
        pytest.param('/bin/a ";" b', (("/bin/a", ";", "b"),), id="in quotes"),
        pytest.param("/bin/a ';' b", (("/bin/a", ";", "b"),), id="in single quotes"),
        pytest.param("/bin/a \\; b", (("/bin/a", ";", "b"),), id="escaped"),
        pytest.param("/bin/a \\;b ;c d;", (("/bin/a", "\\;b", ";c", "d;"),), id="part of a word"),
        pytest.param('/bin/a "b ; c"', (("/bin/a", "b ; c"),), id="in a word"),
        pytest.param("/bin/a ;", (("/bin/a",),), id="the last"),
        pytest.param("", (), id="none"),
    ],
)
def test_commands(value: str, commands: tuple[tuple[str, ...], ...]) -> None:
    assert split_commands(value) == commands


def test_exec_line() -> None:
    assert exec_line(["/opt/my app/100%", "-c", ";"]) == '"/opt/my app/100%%" -c ";"'
    assert exec_line(["sleep", "@x"]) == "sleep @x"


@pytest.mark.parametrize(
    "executable",
    [
        *("", ".", "..", "bin/x", "./x", "/bin/", "/", "-/bin/x", "@x", ":x", "+x", "!x", "|x"),
        *("/a'b", '/a"b', "/a\\b", "/a$b", "/a\tb", "/a\nb"),
    ],
)
def test_executable_refused(executable: str) -> None:
    with pytest.raises(UnsuitableValue):
        exec_line([executable, "x"])


def test_no_executable() -> None:
    with pytest.raises(UnsuitableValue):
        exec_line([])


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        pytest.param("", '"A="', id="empty"),
        pytest.param("a b", '"A=a b"', id="space"),
        pytest.param('say "hi"', '"A=say \\"hi\\""', id="quotes"),
        pytest.param("it's", '"A=it\'s"', id="single-quote"),
        pytest.param("a\\tb", '"A=a\\\\tb"', id="backslash"),
        pytest.param("a\tb", '"A=a\\tb"', id="tab"),
        pytest.param("100%n", '"A=100%%n"', id="specifier"),
        pytest.param("$HOME ${X} $$", '"A=$HOME ${X} $$"', id="dollar-has-no-meaning"),
    ],
)
def test_environment(value: str, quoted: str) -> None:
    assert quote_environment("A", value) == quoted
    assert environment_of([quoted]) == {"A": value}


@pytest.mark.parametrize("name", ["", "1A", "A B", "A=B", "A-B", "É", "A\n"])
def test_variable_name_refused(name: str) -> None:
    with pytest.raises(UnsuitableValue):
        quote_environment(name, "x")


@pytest.mark.parametrize("value", ["secret\n", "secret\r", "secret\0", "secret\x1b", "secret\x7f", "secret\ud800"])
def test_variable_value_refused_without_telling_it(value: str) -> None:
    with pytest.raises(UnsuitableValue) as caught:
        quote_environment("TOKEN", value)
    assert "TOKEN" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("  a \t b  ", ("a", "b"), id="blanks"),
        pytest.param("'a b' \"c d\"", ("a b", "c d"), id="quotes"),
        pytest.param("a'b c'd", ("ab cd",), id="quotes-inside-a-word"),
        pytest.param("'' \"\"", ("", ""), id="empty-words"),
        pytest.param('"it\'s" \'say "x"\'', ("it's", 'say "x"'), id="other-quote-inside"),
        pytest.param("\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\\s", ("\a\b\f\n\r\t\v\\\"' ",), id="simple-escapes"),
        pytest.param("\\x41\\101\\u00e9\\U0001f600", ("AAé😀",), id="numeric-escapes"),
        pytest.param("\\xc3\\xbc", ("ü",), id="bytes-of-one-character"),
        pytest.param("\\xff", ("\udcff",), id="not-utf-8"),
        pytest.param("\\q \\x4 \\x00 \\999 \\ud800", ("\\q", "\\x4", "\\x00", "\\999", "\\ud800"), id="unknown-escapes"),
        pytest.param("a\\ b", ("a\\ b",), id="escaped-space-is-raw-but-no-end"),
        pytest.param("a\\", ("a\\",), id="backslash-at-the-end"),
        pytest.param("a 'b c", ("a", "'b c"), id="unbalanced-quote"),
        pytest.param("a ; b", ("a", ";", "b"), id="separator-is-a-word"),
        pytest.param("a\xa0b\u2028c", ("a\xa0b\u2028c",), id="unicode-spaces-do-not-split"),
    ],
)
def test_split_words(value: str, words: tuple[str, ...]) -> None:
    assert split_words(value) == words


@pytest.mark.parametrize(
    ("values", "environment"),
    [
        pytest.param(["A=1 B=2", "A=3"], {"A": "3", "B": "2"}, id="later-wins"),
        pytest.param(["A=1", "", "B=2"], {"B": "2"}, id="reset"),
        pytest.param(["'A=x y' \"B=z\""], {"A": "x y", "B": "z"}, id="quotes"),
        pytest.param(["A=x=y"], {"A": "x=y"}, id="equals-in-the-value"),
        pytest.param(["A=100%% B=%n"], {"A": "100%", "B": "%n"}, id="specifiers"),
        pytest.param(["A 1B=2 C=3"], {"C": "3"}, id="no-assignments-are-skipped"),
        pytest.param(["A=1 B=\\q C=3"], {"A": "1"}, id="unknown-escape-ends-the-line"),
        pytest.param(["A=1 'B=2"], {"A": "1"}, id="unbalanced-quote-ends-the-line"),
        pytest.param(["A=\\x1b B=\\n"], {"B": "\n"}, id="control-characters-are-skipped"),
    ],
)
def test_environment_of(values: list[str], environment: dict[str, str]) -> None:
    assert environment_of(values) == environment


@PROPERTY
@given(st.lists(WORD, max_size=6))
def test_systemd_hands_over_the_words_that_were_given(arguments: list[str]) -> None:
    line = exec_line(["/bin/x", *arguments])
    read = parse("[Service]\nExecStart=" + line).values("Service", "ExecStart")
    assert read == (line,)
    words = split_words(line)
    assert [word.replace("%%", "%").replace("$$", "$") for word in words] == ["/bin/x", *arguments]


@PROPERTY
@given(VALUE)
def test_systemd_sets_the_variable_that_was_given(value: str) -> None:
    assert environment_of([quote_environment("A", value)]) == {"A": value}


@PROPERTY
@given(st.one_of(WORD, st.text()))
def test_split_words_never_raises(value: str) -> None:
    split_words(value)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        pytest.param("", (), id="none"),
        pytest.param("a.service b.socket", ("a.service", "b.socket"), id="names"),
        pytest.param(
            r'/etc/a.conf "/etc/systemd/system/a\\x2db.service.d/c.conf"',
            ("/etc/a.conf", r"/etc/systemd/system/a\x2db.service.d/c.conf"),
            id="an escaped name, as systemd 247 and 262 print it",
        ),
    ],
)
def test_split_shown(value: str, names: tuple[str, ...]) -> None:
    assert split_shown(value) == names
