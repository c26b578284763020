# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small host, and what isolating its targets would do. What systemd really does is told by the scenario `targets`."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.connection import Ancestor, carriers, units_of_cgroup
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.isolation import (
    Unit,
    by_name,
    is_isolated,
    missing_needs,
    pulled_in,
    started_by,
    stopped_by,
    unknown,
)

UP = {"active": "active"}
HOST = by_name(
    [
        Unit("graphical.target", ("graphical.target", "runlevel5.target"), needs=("multi-user.target",), **UP),
        Unit("multi-user.target", needs=("basic.target",), wants=("ssh.service", "logger.service", "nosuch.service"), **UP),
        Unit("basic.target", wants=("dbus.socket", "tmp.mount"), **UP),
        Unit("rescue.target", needs=("basic.target", "rescue.service"), conflicts=("graphical.target",)),
        Unit("rescue.service"),
        Unit("ssh.service", **UP),
        Unit("logger.service", active="activating"),
        Unit("dbus.socket", **UP),
        Unit("dbus.service", triggered_by=("dbus.socket",), **UP),
        Unit("echo.socket", **UP),
        Unit("echo.service", triggered_by=("echo.socket",), needs=("echo.socket",), **UP),
        Unit("home.automount", ignores_isolation=True, **UP),
        Unit("helper.service", triggered_by=("home.automount",), **UP),
        Unit("session-1.scope", ignores_isolation=True, **UP),
        Unit("follower.service", follows=("graphical.target",), **UP),
        Unit("lone.target", allows_isolation=True, wants=("follower.service",)),
        Unit("broken.target", needs=("half.target",)),
        Unit("half.target", needs=("gone.service", "masked.service"), wants=("other.service",)),
        Unit("gone.service", load="not-found"),
        Unit("masked.service", load="masked"),
        Unit("nosuch.service", load="not-found"),
    ]
)


@pytest.mark.parametrize(
    ("target", "stops"),
    [
        pytest.param(
            "multi-user.target",
            ["echo.service", "echo.socket", "follower.service", "graphical.target"],
            id="what-it-does-not-pull-in",
        ),
        pytest.param("runlevel5.target", ["echo.service", "echo.socket", "follower.service"], id="an-alias"),
        pytest.param(
            "rescue.target",
            [
                "echo.service",
                "echo.socket",
                "follower.service",
                "graphical.target",
                "logger.service",
                "multi-user.target",
                "ssh.service",
            ],
            id="conflicts",
        ),
        pytest.param(
            "lone.target",
            [
                *("basic.target", "dbus.service", "dbus.socket", "echo.service", "echo.socket", "follower.service"),
                *("graphical.target", "logger.service", "multi-user.target", "ssh.service"),
            ],
            id="wanted-but-part-of-what-stops",
        ),
    ],
)
def test_what_stops(target: str, stops: list[str]) -> None:
    assert stopped_by(target, HOST) == stops


def test_what_starts() -> None:
    assert started_by("rescue.target", HOST) == ["rescue.service", "rescue.target"]
    assert started_by("multi-user.target", HOST) == []


def test_what_is_pulled_in() -> None:
    assert set(pulled_in("rescue.target", HOST)) == {"rescue.target", "basic.target", "rescue.service", "dbus.socket"}
    assert pulled_in("nosuch.target", HOST) == {}
    assert unknown("multi-user.target", HOST) == ["tmp.mount"]


def test_what_is_missing() -> None:
    found = [(who, needed.name) for who, needed in missing_needs("broken.target", HOST)]
    assert found == [("half.target", "gone.service"), ("half.target", "masked.service")]
    assert missing_needs("multi-user.target", HOST) == []


def test_whether_it_is_isolated() -> None:
    """Services besides it do not count, other targets do."""
    assert is_isolated("graphical.target", HOST)
    assert not is_isolated("multi-user.target", HOST)
    assert not is_isolated("rescue.target", HOST)
    assert not is_isolated("nosuch.target", HOST)


@pytest.mark.parametrize(
    ("groups", "units"),
    [
        pytest.param(
            "0::/user.slice/user-0.slice/session-3.scope\n", ["user.slice", "user-0.slice", "session-3.scope"], id="session"
        ),
        pytest.param("0::/system.slice/ssh.service\n", ["system.slice", "ssh.service"], id="service"),
        pytest.param(
            "0::/system.slice/system-ssh.slice/ssh@1.service/sub\n",
            ["system.slice", "system-ssh.slice", "ssh@1.service"],
            id="below",
        ),
        pytest.param(
            "0::/user.slice/user-7.slice/user@7.service/app.slice/a.service\n",
            ["user.slice", "user-7.slice", "user@7.service"],
            id="user",
        ),
        pytest.param("9:name=systemd:/system.slice/a.service\n1:cpu:/\n0::/\n", ["system.slice", "a.service"], id="hybrid"),
        pytest.param("1:name=systemd:/init.scope\n", ["init.scope"], id="legacy"),
        pytest.param("0::/\n", [], id="container"),
        pytest.param("0::/machine/pod-1\n", [], id="not-systemd"),
        pytest.param("", [], id="gone"),
    ],
)
def test_units_of_a_process(groups: str, units: list[str]) -> None:
    assert units_of_cgroup(groups) == units


def test_what_carries_a_connection() -> None:
    python = Ancestor("python3", "0::/system.slice/echo.service\n")
    assert carriers([python], HOST) == ["init.scope", "-.slice", "system.slice", "echo.service", "echo.socket"]
    assert "ssh.service" in carriers([python, Ancestor("sshd-session", "0::/\n")], HOST)
    assert carriers([Ancestor("python3", "0::/\n")]) == ["init.scope", "-.slice"]
