# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`health` as a person writes it, typed; and each mistake with its place and its remedy."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.probe import Probe, listen_address, probe
from hypothesis import given
from hypothesis import strategies as st

from ..builders import SLEEPER, TARGET, daemon, desired, problem_of, refusal, unit, units_of


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tcp": 9000}, Probe("tcp", "localhost", 9000)),
        ({"tcp": "9000"}, Probe("tcp", "localhost", 9000)),
        ({"tcp": ":9000"}, Probe("tcp", "localhost", 9000)),
        ({"tcp": "192.0.2.1:9000"}, Probe("tcp", "192.0.2.1", 9000)),
        ({"tcp": "[::1]:9000"}, Probe("tcp", "::1", 9000)),
        ({"unix": "/run/a.sock"}, Probe("unix", path="/run/a.sock")),
        ({"http": ":8000"}, Probe("http", "localhost", 8000)),
        ({"http": ":8000/ping?deep=1"}, Probe("http", "localhost", 8000, request="/ping?deep=1")),
        ({"http": "http://example.org/ping"}, Probe("http", "example.org", 80, request="/ping")),
        ({"http": "HTTP://[::1]:8000/"}, Probe("http", "::1", 8000)),
        ({"http": "/ping"}, Probe("http", request="/ping")),
        ({"http": {"unix": "/run/a.sock"}}, Probe("http", path="/run/a.sock")),
        ({"http": {"unix": "/run/a.sock", "path": "/ping"}}, Probe("http", path="/run/a.sock", request="/ping")),
        ({"http": ":80/", "status": 204}, Probe("http", "localhost", 80, status=(204,))),
        (
            {"http": ":80/", "status": [200, "204"], "body": "pong"},
            Probe("http", "localhost", 80, status=(200, 204), body="pong"),
        ),
        ({"command": ["check", "--fast"]}, Probe("command", command=("check", "--fast"))),
        ({"command": "check 'a b'"}, Probe("command", command=("check", "a b"))),
        ({"tcp": 1, "timeout": "2min", "interval": "50ms"}, Probe("tcp", "localhost", 1, timeout=120, interval=0.05)),
        ({"tcp": 1, "http": None, "timeout": None}, Probe("tcp", "localhost", 1)),
    ],
    ids=str,
)
def test_what_is_meant(given: dict[str, Any], expected: Probe) -> None:
    assert probe(given) == expected


@pytest.mark.parametrize(
    ("given", "place", "problem", "remedy"),
    [
        (9000, "", "must be a mapping", "key: value"),
        ({}, "", "does not say what is asked", "{tcp: 9000}"),
        ({"timeout": 3}, "", "does not say what is asked", "{tcp: 9000}"),
        ({"tcp": 1, "unix": "/run/a"}, "", "names tcp, unix are mutually exclusive", "Give one of tcp, unix, http"),
        ({"tpc": 9000}, ".tpc", "unknown option", "'tcp'"),
        ({"tcp": 0}, ".tcp", "port 0 is out of range", "1 to 65535"),
        ({"tcp": 65536}, ".tcp", "port 65536 is out of range", "1 to 65535"),
        ({"tcp": -1}, ".tcp", "port -1 is out of range", "1 to 65535"),
        ({"tcp": "echo"}, ".tcp", "neither a port nor host:port", "192.0.2.1:9000"),
        ({"tcp": True}, ".tcp", "must be a string", "quotes"),
        ({"unix": "run/a"}, ".unix", "is not an absolute path", "/etc/run/a"),
        ({"http": "https://localhost/"}, ".http", "cannot be asked by https", "[curl, --fail, URL]"),
        ({"http": "ftp://localhost/"}, ".http", "cannot be asked by ftp", "http://"),
        ({"http": "localhost/ping"}, ".http", "is no address of http", ":8000/path"),
        ({"http": "/pi ng"}, ".http", "is no path of a URL", "%20"),
        ({"http": ":99999/ping"}, ".http", "port 99999 is out of range", "1 to 65535"),
        ({"http": ":80/a b"}, ".http", "is no path of a URL", "%20"),
        ({"http": ":80/ü"}, ".http", "is no path of a URL", "%20"),
        ({"http": {"path": "/"}}, ".http", "has no unix", "{unix: /run/a.sock"),
        ({"http": {"unix": "/run/a", "port": 1}}, ".http", "has port", "{unix: /run/a.sock"),
        ({"http": {"unix": "a"}}, ".http.unix", "is not an absolute path", "/etc/a"),
        ({"http": {"unix": "/run/a", "path": "ping"}}, ".http.path", "is no path of a URL", "Begin it with /"),
        ({"http": ":80", "status": 99}, ".status", "is no status of http", "200"),
        ({"http": ":80", "status": []}, ".status", "is no status of http", "200"),
        ({"http": ":80", "status": "ok"}, ".status", "whole number", "digits"),
        ({"http": ":80", "body": ""}, ".body", "is empty", "must occur"),
        ({"tcp": 1, "body": "a"}, ".body", "has no meaning with tcp", "ask by http"),
        ({"command": []}, ".command", "names no program", "the program first"),
        ({"command": "a 'b"}, ".command", "cannot be split", "quotes"),
        ({"tcp": 1, "timeout": 0}, ".timeout", "longer than 0", "10s"),
        ({"tcp": 1, "timeout": "2h"}, ".timeout", "is no span of time", "3s"),
        ({"tcp": 1, "interval": "61min"}, ".interval", "at most an hour", "10s"),
    ],
    ids=str,
)
def test_mistakes(given: Any, place: str, problem: str, remedy: str) -> None:
    found = problem_of(daemons={"echo": daemon(health=given)})
    assert found.place == f"daemons.echo.health{place}"
    assert problem in found.problem
    assert remedy in found.remedy


