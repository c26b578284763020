# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after many refusals, and after declarations that were only validated."""

from __future__ import annotations


def test_the_good_unit_runs(systemd):
    assert systemd.show("validation_good.service", "ActiveState") == "active"


def test_nothing_that_was_validated_is_there(host):
    listed = host.check_output("systemctl list-unit-files --plain --no-legend 'validation*' 'srv-validation*'")
    found = {line.split()[0] for line in listed.splitlines()}
    assert found == {f"validation_{name}.service" for name in ("good", "keeps", "companion", "package")}
    assert not host.file("/srv/validation_dir").exists
    assert not host.file("/opt/validation_one").exists


def test_no_folder_is_left(host):
    assert host.check_output("find /run /tmp -maxdepth 1 -name 'daemonic.systemd.*' ! -name daemonic.systemd.lock") == ""


def test_no_manager_was_started_for_the_user(host):
    assert not host.file("/var/lib/systemd/linger/validation_user").exists
