# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the stack has come and gone."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("path", ["/etc/ownership/theirs.conf", "/etc/systemd/system/ownership_masked.service"])
def test_what_was_taken_is_back(host, path):
    file = host.file(path)
    assert (file.user, file.group, file.mode) == ("daemon", "games", 0o604)
    assert host.check_output("stat --format=%%y %s", path).startswith("2020-02-03 04:05:06.7")
    assert file.content_string in ("theirs\n", "[Service]\nExecStart=/bin/sleep 7\n")


@pytest.mark.parametrize(("path", "content"), [("/etc/ownership/a/b", "one\n"), ("/etc/ownership/a_b", "two\n")])
def test_originals_were_not_mixed_up(host, path, content):
    assert host.file(path).content_string == content


def test_what_was_there_as_declared_is_left(host):
    assert host.file("/etc/ownership/same.conf").content_string == "the same"


def test_the_unit_of_a_person_runs_and_is_enabled(host, systemd):
    assert systemd.show("ownership_by_hand.service", "ActiveState") == "active"
    assert systemd.show("ownership_by_hand.service", "NRestarts") == "0"
    assert host.service("ownership_by_hand.service").is_enabled


def test_the_masked_unit_is_unmasked(systemd):
    assert systemd.show("ownership_masked.service", "LoadState") == "loaded"


def test_no_other_unit_is_left(host):
    units = host.check_output("systemctl list-units --all --plain --no-legend 'ownership*' | cut -d ' ' -f 1").split()
    assert set(units) <= {"ownership_by_hand.service", "ownership_masked.service"}
    files = host.check_output("systemctl list-unit-files --no-legend 'ownership*' | cut -d ' ' -f 1").split()
    assert sorted(files) == ["ownership_by_hand.service", "ownership_masked.service"]


def test_nothing_is_left_of_the_stack(host):
    assert host.check_output("find /opt /srv /var/lib/daemonic.systemd -name '*ownership*' 2>/dev/null || true") == ""
