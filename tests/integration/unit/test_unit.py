# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of molecule/unit have left, as systemd itself tells it."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("name", ["unit_app-1", "unit_app-2", "unit_app@x", "unit_own", "unit_plain", "unit_stacked"])
def test_they_run(systemd, name):
    assert systemd.show(f"{name}.service", "ActiveState") == "active"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("unit_app-1.service", "enabled"),
        ("unit_app-3.service", "masked"),
        ("unit_app@x.service", "enabled"),
        ("unit_own.service", "enabled"),
        ("unit_plain.service", "enabled"),
        ("unit_rival.service", "enabled"),
        ("unit_stacked.service", "enabled"),
        ("unit_dies.service", "disabled"),
    ],
)
def test_what_is_enabled(host, name, state):
    assert host.run(f"systemctl is-enabled '{name}'").stdout.split()[0] == state


def test_the_mask_lay_over_the_file_and_the_file_is_back(host):
    masked = host.file("/run/unit.masked").content_string
    assert masked.startswith("masked\nmasked\n")
    assert "unit_own.service -> /dev/null" in masked
    assert "multi-user.target.wants/unit_own.service" not in masked
    assert host.file("/etc/systemd/system/unit_own.service").is_file


def test_scripts_of_sysv_init_are_linked(host):
    if int(host.check_output("systemctl --version").split()[1]) >= 260:  # it takes none
        assert host.run("ls /etc/rc3.d/S*unit_old").rc != 0
        return
    assert host.run("systemctl is-active unit_old").stdout.strip() == "active"
    assert host.run("ls /etc/rc3.d/S*unit_old").rc == 0
    assert host.run("systemctl is-enabled unit_old").stdout.strip() == "enabled"


def test_an_image_was_changed_below_its_root(host):
    link = "/srv/unit_image/etc/systemd/system/multi-user.target.wants/unit_plain.service"
    assert host.check_output(f"readlink {link}") == "/usr/lib/systemd/system/unit_plain.service"


def test_an_alias_was_taken_by_force(host):
    assert host.check_output("readlink /etc/systemd/system/unit_shared.service").endswith("/unit_rival.service")


def test_units_of_users(host):
    assert host.check_output("systemctl --global is-enabled unit_users.service") == "enabled"
    assert host.file("/root/.config/systemd/user/default.target.wants/unit_users.service").is_symlink


def test_a_socket_was_opened_anew_while_its_service_ran(systemd):
    assert systemd.show("unit_listener.socket", "ActiveState") == "active"
    assert systemd.show("unit_listener.service", "ActiveState") == "active"


def test_a_mount(systemd):
    assert systemd.show("run-unit_mount.mount", "ActiveState") == "active"


def test_nothing_of_what_died_is_left(host, systemd):
    assert systemd.show("unit_dies.service", "ActiveState") == "inactive"
    assert host.run("find /etc/systemd/system -name 'unit_dies*'").stdout == ""


def test_the_manager_was_executed_anew_and_nobody_noticed(host):
    before, after = (host.file(f"/run/unit.{when}").content_string.strip().split("\n\n") for when in ("before", "after"))
    assert "unit_app-1.service" in str(before)
    assert sorted(before) == sorted(after)
    assert host.run("journalctl -o cat _PID=1 | grep -c '^Reexecuting'").stdout.strip() != "0"


def test_nothing_is_remembered_but_definitions(host):
    records = host.check_output("ls /var/lib/daemonic.systemd").split()
    assert sorted(name for name in records if name.endswith(".json")) == ["unit:unit_defined.service.json", "unit_stack.json"]
