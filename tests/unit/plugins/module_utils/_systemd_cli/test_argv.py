# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines: names never become options, and one call serves many units."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli import argv

SYSTEM, USER = argv.Systemctl(), argv.Systemctl(user=True)
QUEUED = argv.Systemctl(no_block=True)
NAMES = ["-.mount", "--version.service", "a@b.service"]


@pytest.mark.parametrize(
    "command",
    [
        SYSTEM.show(NAMES),
        SYSTEM.job("start", NAMES),
        SYSTEM.job("reset-failed", NAMES),
        SYSTEM.show_names(NAMES),
        QUEUED.job("restart", NAMES),
        USER.show(NAMES),
        USER.job("stop", NAMES),
    ],
    ids=["show", "start", "reset-failed", "names", "queued", "show of a user", "stop of a user"],
)
def test_names_stand_behind_two_dashes(command: list[str]) -> None:
    position = command.index("--")
    assert command[position + 1 :] == NAMES
    assert command[0] == "systemctl"
    assert "--no-pager" in command[:position]


def test_properties_are_asked_for_in_one_word() -> None:
    (properties,) = [word for word in SYSTEM.show(["a.service"]) if word.startswith("--property=")]
    assert {"Id", "LoadState", "ActiveState", "NeedDaemonReload", "InvocationID"} <= set(properties[11:].split(","))


def test_only_jobs_are_queued() -> None:
    assert "--no-block" in QUEUED.job("start", ["a.service"])
    assert "--no-block" not in [*QUEUED.show(["a.service"]), *QUEUED.daemon_reload(), *QUEUED.daemon_reexec()]


def test_a_script_of_sysv_init_is_enabled_below_a_root() -> None:
    command = argv.Systemctl(root="/srv/image").enable("old.service", True)
    assert command == ["systemctl", "--root=/srv/image", "enable", "--no-reload", "--quiet", "--", "old.service"]
    assert "disable" in SYSTEM.enable("old.service", False)


def test_verb_stands_before_the_names() -> None:
    command = SYSTEM.job("restart", ["a.service", "b.service"])
    assert command[-4:] == ["restart", "--", "a.service", "b.service"]


def test_journal_of_an_invocation_holds_what_systemd_says_of_it() -> None:
    command = argv.journal("a.service", 20, "f00")
    assert command[-4:] == ["_SYSTEMD_INVOCATION_ID=f00", "+", "INVOCATION_ID=f00", "_UID=0"]
    assert "--lines=20" in command


def test_journal_of_a_unit_that_has_no_invocation() -> None:
    assert argv.journal("a.service", 20)[-1] == "--unit=a.service"


def test_the_manager_of_a_user_is_asked() -> None:
    for command in (USER.show(NAMES), USER.daemon_reload(), USER.job("start", NAMES)):
        assert command[:2] == ["systemctl", "--user"]
    for command in (SYSTEM.show(NAMES), SYSTEM.daemon_reload(), SYSTEM.job("start", NAMES)):
        assert "--user" not in command


def test_journal_of_a_unit_of_a_user_is_that_of_no_other_user() -> None:
    command = argv.journal_of_user_unit("a.service", 1000, 5)
    assert command[-5:] == ["_SYSTEMD_USER_UNIT=a.service", "_UID=1000", "+", "USER_UNIT=a.service", "_UID=1000"]
    command = argv.journal_of_user_unit("a.service", 1000, 5, 7)
    assert "--since=@7.000" in command
    assert command[-3:] == ["+", "SYSLOG_IDENTIFIER=a", "_UID=1000"]


def test_lingering() -> None:
    assert argv.linger("echo", True) == ["loginctl", "enable-linger", "echo"]
    assert argv.linger("echo", False) == ["loginctl", "disable-linger", "echo"]
    assert argv.start_user_manager(1000) == ["systemctl", "start", "--", "user@1000.service"]
