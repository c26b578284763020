# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stacks are meant, and what is told of their units."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry import stacks
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.stacks import Record, StackQuery
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.unit_properties import Clock, Known


def test_a_query() -> None:
    assert stacks.stack_query({"name": None, "journal_lines": 10}) == StackQuery((), 10)
    assert stacks.stack_query({"name": ["a"], "journal_lines": 0}) == StackQuery(("a",), 0)


@pytest.mark.parametrize("lines", [-1, 101])
def test_a_number_of_lines_that_is_too_large(lines: int) -> None:
    with pytest.raises(ValidationFailed, match=r"journal_lines.*from 0 to 100"):
        stacks.stack_query({"journal_lines": lines})


def test_units_in() -> None:
    names = ["b.service", "a.socket", "journald.conf", "service", ".service", "x", "t@.service", "m.mount"]
    assert stacks.units_in(names) == ("a.socket", "b.service", "m.mount", "t@.service")


def test_to_show() -> None:
    records = [Record("a", True, ("a.service", "t@.service"), ()), Record("b", True, ("a.service", "t@1.service"), ())]
    assert stacks.to_show(records) == (["a.service", "t@1.service"], ["t@*.service"])


def test_members() -> None:
    shown = ["a.service", "t@1.service", "t@2.service", "other@1.service", "t@3.socket", "tt@1.service"]
    assert stacks.members(Record("a", True, ("a.service", "t@.service", "gone.service"), ()), shown) == [
        "a.service",
        "t@1.service",
        "t@2.service",
    ]


STATES: dict[str, tuple[dict[str, str], bool]] = {
    "runs": ({"ActiveState": "active", "SubState": "running", "Result": "success"}, False),
    "failed": ({"ActiveState": "failed", "SubState": "failed", "Result": "exit-code"}, True),
    "loops": ({"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code"}, True),
    "loops on 257": ({"ActiveState": "activating", "SubState": "auto-restart-queued", "Result": "signal"}, True),
    "loops well": ({"ActiveState": "activating", "SubState": "auto-restart", "Result": "success"}, False),
}


@pytest.mark.parametrize(("shown", "failed"), STATES.values(), ids=STATES)
def test_has_failed(shown: dict[str, str], failed: bool) -> None:
    assert stacks.has_failed(shown) is failed


def test_a_digest_is_of_what_was_declared() -> None:
    ours = [b"STAMP="]

    def digest(*files: tuple[str, bytes]) -> str:
        return stacks.digest_of(files, ours)

    unit = ("a.service", b"[Service]\nExecStart=/bin/a\nEnvironment=STAMP=1\n")
    assert digest(unit) == digest(("a.service", b"[Service]\nExecStart=/bin/a\nEnvironment=STAMP=2\n"))
    assert digest(unit) != digest(("a.service", b"[Service]\nExecStart=/bin/b\nEnvironment=STAMP=1\n"))
    assert digest(unit) != digest(unit, ("10.conf", b""))
    assert digest(("a", b"b"), ("c", b"d")) != digest(("a", b"b\0c"), ("", b"d"))
    assert len(digest(("a", b"\xff\r\n"))) == 16


def answer(name: str, shown: dict[str, str], journal: Any = ()) -> dict[str, Any]:
    siblings = frozenset(("a.service", "a.socket", "b.service"))
    return stacks.unit_answer(name, shown, Known(), Clock(0, 0), siblings, "d", journal)


def test_relations_within_the_stack() -> None:
    shown = {"Requires": "a.socket sysinit.target", "After": "b.service a.socket basic.target", "Before": "b.service"}
    assert answer("a.service", shown)["relations"] == {"requires": ["a.socket"], "after": ["a.socket", "b.service"]}
    assert answer("a.socket", {"Triggers": "a.service"})["relations"] == {"triggers": ["a.service"]}


def test_lines_of_the_journal_have_an_end() -> None:
    entry = {"time": "t", "priority": 3, "message": "x" * 501, "cut": False, "unit": "a.service"}
    (line,) = answer("a.service", {}, [entry])["journal"]
    assert line == {"time": "t", "priority": 3, "message": "x" * 500, "cut": True}
    (line,) = answer("a.service", {}, [{**entry, "message": "short"}])["journal"]
    assert (line["message"], line["cut"]) == ("short", False)
