# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the stacks of users, of all users and of an image have come and gone."""

from __future__ import annotations


def test_no_unit_is_left(host):
    assert host.check_output("find /etc/systemd /root/.config /home -name '*scopes*' 2>/dev/null || true") == ""
    assert host.run("systemctl list-unit-files --no-legend 'scopes*'").stdout == ""  # rc 1 when there is none


def test_no_process_is_left(host):
    assert host.run("pgrep --full [r]eleases/.*/d.py").rc == 1


def test_roots_manager_does_not_linger(host):
    assert not host.file("/var/lib/systemd/linger/root").exists
    assert host.check_output("systemctl show --property=ActiveState --value user@0.service") in ("inactive", "failed")


def test_no_record_is_left(host):
    """But for the code of the collection, which is kept for the next task."""
    pruned = "'(' -path /proc -o -path /var/cache ')' -prune"
    assert host.check_output(f"find / -xdev {pruned} -o -name 'daemonic.systemd' -type d -print 2>/dev/null") == ""
