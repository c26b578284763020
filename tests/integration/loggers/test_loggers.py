# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loggers of examples/loggers.yml: their files, and their levels as journald has them and as journal_info reads them."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest

RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARNING) record (\d+)")


@pytest.fixture(scope="module")
def read(host):
    return json.loads(host.file("/run/loggers.json").content_string)


def messages(answer):
    return [entry["message"] for entry in answer["entries"]]


@pytest.mark.parametrize(
    ("path", "interval"),
    [("/var/log/clock/date_logger.log", 1), ("/var/lib/slow_clock/date.log", 5)],
    ids=["clock", "slow clock"],
)
def test_clocks(host, path, interval):
    lines = host.file(path).content_string.splitlines()
    times = [datetime.fromisoformat(line.partition(": ")[2]) for line in lines]
    assert len(times) >= 2
    pauses = [(after - before).total_seconds() for before, after in zip(times, times[1:])]
    assert all(interval - 0.5 < pause < interval + 2 for pause in pauses)


def test_the_slow_clock_is_wanted_by_the_default_target_and_runs_in_its_directory(host, systemd):
    assert host.file("/etc/systemd/system/default.target.wants/slow_clock.service").is_symlink
    assert host.check_output("readlink /proc/%s/cwd", systemd.show("slow_clock.service", "MainPID")) == "/var/lib/slow_clock"


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        ("debug", "a debug message"),
        ("info", "an info message"),
        ("warning", "a warning"),
        ("err", "an error"),
        ("crit", "a critical message"),
    ],
)
def test_levels_are_priorities(host, read, priority, expected):
    number = {"debug": 7, "info": 6, "warning": 4, "err": 3, "crit": 2}[priority]
    own = [entry for entry in read["each"][priority]["entries"] if entry["identifier"] == "levels"]
    assert expected in [entry["message"] for entry in own]
    assert {(entry["priority"], entry["priority_name"], entry["unit"]) for entry in own} == {(number, priority, "levels.service")}
    told = host.check_output("journalctl --output=cat --unit=levels.service SYSLOG_IDENTIFIER=levels PRIORITY=%s", str(number))
    assert {line for line in told.splitlines() if line.startswith("a")} == {
        text for text in messages(read["each"][priority]) if text.startswith("a")
    }


def test_all_lines_of_a_traceback_have_the_priority_of_their_record(read):
    lines = messages(read["each"]["err"])
    first = lines.index("an exception")
    assert lines[first + 1] == "Traceback (most recent call last):"
    assert "KeyError: 'missing'" in lines[first + 2 :]
    assert not [
        text for name in ("info", "debug") for text in messages(read["each"][name]) if "KeyError" in text or "File " in text
    ]


def test_a_range_a_time_and_a_pattern(read):
    assert set(messages(read["errors"])) == {"an error", "a critical message"}


def test_the_file_rotates_and_loses_nothing(host, read):
    """Four files, none above the limit, and their records follow each other."""
    names = sorted(host.check_output("ls /var/log/rotating/").split())
    assert names == ["rotating.log", "rotating.log.1", "rotating.log.2", "rotating.log.3"]
    stopped = "grep -q '^State:.T' /proc/$(systemctl show --property=MainPID --value rotating)/status"
    copy = "mkdir -p /run/loggers && cd /run/loggers && systemctl kill --signal=STOP rotating && "
    copy += f"timeout 60 sh -c 'until {stopped}; do sleep 0.1; done'"
    host.check_output("%s && cp /var/log/rotating/* . ; systemctl kill --signal=CONT rotating" % copy)
    texts = [host.file(f"/run/loggers/{name}").content_string for name in reversed(names)]
    assert all(1000 < len(text) <= 2000 for text in texts[:-1])
    records = [RECORD.fullmatch(line) for text in texts for line in text.splitlines()]
    numbers = [int(record.group(2)) for record in records]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert {int(record.group(2)) % 10 == 0 for record in records if record.group(1) == "WARNING"} == {True}
    assert messages(read["warnings"])[0].startswith("record ")
    assert {entry["priority_name"] for entry in read["warnings"]["entries"]} == {"warning"}
