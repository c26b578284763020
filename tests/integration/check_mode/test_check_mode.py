# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after all predictions, the last of which was absence."""

from __future__ import annotations


def test_no_unit_is_left(host):
    assert host.check_output("systemctl list-units --all --plain --no-legend 'predicted*'") == ""
    assert host.run("systemctl list-unit-files --no-legend 'predicted*'").stdout == ""  # rc 0 or 1, by version


def test_no_file_is_left(host):
    assert host.check_output("find /etc /opt /var/lib -name '*predicted*'") == ""


def test_nothing_listens(host):
    for port in (9100, 9101, 9102):
        assert not host.socket(f"tcp://0.0.0.0:{port}").is_listening
