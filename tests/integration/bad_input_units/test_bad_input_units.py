# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after many refusals."""

from __future__ import annotations


def test_the_good_unit_runs(systemd):
    assert systemd.show("refused_good.service", "ActiveState") == "active"


def test_no_refused_unit_is_known(host):
    assert host.check_output("systemctl list-units --all --plain --no-legend 'bad*' 'srv-bad*'") == ""
    listed = host.check_output("systemctl list-unit-files --no-legend 'bad*'")
    assert listed.split()[:2] == ["bad_masked.service", "masked"]
    assert len(listed.splitlines()) == 1


def test_no_refused_file_is_there(host):
    found = host.check_output("find /etc /opt /srv /var/lib -name 'bad*' -o -name 'srv-bad*'").splitlines()
    assert found == ["/etc/systemd/system/bad_masked.service"]
