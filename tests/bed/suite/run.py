# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs steps, several at a time. Each worker has a bed of its own, whose containers stay from scenario to scenario."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .processes import end
from .steps import Durations, Step, following, following_without_bed


@dataclass(frozen=True)
class Result:
    name: str
    ok: bool
    seconds: float
    passed: int
    failed: int
    remarks: tuple[str, ...]  # what is to be told though the step has passed

    @property
    def verdict(self) -> str:
        return "ok" if self.ok else "FAILED"


class Runner:
    """A run that is interrupted ends what it has started, and removes its beds."""

    def __init__(self, root: Path, workers: int, durations: Durations) -> None:
        self._dev = root / "dev"
        self._logs = root / "tests" / "output" / "steps"
        self._workers = workers
        self._durations = durations
        self._waiting: list[Step] = []
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._interrupted = False
        self._lock = threading.Lock()
        self.results: list[Result] = []

    def run(self, steps: list[Step]) -> None:
        """The results are in the order of the steps."""
        self._logs.mkdir(parents=True, exist_ok=True)
        self._waiting = list(steps)
        with ThreadPoolExecutor(self._workers + 1) as pool:
            try:
                for done in [pool.submit(self._work, bed) for bed in self._beds()]:
                    done.result()
            except KeyboardInterrupt:
                self._interrupt()
                raise
        order = [step.name for step in steps]
        self.results.sort(key=lambda result: order.index(result.name))

    def _interrupt(self) -> None:
        with self._lock:
            self._interrupted = True
            self._waiting.clear()
            running = [process.pid for process in self._processes]
        end(running)

    def _beds(self) -> list[str]:
        """One for each worker, and none for one more, that computes while scenarios wait for their hosts."""
        beds = [f"test-{number + 1}" for number in range(self._workers)]
        return [*beds, ""] if self._workers > 1 else beds

    def _work(self, bed: str) -> None:
        hosts: tuple[str, ...] = ()
        while True:
            with self._lock:
                if bed:
                    step = following(self._waiting, hosts, self._durations)
                else:
                    step = following_without_bed(self._waiting, self._durations)
                if not step:
                    break
                self._waiting.remove(step)
            if step.hosts == ("fleet",):
                options = ["--bed", "fleet", "--fleet", "12"]
            elif step.hosts:
                options, hosts = ["--bed", bed, "--hosts", ",".join(step.hosts)], step.hosts
            else:
                options = []
            result = self._run(step, options)
            if step.hosts == ("fleet",):
                self._remove(options)
            if self._interrupted:
                break
            with self._lock:
                self.results.append(result)
                if result.ok:
                    self._durations.note(step, result.seconds)
                print(f"{step.name}: {result.verdict} in {result.seconds:.0f} s", flush=True)
        if hosts:
            self._remove(["--bed", bed])

    def _remove(self, options: list[str]) -> None:
        # In a session of its own: Ctrl-C is not for it.
        subprocess.run([self._dev, "down", *options], stdin=subprocess.DEVNULL, check=False, start_new_session=True)

    def _run(self, step: Step, options: list[str]) -> Result:
        log = self._logs / f"{re.sub('[^a-z0-9.]+', '-', step.name)}.log"
        start = time.monotonic()
        with log.open("w") as out:
            status = self._call([step.command[0], *options, *step.command[1:]], out)
        text = log.read_text(errors="replace")
        ok = status == 0
        if not ok and not self._interrupted:
            print(f"\n{'=' * 30} {step.name} failed; its output, also in {log}:\n{text}", flush=True)
        passed, failed = count(text)
        remarks = re.findall("NOT RUN: .*|Skipping sanity test .* could not be found|LEFT BEHIND .*", text)
        return Result(step.name, ok, time.monotonic() - start, passed, failed if ok else max(failed, 1), tuple(remarks))

    def _call(self, arguments: list[str], out: IO[str]) -> int:
        with self._lock:
            if self._interrupted:
                return 1
            process = subprocess.Popen(
                [self._dev, *arguments],
                env={**os.environ, "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
            self._processes.add(process)
        status = process.wait()
        with self._lock:
            self._processes.discard(process)
        return status


def count(text: str) -> tuple[int, int]:
    """Tests that passed and failed, by the last lines of pytest ("=== 2 failed, 7 passed in 1.2s ==="), of our own steps ("7
    passed, 2 failed") and of ansible-test."""
    totals = "\n".join(re.findall(r"^=*\s*(\d+ (?:passed|failed|error).*)$", text, re.MULTILINE))
    passed = sum(map(int, re.findall(r"(\d+) passed", totals)))
    failed = sum(map(int, re.findall(r"(\d+) (?:failed|errors?)", totals)))
    failed_sanity = sum(map(int, re.findall(r"^FATAL: The (\d+) sanity test", text, re.MULTILINE)))
    return passed + len(re.findall(r"^Running sanity test", text, re.MULTILINE)) - failed_sanity, failed + failed_sanity
