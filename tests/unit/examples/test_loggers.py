# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formatter of the examples, and the daemons that use it, as processes."""

from __future__ import annotations

import importlib.util
import io
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "examples" / "files" / "loggers"
PATIENCE = 10.0  # seconds, for anything that takes a moment


@pytest.fixture(scope="module")
def formatter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("journal_formatter", FOLDER / "journal_formatter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("level", "priority"),
    [
        (logging.DEBUG, 7),
        (logging.INFO, 6),
        (25, 5),
        (logging.WARNING, 4),
        (logging.ERROR, 3),
        (logging.CRITICAL, 2),
        (1, 7),
        (35, 4),
        (99, 2),
    ],
)
def test_priorities(formatter: ModuleType, level: int, priority: int) -> None:
    assert formatter.priority_of(level) == priority


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        ("plain", ["<4>plain"]),
        ("two\nlines", ["<4>two", "<4>lines"]),
        ("<7>disguised\n<0>twice", ["<4><7>disguised", "<4><0>twice"]),
        ("nul\0end", ["<4>nul\\0end"]),
        ("", ["<4>"]),
    ],
)
def test_each_line_has_its_priority(formatter: ModuleType, message: str, lines: list[str]) -> None:
    record = logging.LogRecord("a", logging.WARNING, "a.py", 1, message, None, None)
    assert formatter.JournalFormatter("%(message)s").format(record).split("\n") == lines


def test_a_stream_without_a_file_is_no_journal(formatter: ModuleType) -> None:
    assert not formatter.is_journal(io.StringIO())


def start(script: str, stderr: int, **environment: str) -> subprocess.Popen[str]:
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.Popen([sys.executable, str(FOLDER / script)], env=env, stderr=stderr, universal_newlines=True)


def test_levels_for_the_journal(tmp_path: Path) -> None:
    """Standard error is a file here, and the variable says that this file is the journal."""
    path = tmp_path / "journal"
    with path.open("w") as stream:
        status = os.fstat(stream.fileno())
        process = start("levels.py", stream.fileno(), INTERVAL="60", JOURNAL_STREAM=f"{status.st_dev}:{status.st_ino}")
    wait_for(lambda: "KeyError" in path.read_text())
    process.terminate()
    assert process.wait(PATIENCE) == 0
    lines = path.read_text().splitlines()
    assert lines[:6] == [
        "<7>a debug message",
        "<6>an info message",
        "<4>a warning",
        "<3>an error",
        "<2>a critical message",
        "<3>an exception",
    ]
    assert {line[:3] for line in lines[6:]} == {"<3>"}


def test_levels_for_a_person(tmp_path: Path) -> None:
    path = tmp_path / "terminal"
    with path.open("w") as stream:
        process = start("levels.py", stream.fileno(), INTERVAL="60", JOURNAL_STREAM="1:1")
    wait_for(lambda: "KeyError" in path.read_text())
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert "DEBUG a debug message\n" in path.read_text()
    assert "<" not in path.read_text().split("Traceback")[0]


def test_rotating(tmp_path: Path) -> None:
    process = start("rotating.py", subprocess.DEVNULL, LOGS_DIRECTORY=f"{tmp_path}:/nowhere", INTERVAL="0.001", MAX_BYTES="500")
    wait_for((tmp_path / "rotating.log.3").exists)
    process.terminate()
    assert process.wait(PATIENCE) == 0
    files = sorted(tmp_path.iterdir(), reverse=True)
    assert len(files) == 4
    assert all(path.stat().st_size <= 500 for path in files)
    numbers = [int(line.rpartition(" ")[2]) for path in files for line in path.read_text().splitlines()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def wait_for(condition) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
