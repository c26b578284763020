# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role has made of an inventory in which all hosts, a group and single hosts have a say."""

from __future__ import annotations

import os

import pytest

OLDEST, BETWEEN, NEWEST = os.environ["DAEMONIC_HOSTS"].split()
CLOCK = {  # interval of the clock, by host; the newest has none
    OLDEST: ["INTERVAL=1", "WHERE=everywhere", "daemons_clock.service"],
    BETWEEN: ["INTERVAL=5", "WHERE=everywhere", "daemons_clock.service"],
    NEWEST: [],
}
PORT = {NEWEST: 9758}


@pytest.fixture
def name(host) -> str:
    return host.check_output("hostname")


def test_a_host_has_what_all_its_group_and_itself_declare(host, name) -> None:
    said = sorted(line for line in host.check_output("cat /run/daemons_role.clock").splitlines() if line)
    assert said == CLOCK[name]


def test_the_daemon_of_the_group_answers(systemd, name) -> None:
    assert systemd.talk(PORT.get(name, 9760), "hello") == "hello"


def test_python_was_brought_once(host) -> None:
    first, second = (host.check_output("head -1 /run/daemons_role.%s", run) for run in ("first", "second"))
    assert (first, second) == ("True", "False")
    host.check_output("python3 -c 'import ensurepip, venv'")


def test_the_second_run_restarted_nothing(host) -> None:
    started = [host.check_output("tail -1 /run/daemons_role.%s", run) for run in ("first", "second")]
    assert started[0] == started[1] != ""


def test_the_account_runs_the_daemon_and_owns_its_directory(host, systemd) -> None:
    assert host.user("daemons_echo").groups == ["daemons_echo", "daemons_media"]
    assert host.check_output("ps -o user= -p %s", systemd.show("daemons_echo.service", "MainPID")) == "daemons_echo"
    directory = host.file("/srv/daemons_role")
    assert (directory.user, directory.group, directory.mode) == ("daemons_echo", "daemons_media", 0o2750)


def test_what_left_the_inventory_is_gone_and_accounts_stay(host) -> None:
    assert not host.file("/opt/daemons_clock").exists
    assert not host.file("/etc/systemd/system/daemons_clock.service").exists
    assert host.user("daemons_new").exists  # made by a deployment that was put back
    accounts = host.file("/etc/sysusers.d/daemonic-daemons_role.conf").content_string
    assert ("daemons_later" in accounts, "daemons_new" in accounts) == (True, False)


def test_what_was_put_back_left_no_file(host) -> None:
    left = host.check_output("ls /etc/tmpfiles.d /etc/sysusers.d | grep daemons_").split()
    assert sorted(left) == ["daemonic-daemons_role.conf", "daemons_role.conf"]
