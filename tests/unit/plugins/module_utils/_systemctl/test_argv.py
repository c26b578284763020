# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines: names never become options, and one call serves many units."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._systemctl import argv

NAMES = ["-.mount", "--version.service", "a@b.service"]


@pytest.mark.parametrize(
    "command",
    [argv.show(NAMES), argv.job("start", NAMES), argv.job("reset-failed", NAMES)],
    ids=["show", "start", "reset-failed"],
)
def test_names_stand_behind_two_dashes(command: list[str]) -> None:
    position = command.index("--")
    assert command[position + 1 :] == NAMES
    assert command[0] == "systemctl"
    assert "--no-pager" in command[:position]


def test_properties_are_asked_for_in_one_word() -> None:
    (properties,) = [word for word in argv.show(["a.service"]) if word.startswith("--property=")]
    assert {"Id", "LoadState", "ActiveState", "NeedDaemonReload", "InvocationID"} <= set(properties[11:].split(","))


def test_verb_stands_before_the_names() -> None:
    command = argv.job("restart", ["a.service", "b.service"])
    assert command[-4:] == ["restart", "--", "a.service", "b.service"]


def test_journal_of_an_invocation_holds_what_systemd_says_of_it() -> None:
    command = argv.journal("f00", "a.service", 20)
    assert command[-3:] == ["_SYSTEMD_INVOCATION_ID=f00", "+", "INVOCATION_ID=f00"]
    assert "--lines=20" in command


def test_journal_of_a_unit_that_has_no_invocation() -> None:
    assert argv.journal("", "a.service", 20)[-1] == "--unit=a.service"
