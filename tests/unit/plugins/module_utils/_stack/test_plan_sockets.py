# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets and the services that they start: a socket can be neither started nor restarted while its service runs."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.desired import Desired

from .builders import daemon, desired
from .simulated_host import ECHO, SOCKET, Host, check_converged, deployed, reasons, unit_jobs


def test_changed_listener_closes_and_opens_the_socket_with_its_running_service() -> None:
    host = deployed(**SOCKET)
    host.start("echo.service")
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9001})})
    plan = host.run(wanted)
    assert unit_jobs(plan) == [("stop", "echo.service"), ("stop", "echo.socket"), ("start", "echo.socket")]
    assert "ListenStream=" in reasons(plan, "stop")[1]
    check_converged(host, wanted)


def test_changed_listener_of_an_eager_daemon_starts_the_service_again() -> None:
    host = deployed(daemons={"echo": daemon(socket={"ListenStream": 9000}, activation="eager")})
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9001}, activation="eager")})
    plan = host.run(wanted)
    assert sorted(unit_jobs(plan)) == [(verb, f"echo.{kind}") for verb in ("start", "stop") for kind in ("service", "socket")]
    assert set(plan.watch) == {"echo.service", "echo.socket"}
    check_converged(host, wanted)


def test_listener_that_was_opened_by_an_interrupted_run() -> None:
    """A socket has no process: what it was opened with is told by the manifest of the run before."""
    host = deployed(**SOCKET)
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9001})})
    host.run(wanted, killed_after=1)
    plan = host.run(wanted)
    assert ("stop", "echo.socket") in unit_jobs(plan)
    check_converged(host, wanted)


# FAILS UNTIL MENDED: expand._sockets_by_service keeps one socket a service, so the service is not stopped when another
# of its sockets is opened anew, and systemd refuses to start that one.
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


# FAILS UNTIL MENDED: [Unit] is not part of the stamp, so the running service is left as it is, and systemd refuses to
# start the new socket: "Socket service echo.service already active, refusing."
def test_running_daemon_gets_a_socket() -> None:
    host = deployed(**ECHO)
    wanted = desired(**SOCKET)
    host.run(wanted)
    check_converged(host, wanted)


# FAILS UNTIL MENDED: stopping the old socket stops the service that requires it, and nothing starts it again.
def test_running_daemon_loses_its_socket() -> None:
    host = deployed(**SOCKET)
    host.start("echo.service")
    wanted = desired(**ECHO)
    host.run(wanted)
    check_converged(host, wanted)


def test_daemon_becomes_inetd_style() -> None:
    host = deployed(**SOCKET)
    host.start("echo.service")
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": 9000}, accept=True)})
    plan = host.run(wanted)
    assert ("stop", "echo.service") in unit_jobs(plan)
    check_converged(host, wanted)
