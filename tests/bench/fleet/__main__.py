# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""fleet [OPTION…]: deployments of a fleet by this collection and by others, measured side by side.

Called by ./dev bench, which provides what Ansible needs.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

import containers
from contenders import CONTENDERS, Contender, environment, write_inventories
from measuring import Sample, measure
from workload import Workload, workload, write

STEPS = {"first": "first deployment", "same": "no change", "change": "one line changed"}
Samples = dict[tuple[str, str], list[Sample]]


def one_round(contender: Contender, number: int, hosts: int, work: Workload, folder: Path, samples: Samples) -> None:
    """All steps of one contender, on hosts that it finds as if they were new."""
    env = environment(contender, hosts)

    def step(name: str) -> None:
        sample = measure(contender.steps[name], env, folder, folder / f"{contender.name}-{name}.log")
        samples.setdefault((contender.name, name), []).append(sample)

    write(work, folder)
    if "first" in contender.steps:
        containers.clean(hosts, work)
        step("first")
        containers.look(hosts, work)
    step("same")
    if "change" in contender.steps:
        changed = replace(work, changed=number)
        write(changed, folder)
        step("change")
        containers.look(hosts, changed)


def measure_case(hosts: int, daemons: int, rounds: int, folder: Path) -> Samples:
    samples: Samples = {}
    work = workload(daemons)
    write(work, folder)
    write_inventories(containers.hosts(hosts), folder)
    for number in range(1, rounds + 1):
        for contender in CONTENDERS:
            one_round(contender, number, hosts, work, folder, samples)
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench fleet", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hosts", type=int, default=1)
    parser.add_argument("--daemons", type=int, default=2)
    options = parser.parse_args()
    containers.boot(options.hosts)
    with tempfile.TemporaryDirectory() as folder:
        samples = measure_case(options.hosts, options.daemons, options.rounds, Path(folder))
    print("| contender | step | seconds | CPU | MiB |\n|---|---|---|---|---|")
    for (name, step), found in samples.items():
        wall, cpu, largest = (median(getattr(each, key) for each in found) for key in ("wall", "cpu", "largest"))
        print(f"| {name} | {STEPS[step]} | {wall:.2f} | {cpu:.2f} | {largest:.0f} |")


main()
