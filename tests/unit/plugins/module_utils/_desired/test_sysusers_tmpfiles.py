# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that systemd-sysusers and systemd-tmpfiles apply: what they make, and what is wrong with them."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.sysusers_tmpfiles import (
    ACCOUNTS,
    PATHS,
    TREES,
    accounts_in,
    kind_of,
    lines_of,
    made_paths,
)

from ..builders import desired, problem_of, refusal

SYSUSERS, TMPFILES = "/etc/sysusers.d/a.conf", "/etc/tmpfiles.d/a.conf"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (SYSUSERS, ACCOUNTS),
        ("/usr/lib/tmpfiles.d/a.conf", PATHS),
        ("/etc/tmpfiles.d/README", ""),
        ("/etc/sysusers.d/below/a.conf", ""),
        ("/etc/a.conf", ""),
    ],
)
def test_kind(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_accounts() -> None:
    text = '# comment\nu  a 1 -\nu! b 7:web "x y"\n\ng c -\nm d e\nr - 1-2\nm f 10\n'
    made = accounts_in(lines_of(text))
    assert made.users == {"a", "b", "d", "f"}
    assert made.groups == {"a", "web", "c", "d", "e", "f"}


def test_a_member_has_the_group_that_his_line_names() -> None:
    made = accounts_in(lines_of("g web -\nu b -:web\nm b adm\n"))
    assert (made.users, made.groups) == ({"b"}, {"web", "adm"})


def test_paths() -> None:
    text = "d /srv/a/ 0750\nD! /srv/boot\nd /srv/%m\nf /srv/file\nL /srv/link - - - - /x\nv- /srv/v\n"
    files = desired(files={TMPFILES: text}).files
    assert made_paths(files) == ("/srv/a", "/srv/v")
    assert made_paths(files, TREES) == ("/srv/a", "/srv/link", "/srv/v")


@pytest.mark.parametrize(
    ("path", "line", "problem"),
    [
        (SYSUSERS, "x foo", "line 2 has no type"),
        (SYSUSERS, "us foo", "line 2 has no type"),
        (SYSUSERS, "u fo:o", "line 2 names an account in a way"),
        (SYSUSERS, "u", "line 2 names an account in a way"),
        (SYSUSERS, 'u a - "b', "line 2 does not close"),
        (SYSUSERS, 'u a - "b" /c /d e', "line 2 has more than the 6"),
        (TMPFILES, "Z9 /srv/a", "line 2 has no type"),
        (TMPFILES, "d srv/a", "line 2 names no absolute path"),
        (TMPFILES, "d /srv/a 9999", "line 2 has a mode"),
        (TMPFILES, "d /srv/a 17777", "line 2 has a mode"),
    ],
)
def test_refused(path: str, line: str, problem: str) -> None:
    found = problem_of(files={path: f"# the second line is wrong\n{line}\n"})
    assert (found.place, found.problem[: len(problem)]) == (f"files.{path}", problem)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (SYSUSERS, 'u! a 10:b "a, b" /c /bin/sh\ng %m -\nr - 500-900\n'),
        (TMPFILES, "f+ /srv/a ~0644 root root - it's\nw /sys/a - - - - 1\nd= /srv/%v :0750 - - 10d\nx /tmp/*\n"),
    ],
)
def test_taken(path: str, text: str) -> None:
    assert refusal(files={path: text}) == ()


@pytest.mark.parametrize("path", [SYSUSERS, TMPFILES])
def test_only_the_system_applies_them(path: str) -> None:
    assert "only the manager of the system" in problem_of(files={path: ""}, scope="user").problem


@pytest.mark.parametrize("path", [SYSUSERS, TMPFILES])
def test_what_was_not_sent_is_no_empty_file(path: str) -> None:
    problem = problem_of(files={path: {"content": {"name": "a.conf", "sha256": "0" * 64, "size": 200_000}}})
    assert (problem.place, problem.problem) == (f"files.{path}", "was not sent with the task, and must be read")
