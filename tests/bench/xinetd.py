# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""xinetd.py [ROUNDS]: connections lost while a service moves from xinetd to systemd and back, as a table in Markdown.

Called by ./dev bench, which provides the containers. Four clients hammer the port of a service that answers with what it
is sent (cat), while one task moves it; the counts are summed over the rounds.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

from sockets import HOSTS, MARGIN, PORT, load, play

SERVICE = f"""service bench
{{
    type = UNLISTED
    socket_type = stream
    protocol = tcp
    port = {PORT}
    wait = no
    user = daemon
    server = /bin/cat
    cps = 100000 1
}}
"""
PREPARE = """
cat >/etc/xinetd.d/bench
systemctl enable xinetd.service
systemctl restart xinetd.service
"""
CLEAN_UP = """
rm /etc/xinetd.d/bench
systemctl disable --now xinetd.service
"""


def shell(script: str, stdin: str = "") -> None:
    play({"ansible.builtin.shell": {"cmd": script, "stdin": stdin}})


def move(state: str) -> None:
    play({"daemonic.systemd.xinetd": {"state": state, "settle": "0"}})


def measure(state: str) -> dict[str, Counter[str]]:
    clients = load()
    time.sleep(MARGIN)
    move(state)
    time.sleep(MARGIN)
    return {host: Counter(json.loads(process.communicate()[0])) for host, process in clients.items()}


def main(rounds: int) -> None:
    shell(PREPARE, SERVICE)
    sums = {(state, host): Counter[str]() for state in ("migrated", "absent") for host in HOSTS}
    for _round in range(rounds):
        for state in ("migrated", "absent"):
            for host, counts in measure(state).items():
                sums[state, host].update(counts)
    shell(CLEAN_UP)
    print(f"Four clients on each host, {rounds} moves each way; sums.\n")
    print("| move | host | answered | refused | reset |\n|---|---|---|---|---|")
    for (state, host), counts in sums.items():
        lost = f"{counts['refused']} | {counts['reset'] + counts['timeout']}"
        print(f"| {'to systemd' if state == 'migrated' else 'back to xinetd'} | {host} | {counts['ok']} | {lost} |")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
