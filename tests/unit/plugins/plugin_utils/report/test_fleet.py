# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.fleet import Answer, headline, is_well

from .fleets import TAKEN, answer, report, unit

FAILED = {"active_state": "failed", "sub_state": "failed", "result": "timeout"}


def changed(given: Answer, **changes: Any) -> Answer:
    return replace(given, result={**(given.result or {}), **changes})


def modified(complete: bool = True) -> Answer:
    return changed(answer(), stacks={"shop": {"complete": complete, "modified": ["/etc/a"], "units": {}}})


CASES: dict[str, tuple[Answer, str, str]] = {
    "well": (answer(web=unit()), "well", "All is well"),
    "without a stack": (Answer((), {"stacks": {}, "other_failed_units": [], "systemd": 252}), "well", "No host has a stack"),
    "failed": (answer(web=unit(**FAILED), db=unit()), "failed", "1 unit failed"),
    "old": (answer(web=unit(stale=True), db=unit(stale=True)), "attention", "2 units need attention"),
    "unreachable": (Answer((), {"unreachable": True, "msg": "No route"}), "unreachable", "1 host unreachable"),
    "refused": (Answer((), {"failed": True, "msg": "no systemd"}), "unanswered", "1 host without an answer"),
    "never asked": (Answer((), None), "unanswered", "1 host without an answer"),
    "changed by hand": (modified(), "attention", "1 file changed by hand"),
    "interrupted": (modified(complete=False), "attention", "1 file changed by hand, 1 deployment not complete"),
    "failed besides": (changed(answer(), other_failed_units=["a.service"]), "attention", "1 unit of no stack failed"),
}


@pytest.mark.parametrize(("given", "health", "words"), CASES.values(), ids=CASES)
def test_a_host(given: Answer, health: str, words: str) -> None:
    found = report(a=given)
    (host,) = found["hosts"]
    assert (host["health"], headline(found["summary"]), is_well(found["summary"])) == (health, words, health == "well")


def test_messages_of_hosts_that_did_not_answer() -> None:
    found = report(a=CASES["unreachable"][0], b=CASES["refused"][0], c=CASES["never asked"][0], d=CASES["well"][0])
    assert [host["message"] for host in found["hosts"]] == ["No route", "no systemd", "It was not asked.", None]


def test_the_whole_shape() -> None:
    found = report(b=answer(groups=("web", "all"), web=unit(**FAILED)), a=answer(web=unit()))
    assert (found["version"], found["taken"]) == (1, TAKEN)
    assert [host["name"] for host in found["hosts"]] == ["a", "b"]
    assert found["hosts"][1] == {
        "name": "b",
        "groups": ["all", "web"],
        "health": "failed",
        "message": None,
        "systemd": 252,
        "stacks": [{"stack": "shop", "complete": True, "modified": []}],
        "other_failed_units": [],
    }
    assert found["summary"]["hosts"] == {"total": 2, "well": 1, "attention": 0, "failed": 1, "unreachable": 0, "unanswered": 0}
    assert found["summary"]["units"] == {"total": 2, "well": 1, "attention": 0, "failed": 1, "differing": 0}
    assert [(row["host"], row["stack"], row["unit"], row["health"]) for row in found["units"]] == [
        ("a", "shop", "web.service", "well"),
        ("b", "shop", "web.service", "failed"),
    ]


def test_what_hosts_say_is_visible() -> None:
    line = {"time": TAKEN, "priority": 6, "message": "\x1b[31m", "cut": False}
    found = report(**{"\x1bhost": answer(web=unit(**FAILED, journal=[line], description="\u202e"))})
    assert "\x1b" not in repr(found).replace("\\x1b", "")
    assert found["units"][0]["journal"][0]["message"] == "\\x1b[31m"
    assert found["units"][0]["description"] == "\\u202e"
