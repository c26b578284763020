# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after two long runs, the second of which was killed and completed."""

from __future__ import annotations


def test_nobody_holds_the_lock(host):
    inode = host.check_output("stat --format=%%i /run/daemonic.systemd.lock")
    locked = host.check_output("awk '$2 == \"FLOCK\" {print $6}' /proc/locks").split()
    assert inode not in [place.rpartition(":")[2] for place in locked]


def test_the_slow_unit_runs(systemd):
    assert systemd.show("locked_slow.service", "SubState") == "running"


def test_the_record_is_complete(host):
    assert '"complete": true' in host.file("/var/lib/daemonic.systemd/locked_slow.json").content_string


def test_the_other_stack_is_gone(host, systemd):
    assert systemd.show("locked.service", "LoadState") == "not-found"
    assert not host.file("/var/lib/daemonic.systemd/locked.json").exists
