# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""echo.py [ROUNDS]: the three ways to a socket compared, as a table in Markdown.

Called by ./dev bench echo, which provides the containers. One host after the other; on each the ways take turns, and what is
told is the median of the rounds, with its ratio to the server that stands alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "echo_three_ways.yml"
HOSTS = ("debian11", "debian12", "debian13")
TITLES = {"standalone": "stands alone", "activated": "`socket`", "inetd": "`socket` and `accept`"}


def measure(host: str, rounds: int) -> dict[str, dict[str, float]]:
    code = (HERE / "three_ways.py").read_text()
    container = f"{os.environ['DAEMONIC_BED']}-{host}"
    done = subprocess.run(
        ["podman", "exec", container, "python3", "-c", code, str(rounds)], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def row(way: str, host: str, found: dict[str, dict[str, float]]) -> str:
    own, alone = found[way], found["standalone"]

    def with_ratio(key: str, unit: str) -> str:
        times = own[key] / alone[key]
        ratio = "" if way == "standalone" else f" ({times:.1f}×)" if times < 10 else f" ({times:,.0f}×)"
        return f"{own[key]:.2g} {unit}{ratio}" if own[key] < 10 else f"{own[key]:.0f} {unit}{ratio}"

    memory = f"{own['idle']:.1f}, {own['served']:.1f} MiB"
    cells = [TITLES[way], f"Debian {host[6:]}", with_ratio("start", "ms"), memory, with_ratio("answer", "ms")]
    return f"| {' | '.join([*cells, format(own['slowest'], '.0f') + ' ms'])} |"


def main(rounds: int) -> None:
    done = subprocess.run(["ansible-playbook", EXAMPLE], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout)
    print(f"Medians of {rounds} rounds.\n")
    print("| echo server | host | first answer | memory at rest, with one client | answer | slowest of 30 |")
    print("|---|---|---|---|---|---|")
    for host in HOSTS:
        found = measure(host, rounds)
        for way in TITLES:
            print(row(way, host, found), flush=True)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
