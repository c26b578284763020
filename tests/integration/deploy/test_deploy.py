# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples on a host, after the first and a second run of their playbooks."""

from __future__ import annotations

import time

import pytest

STARTED = ["date_logger.service", "echo.socket", "echo_standalone.service", "echo_activated.socket", "echo_inetd.socket"]
FRAGMENTS = [*STARTED, "echo.service", "echo_activated.service", "echo_inetd@.service"]
LINKS = {
    "multi-user.target.wants/date_logger.service": "date_logger.service",
    "multi-user.target.wants/echo_standalone.service": "echo_standalone.service",
    "sockets.target.wants/echo.socket": "echo.socket",
    "sockets.target.wants/echo_activated.socket": "echo_activated.socket",
    "sockets.target.wants/echo_inetd.socket": "echo_inetd.socket",
}
UNITS = "/etc/systemd/system"


def test_the_second_run_restarted_nothing(host):
    command = "systemctl show --property=Id,InvocationID,ActiveEnterTimestampMonotonic"
    now = host.check_output(f"{command} {' '.join(STARTED)}")
    assert now.strip() == host.file("/run/deploy.first").content_string.strip()


@pytest.mark.parametrize("unit", STARTED)
def test_unit_is_started_and_enabled(systemd, unit):
    assert systemd.show(unit, "ActiveState") == "active"
    assert systemd.show(unit, "UnitFileState") == "enabled"
    assert systemd.show(unit, "NeedDaemonReload") == "no"


@pytest.mark.parametrize("unit", FRAGMENTS)
def test_unit_file_is_roots(host, unit):
    file = host.file(f"{UNITS}/{unit}")
    assert (file.is_file, file.user, file.group, file.mode) == (True, "root", "root", 0o644)


def test_only_what_is_declared_is_enabled(host):
    found = host.check_output(f"cd {UNITS} && find . -type l -path './*.wants/*' '(' -name 'echo*' -o -name 'date_logger*' ')'")
    assert sorted(found.split()) == sorted(f"./{link}" for link in LINKS)
    for link, unit in LINKS.items():
        assert host.file(f"{UNITS}/{link}").linked_to == f"{UNITS}/{unit}"


@pytest.mark.parametrize("daemon", ["date_logger", "echo", "echo_standalone", "echo_activated", "echo_inetd"])
def test_release(host, daemon):
    script = "date_logger.py" if daemon == "date_logger" else "echo.py"
    home = f"/opt/{daemon}"
    assert len(host.file(f"{home}/releases").listdir()) == 1
    file = host.file(host.check_output("readlink -f %s/current/%s", home, script))
    assert file.path.startswith(f"{home}/releases/")
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)


def test_the_same_script_is_the_same_release_everywhere(host):
    assert len({host.file(f"/opt/{name}/current").linked_to.split("/")[-1] for name in ("echo", "echo_activated")}) == 1


def test_the_process_is_the_release(host, systemd):
    script = host.check_output("readlink -f /opt/date_logger/current/date_logger.py")
    assert systemd.command_line("date_logger.service") == f"/usr/bin/python3 {script}"


def test_the_process_carries_its_environment_and_stamp(host, systemd):
    carried = systemd.environment("date_logger.service")
    assert carried["PYTHONUNBUFFERED"] == "1"
    assert carried["INTERVAL"]
    assert f"DAEMONIC_STAMP={carried['DAEMONIC_STAMP']}\n" in host.file(f"{UNITS}/date_logger.service").content_string


def test_the_journal_knows_the_daemon_by_name_and_stamp(host, systemd):
    stamp = systemd.environment("date_logger.service")["DAEMONIC_STAMP"]
    lines = host.check_output(
        "journalctl --quiet --output=cat SYSLOG_IDENTIFIER=date_logger DAEMONIC_STAMP=%s _SYSTEMD_INVOCATION_ID=%s",
        stamp,
        systemd.show("date_logger.service", "InvocationID"),
    )
    assert lines.startswith("date_logger: appending to /var/log/timekeeping/")


def test_the_log_grows(host):
    log = "/var/log/timekeeping/date_logger.log"
    assert host.file(log).content_string.startswith("Timestamp: ")
    size = host.file(log).size
    deadline = time.monotonic() + 60
    while host.file(log).size == size:
        assert time.monotonic() < deadline, "the log file has not grown for 60 s"
        time.sleep(0.2)


@pytest.mark.parametrize(
    "port",
    [
        pytest.param(9000, id="README"),
        pytest.param(9001, id="standalone"),
        pytest.param(9002, id="activated"),
        pytest.param(9003, id="one process a connection"),
    ],
)
def test_echo_answers(systemd, port):
    assert systemd.talk(port, "hello\nworld") == "hello\nworld"


def test_the_socket_has_started_its_service(host, systemd):
    systemd.talk(9000, "hello")
    assert systemd.show("echo.service", "ActiveState") == "active"
    assert systemd.environment("echo.service")["LISTEN_FDS"] == "1"
    uid = int(host.check_output("stat --format=%%u /proc/%s", systemd.show("echo.service", "MainPID")))
    assert 61184 <= uid <= 65519, "no user of DynamicUser="


def test_connections_leave_no_unit_behind(host, systemd):
    for _round in range(3):
        systemd.talk(9003, "hello")
    deadline = time.monotonic() + 60
    while host.check_output("systemctl list-units --all --plain --no-legend 'echo_inetd@*.service'"):
        assert time.monotonic() < deadline, "instances are left"
        time.sleep(0.2)


def test_the_host_is_well(host):
    assert host.check_output("systemctl is-system-running") == "running"
