# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""examples/files/heartbeat.py without systemd: real processes, a PID file in a temporary directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import pytest

SCRIPT = Path(__file__).parents[3] / "examples" / "files" / "heartbeat.py"


class Heartbeat:
    def __init__(self, pid_file: Path) -> None:
        self.file = pid_file

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PID_FILE": str(self.file), "INTERVAL": "60", **environment}
        return subprocess.run(
            [sys.executable, str(SCRIPT), *arguments], env=env, text=True, capture_output=True, timeout=20, check=False
        )

    @property
    def pid(self) -> int:
        return int(self.file.read_text())


@pytest.fixture
def heartbeat(tmp_path: Path) -> Iterator[Heartbeat]:
    daemon = Heartbeat(tmp_path / "heartbeat.pid")
    yield daemon
    daemon.run("-k")


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_it_forks_twice_and_is_ready_when_the_first_process_returns(heartbeat: Heartbeat) -> None:
    assert heartbeat.run("-d").returncode == 0
    pid = heartbeat.pid
    assert runs(pid)
    assert os.getsid(pid) not in (pid, os.getsid(0))
    assert {os.readlink(f"/proc/{pid}/fd/{number}") for number in range(3)} == {"/dev/null"}
    assert os.readlink(f"/proc/{pid}/cwd") == "/"


def test_a_second_one_is_refused(heartbeat: Heartbeat) -> None:
    heartbeat.run("-d")
    pid = heartbeat.pid
    second = heartbeat.run("-d")
    assert (second.returncode, second.stderr) == (1, f"heartbeat: runs already, with PID {pid}\n")
    assert runs(pid)


def test_it_is_ended_and_waited_for(heartbeat: Heartbeat) -> None:
    heartbeat.run("-d")
    pid = heartbeat.pid
    assert heartbeat.run("-k").returncode == 0
    assert not runs(pid)
    assert heartbeat.run("-k").returncode == 0


@pytest.mark.parametrize("left", ["", "999999999\n", "own"])
def test_a_file_that_a_crash_has_left_means_nothing(heartbeat: Heartbeat, left: str) -> None:
    """own: the number belongs to a process of somebody else by now, this one."""
    heartbeat.file.write_text(f"{os.getpid()}\n" if left == "own" else left)
    assert heartbeat.run("-k").returncode == 0
    assert heartbeat.run("-d").returncode == 0
    assert heartbeat.pid != os.getpid()
    assert runs(heartbeat.pid)


def test_it_starts_again_after_a_crash(heartbeat: Heartbeat) -> None:
    heartbeat.run("-d")
    first = heartbeat.pid
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while runs(first) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert heartbeat.run("-d").returncode == 0
    assert heartbeat.pid != first


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (
            ["-d"],
            {"PID_FILE": "/nosuch/heartbeat.pid"},
            "heartbeat: cannot open /nosuch/heartbeat.pid: No such file or directory\n",
        ),
        (["-d"], {"INTERVAL": "soon"}, "heartbeat: INTERVAL='soon': expected seconds, more than 0 and at most 86400\n"),
        (["-x"], {}, "heartbeat: expected -d, -k, or nothing\n"),
    ],
)
def test_it_tells_why_it_cannot(heartbeat: Heartbeat, arguments: list[str], environment: dict[str, str], said: str) -> None:
    result = heartbeat.run(*arguments, **environment)
    assert (result.returncode, result.stderr) == (1, said)
