# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sockets.py [ROUNDS]: connections lost while a task of ours redeploys the echo server, as a table in Markdown.

Called by ./dev bench, which provides the containers. Each case is a change of one stack, made while four clients
hammer the port; the counts are summed over the rounds, the slowest answer is that of all rounds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
HOSTS = ("debian11", "debian12", "debian13")
MARGIN = 0.5  # seconds of load before and after a deployment
PORT = 9000

# Case → daemon and socket of round N. Only what is named here differs from one round to the next.
CASES = {
    "script changes, behind its socket": {"socket": {"ListenStream": PORT}, "description": "echo", "marker": "script"},
    "environment changes, behind its socket": {"socket": {"ListenStream": PORT}, "environment": {"ROUND": "{round}"}},
    "backlog of the socket changes": {"socket": {"ListenStream": PORT, "Backlog": "{backlog}"}},
    "script changes, without a socket": {"environment": {"PORT": str(PORT)}, "marker": "script"},
}


def container(host: str) -> str:
    return f"{os.environ['DAEMONIC_BED']}-{host}"


def deploy(case: dict[str, object], number: int) -> None:
    daemon = json.loads(json.dumps(case).replace("{round}", str(number)).replace("{backlog}", str(100 + number)))
    script = (EXAMPLES / "files" / "echo.py").read_text()
    if daemon.pop("marker", None):
        script += f"\n# round {number}\n"
    daemon["script"] = {"name": "echo.py", "content": script}
    task = {"daemonic.systemd.stack": {"name": "bench", "settle": "0", "daemons": {"echo": daemon}}}
    play(task)


def play(task: dict[str, object]) -> None:
    plays = [{"hosts": "bed", "gather_facts": False, "tasks": [task]}]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as book:
        json.dump(plays, book)
        book.flush()
        done = subprocess.run(["ansible-playbook", book.name], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout)


def load() -> dict[str, subprocess.Popen[str]]:
    code = (HERE / "load.py").read_text()
    command = ["python3", "-c", code, str(PORT)]
    return {
        host: subprocess.Popen(
            ["podman", "exec", "-i", container(host), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for host in HOSTS
    }


def measure(case: dict[str, object], rounds: int) -> dict[str, Counter[str]]:
    play({"daemonic.systemd.stack": {"name": "bench", "state": "absent"}})
    deploy(case, 0)
    sums: dict[str, Counter[str]] = {host: Counter() for host in HOSTS}
    for number in range(1, rounds + 1):
        clients = load()
        time.sleep(MARGIN)
        deploy(case, number)
        time.sleep(MARGIN)
        for host, process in clients.items():
            counts = json.loads(process.communicate()[0])
            slowest = counts.pop("slowest_ms")
            sums[host].update(counts)
            sums[host]["slowest_ms"] = max(sums[host]["slowest_ms"], slowest)
    return sums


def main(rounds: int) -> None:
    print(f"Four clients on each host, {rounds} deployments for each change; sums.\n")
    print("| change | host | answered | refused | reset | slowest answer |\n|---|---|---|---|---|---|")
    for name, case in CASES.items():
        for host, counts in measure(case, rounds).items():
            lost = f"{counts['refused']} | {counts['reset'] + counts['timeout']}"
            print(f"| {name} | {host} | {counts['ok']} | {lost} | {counts['slowest_ms']} ms |", flush=True)
    play({"daemonic.systemd.stack": {"name": "bench", "state": "absent"}})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
