# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host was before each deployment that failed, and after it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Case:
    """A deployment that failed. result: what the task returned; before, after: all that had to come back."""

    name: str
    result: dict[str, Any]
    before: list[str]
    after: list[str]


@pytest.fixture(scope="module")
def cases(host) -> list[Case]:
    found = []
    for text in host.check_output("cat /run/put_back.cases").split("====\n"):
        if text.strip() in ("", "===="):
            continue
        told, _newline, rest = text.partition("\n")
        before, after = rest.rstrip("=").split("==\n")
        case = json.loads(told)
        found.append(Case(case["name"], case["result"], before.split("\n"), after.split("\n")))
    return found


def lines(text: list[str]) -> set[str]:
    return {line.rstrip() for line in text if line.strip()}


def test_all_were_tried(cases):
    assert len(cases) == 10
    assert any("put_back_a.service LoadState=loaded ActiveState=active" in line for line in cases[-1].before)


def test_everything_is_as_it_was(cases):
    for case in cases:
        assert sorted(lines(case.after) ^ lines(case.before)) == [], case.name


def test_it_is_told(cases):
    for case in cases:
        assert case.result["msg"].endswith("Rolled back: the host is as it was before this run."), case.name
        assert case.result["reverted"] is True
        assert case.result["changed"] is False


def test_each_failure_names_its_unit(cases):
    with_units = [case for case in cases if case.name != "a file that cannot be replaced"]
    assert len(with_units) == len(cases) - 1
    for case in with_units:
        assert [failure["unit"] for failure in case.result["failures"]] == ["put_back_b.service"], case.name
        assert any("no database" in line for line in case.result["failures"][0]["journal"]), case.name


def test_who_was_not_touched_is_left_alone(cases):
    """Of the whole stack only what this run had started again is started again."""
    case = next(case for case in cases if case.name == "files of others")
    jobs = {(action["action"], action["target"]) for action in case.result["revert_actions"]}
    assert {target for verb, target in jobs if verb in ("start", "restart", "stop")} == {"put_back_b.service"}


def test_both_sockets_serve(systemd):
    assert systemd.talk(9701, "lazy") == "lazy"
    assert systemd.talk(9702, "eager") == "eager"


def test_nothing_is_left_beside(host):
    assert host.check_output("find / -xdev -name '.daemonic-*'") == ""
