# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of every module and filter have been run; none of them left anything that its stack does not own."""

from __future__ import annotations

from typing import Any


def test_nothing_has_failed(host: Any) -> None:
    assert host.check_output("systemctl list-units --failed --no-legend --plain") == ""


def test_nothing_is_left_of_the_system_s_stacks(host: Any) -> None:
    assert host.run("ls /var/lib/daemonic.systemd").stdout.split() in ([], ["uploads"])
