# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What journal_info asks and reads: on the real output of each supported version (captured/capture-info.sh)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.journal_entries import (
    answer_of,
    invocation_of,
    is_too_long,
    of_invocation,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.journal_query import Invocation, journal_query
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli import journal
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.journal import Selection

VERSIONS = ("247", "252", "254", "257", "262")
RELEASE = "fedcba9876543210"
ID = "0123456789abcdef" * 2


def page(version: str) -> journal.Page:
    return journal.page((Path(__file__).parent / "captured" / version / "info-journal.txt").read_text(encoding="utf-8"))


def selection(uid: int | None = None, **more: Any) -> Selection:
    kept = {name: more.pop(name) for name in ("invocation_id", "since", "until") if name in more}
    found = Selection(journal_query({"count": 100, **more}), uid, since=kept.get("since", 0), until=kept.get("until", 0))
    return Selection(found.query, uid, kept.get("invocation_id", ""), found.since, found.until)


@pytest.mark.parametrize("version", VERSIONS)
def test_entries(version: str) -> None:
    entries = page(version).entries
    answers = {answer["message"]: answer for answer in (answer_of(entry, journal.release_of(entry)) for entry in entries)}
    own = {message: answer for message, answer in answers.items() if answer["pid"] != 1}
    assert [*reversed(own)][:4] == ["plain words", "caf\u00e9 <script>", "\\xff\\xfe no text", "an error"]
    assert {answer["unit"] for answer in answers.values()} == {"ask-speaker.service"}
    assert {answer["release"] for answer in own.values()} == {RELEASE}
    assert len({answer["invocation_id"] for answer in answers.values()}) == 1
    assert (own["an error"]["priority"], own["an error"]["priority_name"]) == (3, "err")
    assert re.match(r"2026-11-\d\dT\d\d:\d\d", own["an error"]["time"])
    assert len(own["an error"]["time"]) == 27
    assert own["plain words"]["identifier"] == "ask.py"
    assert own["plain words"]["pid"] > 1
    assert own["two; messages"]["priority"] in (4, 5)
    assert own["odd"]["priority"] is own["odd"]["priority_name"] is own["no priority"]["priority"] is None
    assert [answer["priority"] for message, answer in own.items() if message == ""]


@pytest.mark.parametrize("version", VERSIONS)
def test_long_messages_and_invocations(version: str) -> None:
    entries = page(version).entries
    assert len([entry for entry in entries if is_too_long(entry)]) == 1
    (whole,) = {
        len(list(of_invocation(entries, wanted))) for wanted in (Invocation(back=0), Invocation(str(invocation_of(entries[0]))))
    }
    assert whole == len(entries)
    assert list(of_invocation(entries, Invocation(back=1))) == []


def test_what_is_cut() -> None:
    answer = answer_of({"MESSAGE": "x" * 65537, "__REALTIME_TIMESTAMP": "1"}, "")
    assert (len(answer["message"]), answer["cut"], answer["release"]) == (65536, True, None)


def test_a_page_with_words() -> None:
    output = '\x1b[0;1;39mHint: no.\x1b[0m\n-- No entries --\n{"MESSAGE":"<script>"}\n      Pass -q to turn off this notice.\n'
    found = journal.page(output)
    assert found.words == ("Hint: no.",)
    assert found.entries == [{"MESSAGE": "<script>"}]


