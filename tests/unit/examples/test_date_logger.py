# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The date logger as systemd runs it: a process, its environment, its signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "examples" / "files" / "date_logger.py"
PATIENCE = 10.0  # seconds, for anything that takes a moment
LINE = re.compile(r"Timestamp: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d)\n")


@pytest.fixture(name="start")
def fixture_start():
    """Start date loggers with the given environment; end those that are left over."""
    processes = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            env={"PATH": os.environ["PATH"], **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def lines_of(path, at_least):
    """Return the lines of ``path`` once there are ``at_least`` that many."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        lines = path.read_text(encoding="utf-8").splitlines(True) if path.exists() else []
        if len(lines) >= at_least:
            return lines
        time.sleep(0.01)
    raise AssertionError(f"{path} has {len(lines)} lines after {PATIENCE} s, not {at_least}")


def test_appends_local_timestamps_with_offset(start, tmp_path):
    log = tmp_path / "date.log"
    log.write_text("Timestamp: from before\n", encoding="utf-8")
    started = datetime.now().astimezone()
    start(LOG_FILE=str(log), INTERVAL="0.05", TZ="Asia/Kolkata")

    before, *lines = lines_of(log, at_least=4)

    assert before == "Timestamp: from before\n"
    assert all(LINE.fullmatch(line) for line in lines), lines
    moments = [datetime.fromisoformat(LINE.fullmatch(line).group(1)) for line in lines]
    assert moments == sorted(moments)
    assert abs((moments[0] - started).total_seconds()) < PATIENCE


def test_keeps_the_interval(start, tmp_path):
    log = tmp_path / "date.log"
    start(LOG_FILE=str(log), INTERVAL="0.1")
    moments = [datetime.fromisoformat(LINE.fullmatch(line).group(1)) for line in lines_of(log, at_least=11)[:11]]
    assert 0.5 < (moments[-1] - moments[0]).total_seconds() < 3  # 1, and room for a busy machine


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({"LOG_FILE": "{}/own.log", "LOGS_DIRECTORY": "{}"}, "own.log", id="LOG_FILE wins"),
        pytest.param({"LOGS_DIRECTORY": "{}"}, "date_logger.log", id="LogsDirectory"),
        pytest.param({"LOGS_DIRECTORY": "{}:/nonexistent"}, "date_logger.log", id="the first of two LogsDirectory"),
    ],
)
def test_path(start, tmp_path, environment, expected):
    process = start(**{name: value.format(tmp_path) for name, value in environment.items()})
    lines_of(tmp_path / expected, at_least=1)
    assert process.stdout.readline() == f"date_logger: appending to {tmp_path / expected} every 1 s\n"


def test_goes_on_in_a_new_file_after_logrotate(start, tmp_path):
    log = tmp_path / "date.log"
    start(LOG_FILE=str(log), INTERVAL="0.05")
    lines_of(log, at_least=1)
    log.rename(tmp_path / "date.log.1")
    assert LINE.fullmatch(lines_of(log, at_least=1)[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_and_cleanly(start, tmp_path, number):
    log = tmp_path / "date.log"
    process = start(LOG_FILE=str(log), INTERVAL="3600")
    lines_of(log, at_least=1)

    process.send_signal(number)
    before = time.monotonic()
    assert process.wait(PATIENCE) == 0

    assert time.monotonic() - before < 2
    assert process.stderr.read() == ""
    assert all(LINE.fullmatch(line) for line in lines_of(log, at_least=1))


@pytest.mark.parametrize("interval", ["", "soon", "0", "-1", "nan", "inf", "86400.1"])
def test_refuses_an_interval_that_is_none(start, tmp_path, interval):
    log = tmp_path / "date.log"
    process = start(LOG_FILE=str(log), INTERVAL=interval)
    _output, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert error == f"date_logger: INTERVAL={interval!r}: expected seconds, more than 0 and at most 86400\n"
    assert not log.exists()


def test_says_why_it_cannot_write(start, tmp_path):
    log = tmp_path / "missing" / "date.log"
    process = start(LOG_FILE=str(log))
    _output, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert error == f"date_logger: cannot append to {log}: No such file or directory\n"


def test_is_executable():
    assert os.access(SCRIPT, os.X_OK)
