# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the examples were deployed, changed and removed."""

from __future__ import annotations


def test_no_unit_is_left(host):
    names = "'date_logger*' 'echo*' 'lifecycle*'"
    assert host.check_output(f"systemctl list-units --all --plain --no-legend {names}") == ""
    assert host.run(f"systemctl list-unit-files --no-legend {names}").stdout == ""  # rc 0 or 1, by version


def test_no_link_dangles(host):
    assert host.check_output("find /etc/systemd/system -xtype l") == ""


def test_no_process_is_left(host):
    assert host.run("pgrep --full 'date_logger[.]py|echo[.]py'").rc == 1


def test_what_the_daemon_wrote_is_kept(host):
    assert host.file("/var/log/timekeeping/date_logger.log").size > 0
