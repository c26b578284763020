# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after everything that was refused."""

from __future__ import annotations


def test_the_daemon_that_was_there_runs(systemd):
    assert systemd.show("refused_good.service", "ActiveState") == "active"
    assert systemd.show("refused_good.service", "NRestarts") == "0"


def test_nothing_of_the_refused_is_there(host):
    found = host.check_output("find /etc /opt /srv /var/lib/daemonic.systemd -name '*bad*'")
    assert found == ""


def test_a_script_runs_only_where_it_compiles(host, systemd):
    compiles = host.run("python3 -c 'match 1:\n case _: pass'").rc == 0
    assert host.file("/opt/refused_modern").exists == compiles
    assert systemd.show("refused_modern.service", "ActiveState") == ("active" if compiles else "inactive")


def test_no_temporary_file_is_left(host):
    assert host.check_output("find /etc /opt /srv /var/lib/daemonic.systemd -name '*.new'") == ""
