# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after a run that was killed and one that completed it."""

from __future__ import annotations


def test_the_process_runs_the_configuration_on_the_disk(host, systemd):
    unit = host.file("/etc/systemd/system/interrupted.service").content_string
    stamp = systemd.environment("interrupted.service")["DAEMONIC_STAMP"]
    assert f"Environment=DAEMONIC_STAMP={stamp}" in unit.splitlines()
    assert f"ExecStart={systemd.command_line('interrupted.service')}" in unit.splitlines()


def test_the_live_release_is_the_one_that_runs(host, systemd):
    script = host.check_output("readlink -f /opt/interrupted/current/d.py")
    assert systemd.command_line("interrupted.service").endswith(script)


def test_nothing_waits_for_a_reload(systemd):
    assert systemd.show("interrupted.service", "NeedDaemonReload") == "no"


def test_no_temporary_file_is_left(host):
    assert host.check_output("find /etc /opt /var/lib/daemonic.systemd -name '*.new'") == ""


def test_the_record_is_complete(host):
    assert '"complete": true' in host.file("/var/lib/daemonic.systemd/interrupted.json").content_string
