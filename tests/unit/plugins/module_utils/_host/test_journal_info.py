# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal is read page by page: a journalctl of Python, with a journal that may be large, odd, or away."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.inquiry import journal_info as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands, HostError
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.context import HostContext
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.manager import Manager


class Journal:
    """messages: oldest first. largest: the most bytes that one call has printed."""

    def __init__(self, messages: Sequence[str], answer: tuple[int, str, str] | None = None) -> None:
        self._entries = [
            {"MESSAGE": text, "PRIORITY": "6", "__CURSOR": str(number), "__REALTIME_TIMESTAMP": str(1_000_000 * number)}
            for number, text in enumerate(messages, 1)
        ]
        self._answer = answer
        self.calls: list[list[str]] = []
        self.largest = 0

    def run(self, argv: Sequence[str], _stdin: bytes | None, _environment: Mapping[str, str]) -> tuple[int, str, str]:
        command = list(argv)
        if "--sync" in command:
            return 1, "", "Permission denied"
        if command[0] == "systemd-analyze":
            return (0, "UNIX seconds: @5.000000\n", "") if command[-1] == "-1h" else (1, "", "Failed to parse")
        self.calls.append(command)
        if self._answer:
            return self._answer
        given = dict(word[2:].split("=", 1) for word in command if word.startswith("--") and "=" in word)
        chosen = [entry for entry in reversed(self._entries) if self._is_chosen(entry, given)]
        shown = chosen[: int(given["lines"])]
        if "--all" not in command:
            shown = [entry if len(entry["MESSAGE"]) <= 4096 else {**entry, "MESSAGE": None} for entry in shown]
        output = "".join(f"{json.dumps(entry)}\n" for entry in shown)
        self.largest = max(self.largest, len(output))
        return 0, output, ""

    @staticmethod
    def _is_chosen(entry: dict[str, str], given: dict[str, str]) -> bool:
        number, seconds = int(entry["__CURSOR"]), int(entry["__REALTIME_TIMESTAMP"]) / 1e6
        if number > int(given.get("cursor", number)) or number >= int(given.get("after-cursor", number + 1)):
            return False
        return float(given.get("since", "@0")[1:]) <= seconds <= float(given.get("until", "@1e12")[1:])


@pytest.fixture(autouse=True)
def _no_journal_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DIRECTORIES", ())


def ask(journal: Journal, **params: Any) -> dict[str, Any]:
    context = HostContext(Disk(), Commands(journal.run), Manager(scope_of("system"), None, True))
    return module.journal_info({"count": 100, **params}, context, False)


def messages(answer: dict[str, Any]) -> list[str]:
    return [entry["message"] for entry in answer["entries"]]


def test_the_newest_in_order() -> None:
    answer = ask(Journal(["a", "b", "c"]), count=2)
    assert (messages(answer), answer["truncated"], answer["searched"]) == (["b", "c"], True, 3)
    assert answer["entries"][0]["time"] == "1970-01-01T00:00:02.000000Z"


def test_no_more_than_there_is() -> None:
    journal = Journal(["a", "b"])
    assert ask(journal, count=2) == {**ask(journal, count=3), "truncated": False}
    assert ask(Journal([]))["entries"] == []


def test_page_by_page() -> None:
    journal = Journal(["needle", *(f"hay {number}" for number in range(5000)), "needle"])
    answer = ask(journal, pattern="^needle$")
    assert (messages(answer), answer["truncated"], answer["searched"]) == (["needle", "needle"], False, 5002)
    assert len(journal.calls) == 6
    assert [word for word in journal.calls[1] if word.startswith("--after-cursor")] == ["--after-cursor=4003"]


def test_no_further_than_needed() -> None:
    journal = Journal([f"hay {number}" for number in range(5000)])
    assert len(ask(journal, pattern="hay", count=10)["entries"]) == 10
    assert len(journal.calls) == 1


def test_a_search_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SEARCHED", 2000)
    answer = ask(Journal(["needle", *["hay"] * 5000]), pattern="needle")
    assert (answer["entries"], answer["truncated"], answer["searched"]) == ([], True, 2000)
    assert "narrow the time" in answer["warnings"][0]


def test_a_time_holds_on_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """journalctl takes either a time or a cursor."""
    monkeypatch.setattr(module, "_PAGE", 4)
    journal = Journal([str(number) for number in range(1, 21)])
    assert messages(ask(journal, pattern=".", since="-1h", until="1970-01-01T00:00:15Z")) == [
        str(number) for number in range(5, 16)
    ]
    assert not [word for command in journal.calls[1:] for word in command if word.startswith("--since")]


def test_long_messages_are_read_a_few_at_a_time() -> None:
    """As a thousand they would be too much for the memory."""
    journal = Journal(["x" * 100_000 if number % 50 else "short" for number in range(1000)])
    answer = ask(journal, count=1000)
    assert len(answer["entries"]) == 1000
    assert [entry["cut"] for entry in answer["entries"]].count(True) == 980
    assert {len(text) for text in messages(answer)} == {5, 65536}
    assert journal.largest < 21 * 100_200


def test_a_long_message_that_was_vacuumed_meanwhile() -> None:
    class Vacuumed(Journal):
        def run(self, argv: Sequence[str], stdin: bytes | None, environment: Mapping[str, str]) -> tuple[int, str, str]:
            return (0, "", "") if "--all" in argv else super().run(argv, stdin, environment)

    assert messages(ask(Vacuumed(["x" * 5000, "short"]))) == ["", "short"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param((0, "", "No journal files were found.\n-- No entries --\n"), id="no files"),
        pytest.param((0, "-- No entries --\n", ""), id="no entries"),
        pytest.param((1, "", "\x1b[0;1;31mFailed to add filter for units: No data available\x1b[0m"), id="no unit that fits"),
    ],
)
def test_nothing(said: tuple[int, str, str]) -> None:
    answer = ask(Journal([], said), unit=["a*"])
    assert (answer["entries"], answer["truncated"]) == ([], False)


@pytest.mark.parametrize(
    ("params", "said", "error", "message"),
    [
        pytest.param(
            {"boot": "-9"}, "Data from the specified boot (-9) is not available: No", ValidationFailed, "boot: .*'-9'", id="boot"
        ),
        pytest.param(
            {"boot": "-9"},
            "No journal boot entry found for the specified boot (-9).",
            ValidationFailed,
            "boot: .*'-9'",
            id="newer",
        ),
        pytest.param({}, "Failed to open", HostError, "journalctl .*Failed to open", id="something else"),
        pytest.param({"since": "noon?"}, "", ValidationFailed, "since: .*noon", id="time"),
    ],
)
def test_errors(params: dict[str, Any], said: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(Journal([], (1, "", said)), **params)


def test_an_empty_list_asks_nobody() -> None:
    journal = Journal(["a"])
    assert ask(journal, unit=[])["entries"] == []
    assert journal.calls == []


def test_what_may_not_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine" / "system.journal").write_text("")
    monkeypatch.setattr(module, "_DIRECTORIES", (str(tmp_path), str(tmp_path / "nowhere")))
    assert ask(Journal(["a"]))["warnings"] == []
    monkeypatch.setattr(module.os, "access", lambda _path, _mode: False)
    assert "become" in ask(Journal(["a"]))["warnings"][0]
