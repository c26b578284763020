# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""steps.py STEP…: run `./dev STEP` for each, two at a time, and sum up. A step may have arguments, as 'molecule --part 1/3'.

Every step is a process of its own and runs even if another one fails. The last line is for CI: "N passed, M failed".
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOGS = ROOT / "tests" / "output" / "steps"


def log_of(step: str) -> Path:
    return LOGS / f"{re.sub('[^a-z0-9]+', '-', step)}.log"


def run(step: str) -> tuple[str, bool, float, int, int]:
    """Name, success, seconds, tests passed, tests failed."""
    start = time.monotonic()
    log = log_of(step)
    with log.open("w") as out:
        process = subprocess.run(
            [ROOT / "dev", *step.split()],
            env={**os.environ, "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=False,
        )
    ok = process.returncode == 0
    seconds = time.monotonic() - start
    text = log.read_text(errors="replace")
    # The last line of pytest ("=== 2 failed, 7 passed in 1.2s ===") and of our own steps ("7 passed, 2 failed").
    totals = "\n".join(re.findall(r"^=*\s*(\d+ (?:passed|failed|error).*)$", text, re.MULTILINE))
    passed = sum(map(int, re.findall(r"(\d+) passed", totals)))
    failed = sum(map(int, re.findall(r"(\d+) (?:failed|errors?)", totals)))
    failed_sanity = sum(map(int, re.findall(r"^FATAL: The (\d+) sanity test", text, re.MULTILINE)))
    passed += len(re.findall(r"^Running sanity test", text, re.MULTILINE)) - failed_sanity
    failed += failed_sanity
    if not ok:
        print(f"\n{'=' * 30} {step} failed; its output, also in {log}:\n{text}", flush=True)
        failed = max(failed, text.count(": FAILED in "), 1)
    return step, ok, seconds, passed, failed


def main() -> int:
    start = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    results = []
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(run, sys.argv[1:]):
            results.append(result)
            print(f"{result[0]}: {'ok' if result[1] else 'FAILED'} in {result[2]:.0f} s", flush=True)
    print(f"\n{'step':20} {'result':8} {'seconds':>7} {'passed':>7} {'failed':>7}")
    for step, ok, seconds, passed, failed in results:
        print(f"{step:20} {'ok' if ok else 'FAILED':8} {seconds:7.0f} {passed:7} {failed:7}")
    print(f"{'together':20} {'':8} {time.monotonic() - start:7.0f}")
    logs = "".join(log_of(step).read_text(errors="replace") for step in sys.argv[1:])
    for line in sorted(set(re.findall("NOT RUN: .*|Skipping sanity test .* could not be found", logs))):
        print(line)
    print(f"{sum(r[3] for r in results)} passed, {sum(r[4] for r in results)} failed")
    return 0 if all(r[1] for r in results) else 1


sys.exit(main())
