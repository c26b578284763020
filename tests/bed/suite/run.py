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

from .steps import Step


@dataclass(frozen=True)
class Result:
    name: str
    ok: bool
    seconds: float
    passed: int
    failed: int
    not_run: tuple[str, ...]

    @property
    def verdict(self) -> str:
        return "ok" if self.ok else "FAILED"


class Runner:
    def __init__(self, root: Path, workers: int) -> None:
        self._dev = root / "dev"
        self._logs = root / "tests" / "output" / "steps"
        self._workers = workers
        self._waiting: list[Step] = []
        self._results: list[Result] = []
        self._lock = threading.Lock()

    def run(self, steps: list[Step]) -> list[Result]:
        """The results, in the order of the steps."""
        self._logs.mkdir(parents=True, exist_ok=True)
        self._waiting = list(steps)
        with ThreadPoolExecutor(self._workers) as pool:
            for done in [pool.submit(self._work, f"test-{number + 1}") for number in range(self._workers)]:
                done.result()
        order = [step.name for step in steps]
        return sorted(self._results, key=lambda result: order.index(result.name))

    def _work(self, bed: str) -> None:
        hosts: tuple[str, ...] = ()
        while True:
            with self._lock:
                step = self._next(hosts)
            if not step:
                break
            if step.hosts == ("fleet",):
                options = ["--bed", "fleet", "--fleet", "12"]
            elif step.hosts:
                options, hosts = ["--bed", bed, "--hosts", ",".join(step.hosts)], step.hosts
            else:
                options = []
            result = self._run(step, options)
            if step.hosts == ("fleet",):
                self._call(["down", *options])
            with self._lock:
                self._results.append(result)
                print(f"{step.name}: {result.verdict} in {result.seconds:.0f} s", flush=True)
        if hosts:
            self._call(["down", "--bed", bed])

    def _next(self, hosts: tuple[str, ...]) -> Step | None:
        """The next one; among those that are not long, one for the hosts that the bed has, since others have to be booted."""
        if not self._waiting:
            return None
        chosen = self._waiting[0]
        if chosen.hosts and not chosen.is_long:
            chosen = next((step for step in self._waiting if step.hosts == hosts), chosen)
        self._waiting.remove(chosen)
        return chosen

    def _call(self, arguments: list[str]) -> None:
        subprocess.run([self._dev, *arguments], stdin=subprocess.DEVNULL, check=False)

    def _run(self, step: Step, options: list[str]) -> Result:
        log = self._logs / f"{re.sub('[^a-z0-9.]+', '-', step.name)}.log"
        start = time.monotonic()
        with log.open("w") as out:
            process = subprocess.run(
                [self._dev, step.command[0], *options, *step.command[1:]],
                env={**os.environ, "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
            )
        text = log.read_text(errors="replace")
        ok = process.returncode == 0
        if not ok:
            print(f"\n{'=' * 30} {step.name} failed; its output, also in {log}:\n{text}", flush=True)
        passed, failed = count(text)
        not_run = re.findall("NOT RUN: .*|Skipping sanity test .* could not be found", text)
        return Result(step.name, ok, time.monotonic() - start, passed, failed if ok else max(failed, 1), tuple(not_run))


def count(text: str) -> tuple[int, int]:
    """Tests that passed and failed, by the last lines of pytest ("=== 2 failed, 7 passed in 1.2s ==="), of our own steps ("7
    passed, 2 failed") and of ansible-test."""
    totals = "\n".join(re.findall(r"^=*\s*(\d+ (?:passed|failed|error).*)$", text, re.MULTILINE))
    passed = sum(map(int, re.findall(r"(\d+) passed", totals)))
    failed = sum(map(int, re.findall(r"(\d+) (?:failed|errors?)", totals)))
    failed_sanity = sum(map(int, re.findall(r"^FATAL: The (\d+) sanity test", text, re.MULTILINE)))
    return passed + len(re.findall(r"^Running sanity test", text, re.MULTILINE)) - failed_sanity, failed + failed_sanity
