# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and measure it: seconds, the controller's CPU seconds and memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Iterator, Mapping, Sequence

PAUSE = 0.2  # seconds between two looks at the memory
LONGEST = 1800  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """wall: seconds.
    cpu: user and system, of the command and of every process that it has waited for. What ssh does in the background and
    what runs in the containers is not among them.
    main: that of the first process alone, without its workers: it cannot be spread over processors.
    hosts: CPU seconds of all managed nodes together, with what systemd did for it.
    memory: MiB of all these processes together at the worst moment (proportional shares, so that what workers have in
    common counts once), as seen in looks every PAUSE.
    """

    wall: float
    cpu: float
    main: float
    memory: float
    hosts: float = 0.0

    def as_dict(self) -> dict[str, float]:
        return {key: round(value, 3) for key, value in asdict(self).items()}


class CommandFailed(Exception):
    pass


class _Watch(threading.Thread):
    """Looks at a process and all below it until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.over = threading.Event()
        self.main = 0.0
        self.memory = 0.0

    def run(self) -> None:
        while not self.over.is_set():
            self.main = _cpu_of(self.pid) or self.main
            self.memory = max(self.memory, sum(map(_memory_of, _tree(self.pid))))
            self.over.wait(PAUSE)


def _read(path: str) -> str:
    """Empty where the process has ended."""
    try:
        with open(path, encoding="ascii", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for child in _read(f"/proc/{pid}/task/{pid}/children").split():
        yield from _tree(int(child))


def _memory_of(pid: int) -> float:
    lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _cpu_of(pid: int) -> float:
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def measure(command: Sequence[str], env: Mapping[str, str], folder: Path, log: Path) -> Sample:
    """Raises CommandFailed, with the end of what it printed."""
    with log.open("w", encoding="utf-8") as out:
        start = time.monotonic()
        process = subprocess.Popen(command, env=dict(env), cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        watch = _Watch(process.pid)
        watch.start()
        deadline = threading.Timer(LONGEST, process.kill)
        deadline.start()
        try:
            _pid, status, used = os.wait4(process.pid, 0)
        except BaseException:  # left alone, it would go on and take a processor from what is measured later
            process.kill()
            raise
        finally:
            wall = time.monotonic() - start
            deadline.cancel()
            watch.over.set()
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.join()
    if process.returncode:
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")
    return Sample(wall, used.ru_utime + used.ru_stime, watch.main, watch.memory)
