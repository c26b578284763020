# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""suite [--changed [REVISION]] [--all-versions] [--workers N]: all steps of `./dev test`, or those that a change can affect.

suite --scenarios [NAME…] [--hosts A,B,C]: only scenarios, all of them or these.

Each step is a process of its own, `./dev STEP`, whose output goes to tests/output/steps. Several run at a time, and one that
fails stops no other. The last line is for CI: "N passed, M failed".
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from suite import affected, steps
from suite.run import Runner

ROOT = Path(__file__).parents[3]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev test", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--changed", nargs="?", const="", metavar="REVISION", help="since this one; default: the last on main")
    parser.add_argument("--all-versions", action="store_true", help="each scenario on all five versions of systemd")
    parser.add_argument(
        "--workers", type=int, default=max(2, os.cpu_count() or 2), help="steps at a time, and one more that needs no containers"
    )
    parser.add_argument("--scenarios", nargs="*", metavar="NAME")
    parser.add_argument("--hosts", help="three of them, the oldest systemd first")
    options = parser.parse_args()

    known = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml") if path.parent.name != "default")
    unknown = set(options.scenarios or ()) - set(known)
    if unknown:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; there are: {' '.join(known)}")
    trios = [options.hosts.split(",")] if options.hosts else steps.ALL_VERSIONS if options.all_versions else []
    wanted = steps.scenarios(options.scenarios or known, known, trios)
    left_out: list[str] = []
    if options.scenarios is None:
        wanted = [*steps.STEPS, *wanted]
        if options.changed is not None:
            revision, changed = affected.changes(ROOT, options.changed)
            can_fail = affected.steps(affected.Tree(ROOT), changed, [step.name for step in wanted])
            left_out = [step.name for step in wanted if step.name not in can_fail]
            wanted = [step for step in wanted if step.name in can_fail]
            print(f"Since {revision} {len(changed)} files changed; {len(wanted)} steps can be affected by that", flush=True)

    start = time.monotonic()
    cache = Path(os.environ.get("DAEMONIC_CACHE", ROOT / "tests" / "output"))
    runner = Runner(ROOT, options.workers, steps.Durations(cache / "durations.json"))
    interrupt_once()
    interrupted = False
    try:
        runner.run(wanted)
    except KeyboardInterrupt:
        interrupted = True
    results = runner.results
    print(f"\n{'step':44} {'result':8} {'seconds':>7} {'passed':>7} {'failed':>7}")
    for result in results:
        print(f"{result.name:44} {result.verdict:8} {result.seconds:7.0f} {result.passed:7} {result.failed:7}")
    print(f"{'together':44} {'':8} {time.monotonic() - start:7.0f}")
    for line in sorted({line for result in results for line in result.remarks}):
        print(line)
    if left_out:
        print(f"NOT RUN, since the change cannot affect them: {', '.join(left_out)}")
    if interrupted:
        done = {result.name for result in results}
        print(f"INTERRUPTED; NOT RUN to the end: {', '.join(step.name for step in wanted if step.name not in done)}")
    print(f"{sum(result.passed for result in results)} passed, {sum(result.failed for result in results)} failed")
    return 0 if all(result.ok for result in results) and not interrupted else 1


def interrupt_once() -> None:
    """Ctrl-C, or a request to end: what runs is ended and the beds are removed, which another one of these does not stop."""

    def interrupt(number: int, _frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, lambda _number, _frame: None)
        print(f"Interrupted by {signal.Signals(number).name}: ending what runs, and removing its containers …", flush=True)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupt)


sys.exit(main())
