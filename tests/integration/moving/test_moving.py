# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever changes the name of the module has the same host, but for what docs/moving.md tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

CASES = yaml.safe_load((Path(__file__).parents[3] / "molecule/moving/cases.yml").read_text())["cases"]
NAMES = {case["case"]: number for number, case in enumerate(CASES)}
ALL = pytest.mark.parametrize("case", NAMES)
SAME = pytest.mark.parametrize("case", [case["case"] for case in CASES if "differs" not in case])
# Asked for at each run, and so done again.
ALWAYS = {"restart", "reload", "oneshot"}


@pytest.fixture(scope="module")
def ran(host):
    return json.loads(host.check_output("cat /run/moving.json"))


def became(ran, who: str, case: str) -> list[str]:
    """Names, what is enabled and active, and links, without who has done it."""
    lines = [line for line in ran["became"] if f"moving_{who}_{case}" in line]
    return sorted(line.replace(f"moving_{who}", "moving").replace("/usr/lib/", "/lib/") for line in lines)


@SAME
def test_the_host_is_the_same(ran, case):
    assert became(ran, "ours", case) == became(ran, "theirs", case)


@SAME
def test_the_result_is_the_same(ran, case):
    theirs, ours = (ran[who][NAMES[case]] for who in ("theirs", "ours"))
    for key in ("changed", "failed", "state", "enabled"):
        assert ours.get(key, False) == theirs.get(key, False), key
    assert (ours.get("failed", False)) == CASES[NAMES[case]].get("fails", False)


@ALL
def test_said_again_it_changes_nothing(ran, case):
    if not CASES[NAMES[case]].get("fails"):
        assert (case in ALWAYS) == ran["again"][NAMES[case]]["changed"]


@pytest.mark.parametrize(
    ("case", "theirs", "ours"),
    [
        (
            "maskenabled",
            [
                "moving_maskenabled.service /dev/null",
                "moving_maskenabled.service masked inactive",
                "multi-user.target.wants/moving_maskenabled.service /lib/systemd/system/moving_maskenabled.service",
            ],
            ["moving_maskenabled.service /dev/null", "moving_maskenabled.service masked inactive"],
        ),
        (
            "maskfile",
            ["moving_maskfile.service disabled inactive"],
            ["moving_maskfile.service /dev/null", "moving_maskfile.service masked inactive"],
        ),
        (
            "disableruntime",
            [
                "moving_disableruntime.service enabled-runtime inactive",
                "multi-user.target.wants/moving_disableruntime.service /lib/systemd/system/moving_disableruntime.service",
            ],
            ["moving_disableruntime.service disabled inactive"],
        ),
        (
            "unmaskruntime",
            ["moving_unmaskruntime.service /dev/null", "moving_unmaskruntime.service masked-runtime inactive"],
            ["moving_unmaskruntime.service disabled inactive"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_where_more_is_done(ran, case, theirs, ours):
    assert [became(ran, who, case) for who in ("theirs", "ours")] == [theirs, ours]


def test_what_is_not_there_need_not_be_stopped(ran):
    assert ran["theirs"][NAMES["absent"]]["failed"]
    assert not ran["ours"][NAMES["absent"]]["failed"]
    assert "there is no such unit on the host, so there was nothing to do" in ran["ours"][NAMES["absent"]]["warnings"][0]
