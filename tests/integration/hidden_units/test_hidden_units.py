# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the stack has taken the places of foreign units and given them back."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("unit", ["hidden_vendor.service", "hidden_hand.service", "hidden_sock.socket", "hidden_w@a.service"])
def test_foreign_unit_runs_again(systemd, unit):
    assert systemd.show(unit, "ActiveState") == "active"


@pytest.mark.parametrize("unit", ["hidden_vendor.service", "hidden_hand.service", "hidden_sock.socket"])
def test_foreign_unit_is_enabled_again(host, unit):
    assert host.service(unit).is_enabled


def test_the_default_target_is_that_of_the_later_task(host):
    assert host.file("/etc/systemd/system/default.target").linked_to.endswith("/multi-user.target")


def test_nothing_is_left_of_the_stack(host):
    assert host.check_output("find /opt /var/lib/daemonic.systemd -name '*hidden*' 2>/dev/null || true") == ""
