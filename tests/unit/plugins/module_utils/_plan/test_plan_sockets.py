# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets and the services that they start: a socket can be neither started nor restarted while its service runs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import daemon, desired, script
from ..simulated_host import ECHO, SOCKET, Host, Short, check_converged, deployed, killed_everywhere, reasons, unit_jobs

# The socket and the service that requires it, in one transaction.
TOGETHER = [
    ("reset_failed", "echo.socket"),
    ("reset_failed", "echo.service"),
    ("restart", "echo.socket"),
    ("restart", "echo.service"),
]
APART = [("stop", "echo.socket"), ("stop", "echo.service"), ("start", "echo.socket")]
ALONE = [("reset_failed", "echo.socket"), ("restart", "echo.socket")]


def test_changed_listener_closes_and_opens_the_socket_with_its_running_service() -> None:
    host = deployed(**SOCKET)
    host.start("echo.service")
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9001})})
    plan = host.run(wanted)
    assert unit_jobs(plan) == TOGETHER
    assert reasons(plan, "restart") == [
        "ListenStream= changed: its listener is opened again",
        "its socket echo.socket is opened again",
    ]
    check_converged(host, wanted)


def test_changed_listener_of_an_eager_daemon_starts_the_service_again() -> None:
    host = deployed(daemons={"echo": daemon(socket={"ListenStream": 9000}, activation="eager")})
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9001}, activation="eager")})
    plan = host.run(wanted)
    assert unit_jobs(plan) == TOGETHER
    assert set(plan.watch) == {"echo.service", "echo.socket"}
    check_converged(host, wanted)


def pair(requires: bool = True, **options: Any) -> Desired:
    """A socket and its service, which may require it; in `socket` and `service` directives of theirs, and options."""
    service = {"Service": {"ExecStart": "/bin/echo", **options.pop("service", {})}, **options.pop("of_service", {})}
    if requires:
        service["Unit"] = {"Requires": "echo.socket", "After": "echo.socket"}
    socket = {"Socket": {"ListenStream": 9000, **options.pop("socket", {})}, "Install": {"WantedBy": "sockets.target"}}
    return desired(units={"echo.service": service, "echo.socket": {**socket, **options}})


@pytest.mark.parametrize(
    ("directive", "value"),
    [
        ("ListenStream", 9001),
        ("ListenStream", [9000, 9001]),
        ("ListenDatagram", 9000),
        ("SocketMode", "0600"),
        ("SocketUser", "echo"),
        ("Backlog", 5),
        ("FileDescriptorName", "echo"),
    ],
)
@pytest.mark.parametrize(
    ("requires", "is_running", "jobs"),
    [
        pytest.param(True, True, TOGETHER, id="required, running"),
        pytest.param(False, True, APART, id="not required, running"),
        pytest.param(True, False, ALONE, id="required, not running"),
        pytest.param(False, False, ALONE, id="not required, not running"),
    ],
)
def test_socket_is_opened_anew(directive: str, value: Any, requires: bool, is_running: bool, jobs: Short) -> None:
    host = Host()
    host.run(pair(requires))
    if is_running:
        host.start("echo.service")
    wanted = pair(requires, socket={directive: value})
    plan = host.run(wanted)
    assert unit_jobs(plan) == jobs
    assert "echo.socket" in plan.watch
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@pytest.mark.parametrize("requires", [True, False])
def test_service_that_is_declared_started_is_started_again(requires: bool) -> None:
    host = Host()
    host.run(pair(requires, of_service={"state": "started"}))
    wanted = pair(requires, of_service={"state": "started"}, socket={"Backlog": 5})
    host.run(wanted)
    assert host.is_up("echo.service")
    check_converged(host, wanted)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"Unit": {"Description": "New"}}, id="Description"),
        pytest.param({"Install": {"WantedBy": "multi-user.target"}}, id="Install"),
    ],
)
def test_socket_that_needs_not_be_opened_anew(change: dict[str, Any]) -> None:
    host = Host()
    host.run(pair())
    host.start("echo.service")
    assert unit_jobs(host.run(pair(**change))) == []


def test_socket_that_is_kept() -> None:
    host = Host()
    host.run(pair())
    host.start("echo.service")
    plan = host.run(pair(socket={"Backlog": 5}, on_change="keep"))
    assert unit_jobs(plan) == []
    assert plan.restart_pending == (("echo.socket", "Backlog= changed, but on_change is keep"),)


def test_service_changes_while_its_socket_stays_open() -> None:
    host = Host()
    host.run(pair())
    host.start("echo.service")
    opened = host.unit("echo.socket").invocation
    plan = host.run(pair(service={"Nice": 5}))
    assert unit_jobs(plan) == [("reset_failed", "echo.service"), ("restart", "echo.service")]
    assert host.unit("echo.socket").invocation == opened


