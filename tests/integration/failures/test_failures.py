# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after a daemon was repaired, beside one that always ran."""

from __future__ import annotations


def test_both_run(systemd):
    for unit in ("mixed_good.service", "mixed_bad.service"):
        assert (systemd.show(unit, "ActiveState"), systemd.show(unit, "NRestarts")) == ("active", "0")


def test_the_mended_one_runs_the_new_script(host):
    journal = host.check_output("journalctl --quiet --output=cat --identifier=mixed_bad --lines=1")
    assert journal == "mended"


def test_the_good_one_serves(systemd):
    assert systemd.talk(9201, "hello") == "hello"


def test_nothing_failed_is_left(host):
    assert host.check_output("systemctl list-units --failed --plain --no-legend") == ""
