# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of xinetd's configuration."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.config_syntax import Configuration, read_configuration
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.migrate import files_of
from hypothesis import given
from hypothesis import strategies as st

MAIN = "/etc/xinetd.conf"


def read(text: str, **files: str) -> tuple[Configuration, list[str]]:
    """files: below /etc/xinetd.d."""
    problems = Problems()
    texts = {MAIN: text, **{f"/etc/xinetd.d/{name}": content for name, content in files.items()}}
    return read_configuration(MAIN, files_of(texts), problems), [str(problem) for problem in problems.found]


def test_entries_with_their_places() -> None:
    text = "# all of it\n\ndefaults\n{\n\tinstances = 60\n}\n"
    text += "  service  telnet\n { \n\tflags\t= REUSE NODELAY\n# none\n env += A=1 #2\n}\n"
    found, problems = read(text)
    assert problems == []
    assert [(entry.kind, entry.name, str(entry.place), entry.begin, entry.end) for entry in found.entries] == [
        ("defaults", "", f"{MAIN}:3", 4, 6),
        ("service", "telnet", f"{MAIN}:7", 8, 12),
    ]
    assert [(a.attribute, a.operator, a.values, a.place.line) for a in found.entries[1].assignments] == [
        ("flags", "=", ("REUSE", "NODELAY"), 9),
        ("env", "+=", ("A=1", "#2"), 11),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("server_args = \"a b\" 'c' \\", ('"a', 'b"', "'c'", "\\")),
        ("only_from =", ()),
        ("only_from -=10.0.0.1\t10.0.0.2", ("10.0.0.1", "10.0.0.2")),
        ("PORT = 9", ("9",)),
    ],
    ids=["no quotes", "nothing", "no blank behind the operator", "upper case is read"],
)
def test_values_are_what_blanks_separate(line: str, expected: tuple[str, ...]) -> None:
    found, problems = read(f"service a\n{{\n{line}\n}}\n")
    assert problems == []
    assert found.entries[0].assignments[0].values == expected


def test_files_are_included_in_the_order_of_their_names() -> None:
    entry = "service %s\n{\n}\n"
    names = {"b": entry % "b", "B": entry % "B", "a": entry % "a", "c.rpmsave": "wrong", "d~": "wrong", "e.conf": "wrong"}
    found, problems = read("includedir /etc/xinetd.d\n" + entry % "last", **names)
    assert problems == []
    assert [entry.name for entry in found.entries] == ["B", "a", "b", "last"]
    assert found.paths == [MAIN, "/etc/xinetd.d/B", "/etc/xinetd.d/a", "/etc/xinetd.d/b"]


def test_what_is_not_there_is_told() -> None:
    found, problems = read("include /etc/no\nincludedir /etc/none\n")
    assert problems == []
    assert [(str(place), path) for place, path in found.absent] == [(f"{MAIN}:1", "/etc/no"), (f"{MAIN}:2", "/etc/none")]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("service a {\n}\n", ":1", "nothing but {"),
        ("service a\n{\n", ":1", "does not end"),
        ("service\n{\n}\n", ":1", "names no service"),
        ("include\n", ":1", "names no path"),
        ("Service a\n{\n}\n", ":1", "Did you mean service?"),
        ("service a\n{\n\tport=7\n}\n", ":3", "no blank between port and ="),
        ("service a\n{\n\tport\n}\n", ":3", "no operator"),
        ("service a\n{\n\tport ~= 7\n}\n", ":3", "no operator"),
        ("service a\r\n{\r\n}\r\n", ":1", "carriage return"),
        (f"include {MAIN}\n", ":1", "include each other"),
        ("include /etc/xinetd.d/x\n", "/etc/xinetd.d/x:1", f"{MAIN} → /etc/xinetd.d/x → {MAIN}"),
        ("# \u00fc\n\ufeffservice a\n{\n}\n", ":2", "begins no entry"),
    ],
)
def test_mistakes_have_a_place(text: str, place: str, says: str) -> None:
    _found, problems = read(text, x=f"include {MAIN}\n")
    assert len(problems) == 1
    assert place in problems[0].partition(" ")[0]
    assert says in problems[0]


@given(st.text(alphabet="service defaults{}=+-#\n\t\r\x00 include/", max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    read(text)
