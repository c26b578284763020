# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was refused has left nothing; what was edited without daemon-reload runs as it was meant."""

from __future__ import annotations

from typing import Any

import pytest


def test_nothing_of_the_mistakes_is_there(host: Any) -> None:
    assert not host.file("/etc/systemd/system/mistakes.service").exists
    assert not host.file("/usr/local/bin/mistakes.py").exists
    assert "mistakes.service" not in host.check_output("systemctl list-units --all --plain --no-legend")


@pytest.mark.parametrize(
    ("unit", "command"),
    [
        pytest.param("mistakes_package.service", "/bin/sleep 1234567", id="the edit of a person runs"),
        pytest.param("mistakes_own.service", "/bin/sleep infinity", id="the declaration runs"),
    ],
)
def test_what_is_meant_runs(host: Any, unit: str, command: str) -> None:
    shown = dict(
        line.split("=", 1)
        for line in host.check_output(f"systemctl show --property=MainPID,NeedDaemonReload {unit}").splitlines()
    )
    assert shown["NeedDaemonReload"] == "no"
    assert host.check_output(f"tr '\\0' ' ' </proc/{shown['MainPID']}/cmdline").strip() == command