def test_service_that_changes_with_its_socket_is_restarted_once() -> None:
    host = Host()
    host.run(pair())
    host.start("echo.service")
    wanted = pair(service={"Nice": 5}, socket={"Backlog": 5})
    assert unit_jobs(host.run(wanted)) == TOGETHER
    check_converged(host, wanted)


def test_socket_that_a_person_has_closed_is_opened_with_its_running_service() -> None:
    host = Host()
    host.run(pair())
    host.start("echo.service")
    host.change("echo.socket", active="inactive", sub="dead")
    plan = host.run(pair())
    assert unit_jobs(plan) == TOGETHER
    assert reasons(plan, "restart")[0].startswith("is not open while its service runs")
    check_converged(host, pair())


def test_listener_that_was_opened_by_an_interrupted_run() -> None:
    """A socket has no process: what it was opened with is told by the manifest of the run before."""
    host = deployed(**SOCKET)
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9001})})
    host.run(wanted, killed_after=1)
    plan = host.run(wanted)
    assert ("restart", "echo.socket") in unit_jobs(plan)
    check_converged(host, wanted)


@pytest.mark.parametrize("requires", [True, False])
def test_interrupted_anywhere_the_service_is_as_it_would_be(requires: bool) -> None:
    host, before, after = Host(), pair(requires), pair(requires, socket={"ListenStream": 9001}, of_service={"state": "started"})
    host.run(before)
    host.start("echo.service")
    for killed_after, again in killed_everywhere(host, after):
        again.run(after)
        check_converged(again, after)
        assert again.is_up("echo.service"), killed_after
        assert again.plan(after) == Plan(()), killed_after


@pytest.mark.parametrize("changed", ["a.socket", "b.socket"])
def test_service_with_two_sockets(changed: str) -> None:
    def declared(**addresses: int) -> Desired:
        sockets = {
            f"{name}.socket": {
                "Socket": {"ListenStream": port, "Service": "echo.service"},
                "Install": {"WantedBy": "sockets.target"},
            }
            for name, port in addresses.items()
        }
        return desired(units={"echo.service": {"Service": {"ExecStart": "/bin/echo"}}, **sockets})

    host = Host()
    host.run(declared(a=1, b=2))
    host.start("echo.service")
    wanted = declared(**{"a": 1, "b": 2, changed[0]: 3})
    plan = host.plan(wanted)
    assert ("stop", "echo.service") in unit_jobs(plan)
    assert ("stop", changed) in unit_jobs(plan)
    host.run(wanted)
    check_converged(host, wanted)


@pytest.mark.parametrize("activation", ["lazy", "eager"])
def test_running_daemon_gets_a_socket(activation: str) -> None:
    host = deployed(**ECHO)
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9000}, activation=activation)})
    host.run(wanted)
    check_converged(host, wanted)
    assert host.is_up("echo.socket")
    assert host.plan(wanted) == Plan(())


def test_running_daemon_that_is_unmanaged_gets_a_socket() -> None:
    host = deployed(**ECHO)
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9000}, state="unmanaged")})
    host.run(wanted)
    check_converged(host, wanted)
    assert host.is_up("echo.service")
    assert host.plan(wanted) == Plan(())


@pytest.mark.parametrize("activation", ["lazy", "eager"])
def test_running_daemon_loses_its_socket(activation: str) -> None:
    host = deployed(daemons={"echo": daemon(socket={"ListenStream": 9000}, activation=activation)})
    host.start("echo.service")
    wanted = desired(**ECHO)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


def test_daemon_becomes_inetd_style() -> None:
    host = deployed(**SOCKET)
    host.start("echo.service")
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9000}, accept=True)})
    plan = host.run(wanted)
    assert ("stop", "echo.service") in unit_jobs(plan)
    check_converged(host, wanted)


def test_connections_of_an_inetd_style_daemon_are_left_alone() -> None:
    """They end by themselves; the next one has the new script."""
    params = {"socket": {"ListenStream": 9000}, "accept": True}
    host = deployed(daemons={"echo": daemon(**params)})
    host.start("echo@1-127.0.0.1:9000-127.0.0.1:5.service")
    plan = host.run(desired(daemons={"echo": daemon(script=script("2\n"), **params)}))
    assert unit_jobs(plan) == []
    assert host.is_up("echo@1-127.0.0.1:9000-127.0.0.1:5.service")


def test_connections_end_with_an_inetd_style_daemon_that_goes() -> None:
    host = deployed(daemons={"echo": daemon(socket={"ListenStream": 9000}, accept=True)})
    host.start("echo@1.service")
    assert ("stop", "echo@1.service") in unit_jobs(host.remove())
    assert host.up() == set()
