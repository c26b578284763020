# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was uploaded by one user for another one is gone when the task ends."""

from __future__ import annotations


def test_no_upload_is_left(host) -> None:
    found = host.run("find /home /root /tmp /var/tmp -name 'ansible-tmp-*' -o -name all.bundle")
    assert found.stdout == ""


def test_the_stacks_are_gone(host) -> None:
    assert host.run("ls -d /opt/login* /home/login_anna/.local/lib/daemonic.systemd/*/releases 2>/dev/null").stdout == ""
