# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""fleet [OPTION…]: deployments by this collection and by others, measured side by side on containers with real systemd.

Called by ./dev bench, which provides what Ansible needs. The contenders take turns, round by round, on the same hosts; each
finds them as if they were new. Results are kept after each round: what is there already is not measured again, unless the
code has changed. Figures are printed and judged by nobody: the exit code is 0 whatever they are.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import containers
from contenders import CONTENDERS, GROUPS, STEPS, Contender, environment, require, taking_part, versions, write_inventories
from measuring import CommandFailed, Sample, measure
from profiling import profile
from results import Case, Results
from tables import tables, write_page
from workload import Workload, workload, write


class Round:
    """One contender, all that it can do, on hosts that it finds as if they were new."""

    def __init__(self, contender: Contender, case: Case, number: int, folder: Path, steps: set[str]) -> None:
        self.contender, self.case, self.number, self.folder = contender, case, number, folder
        self.steps = steps & set(contender.steps)
        self.env = environment(contender, case.hosts)
        self.counters = containers.counters(case.hosts)
        self.samples: dict[tuple[str, str], Sample] = {}

    def run(self) -> dict[tuple[str, str], Sample]:
        work = workload(self.case.daemons)
        write(work, self.folder)
        if "first" in self.steps:
            self._on_new_hosts("first", work)
        self._step("same")
        if "cold" in self.steps:
            containers.disconnect(self.case.hosts, self.folder)
            self._step("cold")
        if "change" in self.steps:
            changed = replace(work, changed=self.number)
            write(changed, self.folder)
            self._step("change")
            containers.look(self.case.hosts, changed)
        if "proven" in self.steps:
            write(work, self.folder)
            self._on_new_hosts("proven", work)
        return self.samples

    def _on_new_hosts(self, name: str, work: Workload) -> None:
        containers.clean(self.case.hosts, work)
        self._step(name)
        containers.look(self.case.hosts, work)

    def _step(self, name: str) -> None:
        log = self.folder / f"{self.contender.name}-{name}.log"
        used = containers.cpu(self.counters)
        sample = measure(self.contender.steps[name], self.env, self.folder, log)
        self.samples[self.contender.name, name] = replace(sample, hosts=containers.cpu(self.counters) - used)
        if name in ("same", "cold") and re.search(r" changed=[1-9]", log.read_text()):  # in the summary of a play
            raise containers.NotAsExpected(f"a run without a change changed something: {log.read_text()[-1000:]}")


def measure_case(case: Case, rounds: int, steps: set[str], results: Results) -> None:
    case.failures.clear()  # of an earlier run; what has failed is tried again
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_inventories(containers.hosts(case.hosts), folder)
        connect = ["ansible", "-i", "inventory.ini", "bed", "-m", "ansible.builtin.ping"]
        for number in range(len(case.rounds) + 1, rounds + 1):
            start = time.monotonic()
            containers.clean(case.hosts, workload(case.daemons))
            # The round begins with open connections, so that none of them falls on the first contender.
            subprocess.run(connect, env=environment(CONTENDERS[0], case.hosts), cwd=folder, stdout=subprocess.DEVNULL, check=True)
            samples: dict[tuple[str, str], Sample] = {}
            for contender in in_turn(case, number):
                try:
                    samples.update(Round(contender, case, number, folder, steps).run())
                except (CommandFailed, containers.NotAsExpected) as error:
                    case.failures[contender.name] = str(error)
                    print(f"{contender.name} failed: {error}", file=sys.stderr)
            case.add(samples)
            results.save()
            took = time.monotonic() - start
            print(f"{case.name}: round {number} of {rounds} took {took:.0f} s", file=sys.stderr, flush=True)
        containers.clean(case.hosts, workload(case.daemons))


def in_turn(case: Case, number: int) -> list[Contender]:
    """Each round begins with another one."""
    part = [each for each in CONTENDERS if each.name in case.contenders]
    first = (number - 1) % len(part)
    return [each for each in [*part[first:], *part[:first]] if each.name not in case.failures]


def cases(options: argparse.Namespace) -> list[tuple[int, int]]:
    return [*((hosts, 2) for hosts in options.hosts), *((1, daemons) for daemons in options.daemons)]


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word]


def step_names(text: str) -> list[str]:
    unknown = sorted(set(text.split(",")) - set(STEPS))
    if unknown:
        raise argparse.ArgumentTypeError(f"no such step: {', '.join(unknown)}; there are {', '.join(STEPS)}")
    return text.split(",")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench fleet", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; medians are told")
    parser.add_argument("--hosts", type=numbers, default=[1, 10, 20], help="numbers of hosts, with 2 daemons on each")
    parser.add_argument("--daemons", type=numbers, default=[1, 10, 50], help="numbers of daemons, on one host")
    parser.add_argument(
        "--also", action="append", choices=[*GROUPS, "all"], default=[], help="who else takes part; all: mitogen and free"
    )
    parser.add_argument("--only", type=lambda text: text.split(","), help="names of contenders; goals of others stay open")
    parser.add_argument(
        "--steps", type=step_names, default=list(STEPS), help=f"some of {','.join(STEPS)}; `same` is always measured"
    )
    parser.add_argument("--fresh", action="store_true", help="measure again what has been measured")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/fleets.md as well")
    parser.add_argument("--show", action="store_true", help="measure nothing, print what there is")
    parser.add_argument(
        "--profile",
        nargs="?",
        const="same",
        choices=["same", "first"],
        help="where the time of one run without a change goes, or of a first deployment, instead; on one host, the first case",
    )
    options = parser.parse_args()
    if not cases(options):
        parser.error("--hosts and --daemons are both empty: nothing is to be measured")
    return options


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside"))  # so that what is measured now ends as well
    options = parsed()
    if options.profile:
        containers.boot(1)
        _hosts, daemons = cases(options)[0]
        profile(daemons, options.profile)
        return
    results = Results.load()
    if not options.show:
        also = set(options.also) | ({"mitogen", "free"} if "all" in options.also else set())
        require(also)
        containers.boot(max(hosts for hosts, _daemons in cases(options)))
        for hosts, daemons in cases(options):
            part = [each for each in taking_part(also, hosts, daemons) if not options.only or each.name in options.only]
            case = results.case(hosts, daemons, [each.name for each in part], options.fresh)
            case.versions = versions(part)
            measure_case(case, options.rounds, set(options.steps), results)
    comparable = results.of_one_code()
    left_out = sorted(set(results.cases) - set(comparable.cases))
    if left_out:
        print(f"Left out, since other code was measured: {', '.join(left_out)}", file=sys.stderr)
    print(tables(comparable))
    if options.write:
        write_page(comparable)


main()
