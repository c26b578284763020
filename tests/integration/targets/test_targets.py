# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after molecule/targets: what was isolated and set is asserted there, step by step."""

from __future__ import annotations


def test_the_members_stop_start_and_restart_with_the_target(host):
    stopped, started, before, after = host.check_output("cat /run/targets.group").splitlines()
    assert stopped == "stop inactive inactive inactive"
    assert started == "start active active active"
    assert 0 < int(before) != int(after) > 0


def test_both_sides_are_written(systemd):
    wants = sorted(systemd.show("targets_group.target", "Wants").split())
    assert wants == ["targets_clock.service", "targets_echo.service"]
    for member in wants:
        assert systemd.show(member, "PartOf") == "targets_group.target"
        assert systemd.show(member, "WantedBy") == "targets_group.target"


def test_the_host_is_back(host, systemd):
    assert (
        host.check_output("systemctl is-active graphical.target targets_group.target targets_sshd.service")
        == "active\n" * 2 + "active"
    )
    assert host.check_output("readlink /etc/systemd/system/default.target").endswith("/systemd/system/graphical.target")
    assert host.check_output("systemctl get-default") == "graphical.target"
    for unit in (
        "targets_view.target",
        "targets_lone.target",
        "targets_panel.service",
        "targets_text.service",
    ):
        assert systemd.show(unit, "ActiveState") == "inactive"


def test_systemd_has_read_the_link(systemd):
    """Without a daemon-reload it would go on knowing the one from before."""
    assert systemd.show("default.target", "Id") == "graphical.target"


def test_the_daemons_are_well_after_all_of_it(systemd):
    assert systemd.talk(9422, "hello\n") == "hello"
    assert systemd.show("targets_clock.service", "ActiveState") == "active"