@pytest.mark.parametrize(
    ("chosen", "arguments"),
    [
        pytest.param(selection(), [], id="all"),
        pytest.param(selection(unit=["a", "-x", "b*"]), ["--unit=a.service", "--unit=-x.service", "--unit=b*"], id="units"),
        pytest.param(
            selection(unit=["a"], invocation_id=ID),
            ["--unit=a.service", f"_SYSTEMD_INVOCATION_ID={ID}", "+", f"INVOCATION_ID={ID}", "_UID=0"],
            id="an invocation",
        ),
        pytest.param(selection(release=RELEASE), [f"DAEMONIC_RELEASE={RELEASE}"], id="a release"),
        pytest.param(
            selection(uid=7, unit=["a"], release=RELEASE),
            ["_SYSTEMD_USER_UNIT=a.service", "_UID=7", "+", "USER_UNIT=a.service", "_UID=7"],
            id="a user's unit, whose release journald does not note",
        ),
        pytest.param(selection(uid=7), ["_UID=7"], id="all of a user"),
        pytest.param(
            selection(uid=7, invocation_id=ID),
            [f"_SYSTEMD_INVOCATION_ID={ID}", "_UID=7", "+", f"USER_INVOCATION_ID={ID}", "_UID=7"],
            id="an invocation of a user",
        ),
        pytest.param(
            selection(priority="err", boot="-1", since=1.5, until=2),
            ["--since=@1.500000", "--until=@2.000000", "--boot=-1", "--priority=0..3"],
            id="time",
        ),
    ],
)
def test_command_line(chosen: Selection, arguments: list[str]) -> None:
    command = journal.read(chosen, 10)
    assert command[:5] == ["journalctl", "--no-pager", "--output=json", "--reverse", "--lines=10"]
    assert command[6:] == arguments


def test_a_page_begins_at_a_cursor_or_a_time() -> None:
    """journalctl refuses both."""
    chosen = selection(since=1)
    assert "--after-cursor=c" in journal.read(chosen, 10, before="c")
    assert "--cursor=c" in journal.read(chosen, 10, at="c")
    assert not [word for word in journal.read(chosen, 10, before="c") if word.startswith("--since")]


@pytest.mark.parametrize("version", VERSIONS)
def test_epoch(version: str) -> None:
    path = Path(__file__).parent / "captured" / version / "info-timestamp.txt"
    assert journal.epoch(path.read_text(encoding="utf-8")) == 1795240800.5
    assert journal.epoch("") is None


FORGED = {"UNIT": "sshd.service", "USER_UNIT": "a", "INVOCATION_ID": ID, "USER_INVOCATION_ID": ID, "DAEMONIC_RELEASE": "0" * 16}
TRUSTED = {
    "a line of the manager": ({"_PID": "1", "UNIT": "a"}, False, {"_PID", "UNIT"}),
    "a child of it, before it gives root up": ({"_PID": "9", "_UID": "0", "UNIT": "a"}, False, {"_PID", "_UID", "UNIT"}),
    "a user's": ({"_UID": "7", "_SYSTEMD_UNIT": "session-1.scope", **FORGED}, False, {"_UID", "_SYSTEMD_UNIT"}),
    "a daemon's about others": (
        {"_UID": "7", "_SYSTEMD_UNIT": "a.service", "UNIT": "b.service", "DAEMONIC_RELEASE": "1"},
        False,
        {"_UID", "_SYSTEMD_UNIT", "DAEMONIC_RELEASE"},
    ),
    "a unit of a user that has the name of one of the system": (
        {"_UID": "7", "_SYSTEMD_UNIT": "user@7.service", "_SYSTEMD_USER_UNIT": "sshd.service", **FORGED},
        False,
        {"_UID", "_SYSTEMD_UNIT"},
    ),
    "a user's own manager": (
        {"_SYSTEMD_USER_UNIT": "init.scope", "USER_UNIT": "a", "USER_INVOCATION_ID": ID},
        True,
        {"_SYSTEMD_USER_UNIT", "USER_UNIT", "USER_INVOCATION_ID"},
    ),
    "another unit of that user": (
        {"_SYSTEMD_USER_UNIT": "b.service", "USER_UNIT": "a", "USER_INVOCATION_ID": ID},
        True,
        {"_SYSTEMD_USER_UNIT"},
    ),
    "what has no origin": ({"MESSAGE": "x", **FORGED}, False, {"MESSAGE"}),
}


@pytest.mark.parametrize(("entry", "for_user", "left"), TRUSTED.values(), ids=TRUSTED)
def test_only_what_journald_and_managers_say_counts(entry: dict[str, str], for_user: bool, left: set[str]) -> None:
    assert set(journal.trusted(entry, for_user)) == left
