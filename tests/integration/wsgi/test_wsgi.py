# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web application behind gunicorn and its socket: what clients had of each change of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

SERVICE, SOCKET = "wsgi_hello.service", "wsgi_hello.socket"
STEPS = ["redeploy", "same", "reload", "unimportable", "failing"]
ASK = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9770', timeout=60).read().decode(), end='')"


@dataclass(frozen=True)
class Step:
    """counts: what clients got, main: the process of gunicorn after it, workers: its children."""

    counts: dict[str, int]
    main: str
    workers: str


@pytest.fixture
def steps(host) -> dict[str, Step]:
    found = {}
    for name in STEPS:
        counts, main, workers = host.check_output("cat /run/wsgi.%s", name).splitlines()
        found[name] = Step(json.loads(counts), main, workers)
    return found


@pytest.mark.parametrize("name", STEPS)
def test_no_request_is_lost(steps, name: str) -> None:
    assert steps[name].counts["lost"] == 0, steps[name].counts
    assert steps[name].counts["200"] > 50


def test_the_new_version_takes_over(steps) -> None:
    assert steps["redeploy"].counts["version 1"] > 0
    assert steps["redeploy"].counts["version 2"] > 0
    assert set(steps["same"].counts) == {"lost", "200", "version 2"}


def test_the_same_restarts_nothing(steps) -> None:
    assert steps["same"].main == steps["redeploy"].main
    assert steps["same"].workers == steps["redeploy"].workers


def test_reload_starts_workers_anew_and_keeps_the_main_process(steps) -> None:
    assert steps["reload"].main == steps["same"].main
    assert not set(steps["reload"].workers.split()) & set(steps["same"].workers.split())


def test_what_cannot_be_imported_never_runs(steps) -> None:
    assert steps["unimportable"].main == steps["reload"].main
    assert set(steps["unimportable"].counts) == {"lost", "200", "version 2"}


def test_what_answers_with_an_error_is_put_back(steps, systemd) -> None:
    assert steps["failing"].counts["500"] > 0
    assert set(steps["failing"].counts) <= {"lost", "200", "500", "version 2", "version "}
    assert "/releases/" in systemd.command_line(SERVICE)
    assert systemd.show(SERVICE, "ActiveState") == "active"


def test_socket_belongs_to_the_proxy(host, systemd) -> None:
    socket = host.file("/run/wsgi_hello.sock")
    assert (socket.user, socket.group, socket.mode) == ("www-data", "www-data", 0o660)
    assert systemd.show(SOCKET, "UnitFileState") == "enabled"


def test_service_is_as_gunicorn_wants_it(systemd) -> None:
    expected = {
        "Type": "notify",
        "KillMode": "mixed",
        "PrivateTmp": "yes",
        "RuntimeDirectory": "wsgi_hello-workers",
        "DynamicUser": "yes",
        "EnvironmentFiles": "/etc/default/wsgi_hello (ignore_errors=yes)",
    }
    assert {name: systemd.show(SERVICE, name) for name in expected} == expected


def test_the_one_behind_a_port_answers_and_runs_as_its_user(host, systemd) -> None:
    assert host.check_output("python3 -c %s", ASK).startswith("Hello from version 1")
    assert host.check_output("ps -o user= -p %s", systemd.show("wsgi_slow.service", "MainPID")) == "www-data"
    assert "GET / HTTP/1.1" in host.check_output("journalctl --quiet --unit=wsgi_slow.service")


def test_what_fails_leaves_the_release_and_the_socket_of_before(host) -> None:
    assert host.check_output("ls /opt/wsgi_hello/releases | wc -l") == "2"
    answer = host.check_output("python3 /usr/local/lib/wsgi_client.py /run/wsgi_hello.sock once")
    assert json.loads(answer)["version 2"] > 0
