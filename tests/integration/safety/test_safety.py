# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after many refusals, and after what was let pass."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("unit", ["sf_dynamic.service", "sf_good.service", "sf_powerless.service", "sf_weak.service"])
def test_what_was_let_pass_runs(systemd, unit):
    assert systemd.show(unit, "ActiveState") == "active"


def test_what_was_refused_is_not_there(host):
    assert host.run("systemctl list-unit-files --no-legend 'bad*' sf_open.service").stdout == ""
    assert host.check_output("find /etc /opt /srv /var/lib/daemonic.systemd -name 'bad*' -o -name 'safety_refused*'") == ""


def test_no_folder_was_made_for_it(host):
    assert not host.file("/srv/safety/new").exists
