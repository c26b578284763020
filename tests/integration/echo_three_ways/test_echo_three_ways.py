# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One script, three ways to its socket: who listens, who runs at rest, who serves, and what a change does to clients."""

from __future__ import annotations

import json
import time

import pytest

STANDALONE, ACTIVATED, INETD = 9001, 9002, 9003
TWO_AT_ONCE = """
import socket, subprocess, sys
port, units = int(sys.argv[1]), sys.argv[2]
clients = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(2)]
for number, client in enumerate(clients):
    client.sendall(b"%d" % number)
assert [client.recv(1) for client in clients] == [b"0", b"1"]
listed = subprocess.check_output(["systemctl", "list-units", "--plain", "--no-legend", "--state=active", units])
print(len(listed.splitlines()))
"""


def wait_for(what, why: str) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, why
        time.sleep(0.2)


@pytest.fixture
def at_rest(host):
    """Nobody has asked yet: what a socket starts does not run."""
    host.check_output("systemctl stop echo_activated.service")
    wait_for(lambda: instances(host) == [], "instances are left")


def instances(host) -> list[str]:
    return host.check_output("systemctl list-units --all --plain --no-legend 'echo_inetd@*.service'").splitlines()


@pytest.mark.parametrize(("port", "holder"), [(STANDALONE, "python3"), (ACTIVATED, "systemd"), (INETD, "systemd")])
@pytest.mark.usefixtures("at_rest")
def test_who_listens(host, port: int, holder: str) -> None:
    assert f'(("{holder}",' in host.check_output("ss -Hltnp sport = :%s", str(port))


@pytest.mark.usefixtures("at_rest")
def test_who_runs_at_rest(systemd) -> None:
    assert systemd.show("echo_standalone.service", "ActiveState") == "active"
    assert systemd.show("echo_activated.service", "ActiveState") == "inactive"


@pytest.mark.usefixtures("at_rest")
def test_the_first_client_starts_the_activated_one_which_stays(systemd) -> None:
    assert systemd.talk(ACTIVATED, "first") == "first"
    main = systemd.show("echo_activated.service", "MainPID")
    assert systemd.talk(ACTIVATED, "second") == "second"
    assert systemd.show("echo_activated.service", "MainPID") == main != "0"


@pytest.mark.parametrize(
    ("port", "units", "expected"),
    [
        pytest.param(STANDALONE, "echo_standalone.service", 1, id="standalone"),
        pytest.param(ACTIVATED, "echo_activated.service", 1, id="activated"),
        pytest.param(INETD, "echo_inetd@*.service", 2, id="one process a connection"),
    ],
)
@pytest.mark.usefixtures("at_rest")
def test_who_serves_two_at_once(host, port: int, units: str, expected: int) -> None:
    assert host.check_output("python3 -c %s %s %s", TWO_AT_ONCE, str(port), units) == str(expected)


def test_a_process_of_a_connection_ends_with_it_and_leaves_nothing(host, systemd) -> None:
    assert systemd.talk(INETD, "hello") == "hello"
    wait_for(lambda: instances(host) == [], "instances are left")


def test_a_change_loses_nobody_behind_a_socket(host) -> None:
    load = json.loads(host.check_output("cat /run/echo_three_ways.load"))
    assert all(load[str(port)]["answered"] for port in (STANDALONE, ACTIVATED, INETD)), load
    assert (load[str(ACTIVATED)]["lost"], load[str(INETD)]["lost"]) == (0, 0), load
    assert load["held"], "the conversation with a process of its own was cut off"


@pytest.mark.usefixtures("at_rest")
def test_all_three_have_the_change(host, systemd) -> None:
    systemd.talk(ACTIVATED, "hello")
    for name in ("echo_standalone", "echo_activated"):
        assert systemd.environment(f"{name}.service")["GRACE"] == "4"
    assert "GRACE=4" in host.check_output("systemctl cat echo_inetd@.service")


def test_who_refuses_when_its_service_is_stopped(host, systemd) -> None:
    host.check_output("systemctl stop echo_standalone.service echo_activated.service")
    try:
        assert systemd.talk(ACTIVATED, "hello") == "hello"
        refused = host.run("python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 9001))'")
        assert "ConnectionRefusedError" in refused.stderr
    finally:
        host.check_output("systemctl start echo_standalone.service")