@given(
    st.dictionaries(
        st.sampled_from(["tcp", "unix", "http", "command", "status", "timeout"]), st.none() | st.integers() | st.text()
    )
)
def test_whatever_is_written_is_a_probe_or_a_problem(given: dict[str, Any]) -> None:
    for found in refusal(daemons={"echo": daemon(health=given)}):
        assert found.place.startswith("daemons.echo.health")
        assert found.remedy


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.timer", "a .timer unit cannot have health checks; services and sockets can"),
        ("a.target", "a .target unit cannot have health checks; services and sockets can"),
        ("a@.service", "a template does not run itself"),
    ],
)
def test_who_cannot_be_asked(name: str, problem: str) -> None:
    entry = {**({"Unit": {}} if name == "a.timer" else TARGET if name == "a.target" else SLEEPER), "health": {"tcp": 1}}
    found = problem_of(units={name: entry})
    assert (found.place, found.problem) == (f"units.{name}.health", problem)


def test_the_service_of_a_daemon_is_asked_not_its_socket() -> None:
    units = units_of(desired(daemons={"echo": daemon(socket={"ListenStream": 9000}, health={"tcp": 9000})}))
    assert units["echo.service"].health == Probe("tcp", "localhost", 9000)
    assert units["echo.socket"].health is None


def test_a_probe_is_no_part_of_what_a_restart_applies() -> None:
    plain, asked = (units_of(desired(daemons={"echo": daemon(**more)})) for more in ({}, {"health": {"tcp": 9000}}))
    assert plain["echo.service"].stamps == asked["echo.service"].stamps


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9000", ("", 9000)),
        ("192.0.2.1:9000", ("", 9000)),
        ("[::]:9000", ("", 9000)),
        ("/run/a", ("/run/a", 0)),
        ("@a", ("@a", 0)),
        ("vsock::1", ("", 0)),
    ],
)
def test_where_a_socket_listens(value: str, expected: tuple[str, int]) -> None:
    assert listen_address(value) == expected


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("8000", {"host": "localhost", "port": 8000}),
        (8000, {"host": "localhost", "port": 8000}),
        ("127.0.0.1:8000", {"host": "127.0.0.1", "port": 8000}),
        ("0.0.0.0:8000", {"host": "localhost", "port": 8000}),
        ("[::]:8000", {"host": "localhost", "port": 8000}),
        ("[::1]:8000", {"host": "::1", "port": 8000}),
        ("/run/a.sock", {"path": "/run/a.sock"}),
        (["@abstract", "", 8000, 8001], {"host": "localhost", "port": 8000}),
        (["@abstract", "%t/a", 8000], {"path": "/run/a"}),
    ],
)
def test_through_the_socket_of_the_daemon(listen: Any, expected: dict[str, Any]) -> None:
    daemons = {"a": daemon(socket={"ListenStream": listen}, health={"http": "/ping"})}
    assert units_of(desired(daemons=daemons))["a.service"].health == Probe("http", request="/ping", **expected)


@pytest.mark.parametrize("listen", [None, "@abstract", ""])
def test_without_such_a_socket_it_must_be_told(listen: Any) -> None:
    socket = {"socket": {"ListenDatagram": 1, "ListenStream": listen}} if listen is not None else {}
    assert problem_of(daemons={"a": daemon(health={"http": "/"}, **socket)}).place == "daemons.a.health.http"
    assert problem_of(units={"a.service": unit(health={"http": "/"})}).place == "units.a.service.health.http"
