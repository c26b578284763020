# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes against real listeners of this process. Who they belong to is seen on real hosts, in molecule/health."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from pathlib import Path
from typing import Any, Iterator, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.probe import Probe
from ansible_collections.daemonic.systemd.plugins.module_utils._health.watch import Answer
from ansible_collections.daemonic.systemd.plugins.module_utils._health.watched import Subject
from ansible_collections.daemonic.systemd.plugins.module_utils._host.health import probe as probing
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands


class Programs:
    """Instead of programs: what each ends with. It notes what was run."""

    def __init__(self, *results: tuple[int, str, str]) -> None:
        self._results = list(results)
        self.ran: list[list[str]] = []

    def __call__(self, argv: Sequence[str], stdin: Any, environment: Any) -> tuple[int, str, str]:
        self.ran.append(list(argv))
        return self._results.pop(0)


def asked(probe: Probe, programs: Programs | None = None, apart: bool = True) -> Answer:
    """The last answer, when the probe is at its end."""
    commands = Commands(programs or Programs())
    probes = probing.Probes([Subject(probe, "echo.service", is_apart=apart)], commands)
    probes.news.wait(10)
    probes.end()
    return probes.answers()[0]


def tcp(port: int, **more: Any) -> Probe:
    return Probe(**{"kind": "tcp", "host": "localhost", "port": port, "timeout": 0.3, "interval": 0.05, **more})


@contextlib.contextmanager
def listening(family: int = socket.AF_INET, address: Any = ("127.0.0.1", 0)) -> Iterator[socket.socket]:
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen()
        yield listener


@pytest.fixture
def free_port() -> int:
    with listening() as listener:
        return int(listener.getsockname()[1])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = int(self.path.strip("/").partition("?")[0] or 200)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"pong")

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield found.server_address[1]
        found.shutdown()


def test_a_port_that_is_open() -> None:
    with listening() as listener:
        assert asked(tcp(listener.getsockname()[1])) == Answer(is_well=True)


def test_a_port_that_is_closed(free_port: int) -> None:
    assert asked(tcp(free_port)) == Answer(met="connection refused", is_last=True)


def test_a_port_that_is_opened_later(free_port: int) -> None:
    probes = probing.Probes([Subject(tcp(free_port, timeout=9), "a.service", is_apart=True)], Commands(Programs()))
    time.sleep(0.1)
    assert probes.answers() == [Answer(met="connection refused")]
    with listening(address=("127.0.0.1", free_port)):
        assert probes.news.wait(9)
    assert probes.answers() == [Answer(is_well=True)]


def test_unix(tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    probe = Probe("unix", path=path, timeout=0.3, interval=0.05)
    assert asked(probe) == Answer(met="no such file or directory", is_last=True)
    with listening(socket.AF_UNIX, path):
        assert asked(probe) == Answer(is_well=True)
    assert asked(probe) == Answer(met="connection refused", is_last=True)


@pytest.mark.parametrize(
    ("more", "met"),
    [
        ({}, ""),
        ({"request": "/204"}, ""),
        ({"request": "/500"}, "status 500 Internal Server Error"),
        ({"request": "/302"}, "status 302 Found"),
        ({"request": "/404", "status": (200, 404)}, ""),
        ({"status": (204,)}, "status 200 OK"),
        ({"body": "pong"}, ""),
        ({"body": "pang"}, "status 200, but 'pang' does not occur in the body"),
    ],
)
def test_http(server: int, more: dict[str, Any], met: str) -> None:
    assert asked(tcp(server, kind="http", **more)) == Answer(is_well=not met, met=met, is_last=bool(met))


def test_who_does_not_speak_http() -> None:
    with listening() as listener:

        def reply() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _peer = listener.accept()
                    connection.sendall(b"220 mail\r\n")
                    connection.close()

        threading.Thread(target=reply, daemon=True).start()
        met = asked(tcp(listener.getsockname()[1], kind="http")).met
    assert met.startswith(("it did not speak HTTP", "connection reset"))


def test_who_accepts_and_is_silent() -> None:
    with listening() as listener:
        begun = time.monotonic()
        assert asked(tcp(listener.getsockname()[1], kind="http")) == Answer(met="no answer in time", is_last=True)
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ((0, "all is well\n", ""), Answer(is_well=True)),
        ((3, "first\nlast\n", ""), Answer(met="exit status 3: last", is_last=True)),
        ((3, "out\n", "err\n"), Answer(met="exit status 3: err", is_last=True)),
        ((1, "", ""), Answer(met="exit status 1", is_last=True)),
    ],
)
def test_a_command(result: tuple[int, str, str], answer: Answer) -> None:
    programs = Programs(result)
    assert asked(Probe("command", command=("check", "--fast"), timeout=0.2, interval=1), programs) == answer
    (command,) = programs.ran
    assert command[:3] == ["timeout", "-k", "1"]
    assert command[4:] == ["check", "--fast"]
    assert 0 < float(command[3]) <= 0.2


def test_a_command_that_is_cut_off() -> None:
    class Slow(Programs):
        def __call__(self, argv: Sequence[str], stdin: Any, environment: Any) -> tuple[int, str, str]:
            time.sleep(0.2)
            return 124, "half\n", ""

    assert asked(Probe("command", command=("check",), timeout=0.1), Slow()) == Answer(met="it had not ended; half", is_last=True)


def test_whatever_goes_wrong_is_told() -> None:
    class Broken(Programs):
        def __call__(self, argv: Sequence[str], stdin: Any, environment: Any) -> tuple[int, str, str]:
            raise KeyError("nobody")

    answer = asked(Probe("command", command=("check",), timeout=0.2, interval=1), Broken())
    assert answer == Answer(met="it could not be asked: KeyError: 'nobody'", is_last=True)


def test_a_last_attempt_without_time_tells_nothing() -> None:
    class Slower(Programs):
        def __call__(self, argv: Sequence[str], stdin: Any, environment: Any) -> tuple[int, str, str]:
            self.ran.append(list(argv))
            time.sleep(0.05 if len(self.ran) == 1 else 0.2)
            return (3, "no table\n", "") if len(self.ran) == 1 else (124, "", "")

    probe = Probe("command", command=("check",), timeout=0.2, interval=0.05)
    assert asked(probe, Slower()) == Answer(met="exit status 3: no table", is_last=True)


def test_nobody_is_asked_after_the_end(free_port: int) -> None:
    probes = probing.Probes([Subject(tcp(free_port, timeout=9), "a.service", is_apart=True)], Commands(Programs()))
    probes.end()
    time.sleep(0.2)
    with listening(address=("127.0.0.1", free_port)) as listener:
        listener.settimeout(0.3)
        with pytest.raises(socket.timeout):
            listener.accept()


def test_all_are_asked_at_once() -> None:
    with listening() as listener:
        port = listener.getsockname()[1]
        subjects = [Subject(tcp(port, kind="http", timeout=0.5), f"{n}.service", is_apart=True) for n in range(5)]
        begun = time.monotonic()
        probes = probing.Probes(subjects, Commands(Programs()))
        while not all(answer.met for answer in probes.answers()):
            time.sleep(0.02)
        assert time.monotonic() - begun < 1.5


def test_somebody_else_who_answers(server: int) -> None:
    """This very process is of no unit called echo.service."""
    if not Path("/proc/self/cgroup").exists():
        pytest.skip("no control groups")
    met = asked(tcp(server), apart=False).met
    assert met.startswith(f"port {server} is answered by process ")
    assert met.endswith("which is not of echo.service")
