# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left on a host by the code that was carried there, and by the runs of molecule/carrier."""

from __future__ import annotations


def test_only_root_sees_what_is_kept(host):
    folder = host.file("/var/cache/daemonic.systemd")
    assert (folder.user, folder.mode) == ("root", 0o700)
    assert len(folder.listdir()) == 1


def test_nobody_holds_the_lock(host):
    assert host.file("/run/daemonic.systemd.lock").size == 0


def test_the_log_tells_who_was_invoked_and_not_with_what(host):
    log = host.check_output("journalctl --no-pager --identifier=ansible-daemonic.systemd.stack --output=cat")
    assert "Invoked for carrier, present" in log.splitlines()
    assert "ExecStart" not in log
