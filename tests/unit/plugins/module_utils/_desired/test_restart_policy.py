# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy as a table: what each changed directive needs, and why."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.restart_policy import (
    ALL_SECTIONS,
    DAEMON_RELOAD,
    RELOAD,
    RESTART,
    START,
    TABLE,
    Row,
    need_of,
    sections_of,
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"[{row.section}] {row.because}")
def test_row(row: Row) -> None:
    assert row.because
    assert row.source.startswith("https://www.freedesktop.org/software/systemd/man/systemd.")
    assert row.need in (DAEMON_RELOAD, START, RELOAD, RESTART)
    assert row.section in ALL_SECTIONS
    assert {need_of(row.section, key) for key in row.keys or ("Anything",)} == {row.need}


def test_no_two_rows_name_one_directive() -> None:
    named = [(row.section, key) for row in TABLE for key in row.keys or ("",)]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    ("section", "keys", "need"),
    [
        pytest.param(
            "Unit", "Description Documentation After Before ConditionPathExists PartOf Conflicts", DAEMON_RELOAD, id="Unit"
        ),
        pytest.param("Unit", "Wants Requires BindsTo Upholds", START, id="what a unit pulls in"),
        pytest.param("Install", "WantedBy Alias Also DefaultInstance", DAEMON_RELOAD, id="Install"),
        pytest.param(
            "Service", "ExecStart ExecStartPre Environment EnvironmentFile User Nice Type LimitNOFILE", RESTART, id="process"
        ),
        pytest.param("Service", "Restart RestartSec SuccessExitStatus", DAEMON_RELOAD, id="the end of a process"),
        pytest.param("Service", "TimeoutStopSec TimeoutStartSec RuntimeMaxSec", DAEMON_RELOAD, id="timeouts"),
        pytest.param("Service", "ExecReload ExecStop ExecStopPost", DAEMON_RELOAD, id="later commands"),
        pytest.param("Service", "KillMode KillSignal SendSIGHUP", DAEMON_RELOAD, id="signals"),
        pytest.param("Service", "NewInTheNextRelease", RESTART, id="not known yet"),
        pytest.param("Socket", "ListenStream ListenDatagram SocketMode SocketUser Backlog Accept", RESTART, id="Socket"),
        pytest.param("Timer", "OnCalendar OnBootSec Persistent Unit", DAEMON_RELOAD, id="Timer"),
        pytest.param("Path", "PathExists PathChanged", RESTART, id="Path"),
        pytest.param("Mount", "What Where Type", RESTART, id="Mount"),
        pytest.param("Mount", "Options", RELOAD, id="remount"),
        pytest.param("Mount", "TimeoutSec DirectoryMode", DAEMON_RELOAD, id="at the next mount"),
        pytest.param("Automount", "Where TimeoutIdleSec", RESTART, id="Automount"),
        pytest.param("Swap", "What Priority", RESTART, id="Swap"),
        pytest.param("Slice", "CPUQuota MemoryMax", DAEMON_RELOAD, id="Slice"),
        pytest.param("X-Mine", "Anything ExecStart", DAEMON_RELOAD, id="a section of others"),
        pytest.param("Service", "X-Mine", DAEMON_RELOAD, id="a directive of others"),
    ],
)
def test_need(section: str, keys: str, need: str) -> None:
    assert {key: need_of(section, key) for key in keys.split()} == dict.fromkeys(keys.split(), need)


@pytest.mark.parametrize(
    ("unit_type", "sections"),
    [
        ("service", ("Unit", "Service", "Install")),
        ("target", ("Unit", "Install")),
        ("automount", ("Unit", "Automount", "Install")),
        ("slice", ("Unit", "Slice", "Install")),
    ],
)
def test_sections(unit_type: str, sections: tuple[str, ...]) -> None:
    assert sections_of(unit_type) == sections
