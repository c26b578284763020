# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon that went back, and what is on record of it."""

from __future__ import annotations


def test_the_daemon_went_back(systemd):
    assert systemd.environment("rolled_back.service")["GENERATION"] == "1"
    assert systemd.environment("rolled_back_alone.service")["GENERATION"] == "1"


def test_units_of_the_later_deployment_are_gone(host):
    assert not host.file("/etc/systemd/system/rolled_back_of_two.timer").exists
    assert host.check_output("systemctl is-enabled rolled_back_of_one.service") == "enabled"


def test_the_secret_is_the_rotated_one(systemd, host):
    folder = systemd.environment("rolled_back_alone.service")["CREDENTIALS_DIRECTORY"]
    pid = systemd.show("rolled_back_alone.service", "MainPID")
    assert host.check_output("nsenter --target=%s --mount cat %s/token", pid, folder) == "second-very-secret"


def test_no_secret_is_on_record(host):
    assert host.run("grep --recursive very-secret /var/lib/daemonic.systemd/*.history").rc == 1


def test_the_record_is_private(host):
    record = host.file("/var/lib/daemonic.systemd/rolled_back.history")
    assert (record.user, record.mode) == ("root", 0o600)
