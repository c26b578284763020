# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and measure it: seconds, the controller's CPU seconds and memory."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Mapping, Sequence


@dataclass(frozen=True)
class Sample:
    """cpu: user and system, of the command and of every process that it has waited for. ssh's masters in the background
    and what runs in the containers are not among them. largest: resident memory of the largest of those processes, in MiB.
    """

    wall: float
    cpu: float
    largest: float

    def as_dict(self) -> dict[str, float]:
        return {key: round(value, 3) for key, value in asdict(self).items()}


class CommandFailed(Exception):
    pass


def measure(command: Sequence[str], env: Mapping[str, str], folder: Path, log: Path) -> Sample:
    with log.open("w", encoding="utf-8") as out:
        start = time.monotonic()
        process = subprocess.Popen(command, env=dict(env), cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text(errors='replace')[-6000:]}")
    return Sample(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
