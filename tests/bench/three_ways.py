# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""three_ways.py ROUNDS: measure the echo servers of examples/echo_three_ways.yml in turn; the medians, as JSON.

Runs on the managed node with its own Python, and talks to 127.0.0.1 alone. Each round does the same with each way, so that
what else the machine does falls on all of them.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from statistics import median

# Way → port and service; with accept each connection has one of its own.
WAYS = {
    "standalone": (9001, "echo_standalone.service"),
    "activated": (9002, "echo_activated.service"),
    "inetd": (9003, "echo_inetd@*.service"),
}
CONVERSATIONS = 30


def systemctl(*words: str) -> str:
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=True).stdout


def converse(port: int) -> float:
    """From connecting to the answer, in ms."""
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"ping")
        if client.recv(4) != b"ping":
            sys.exit(f"no echo at port {port}")
        return 1000 * (time.perf_counter() - start)


def first_answer(way: str) -> float:
    """From nothing to the first answer, in ms; what stands alone is started, and asked until it listens."""
    port, service = WAYS[way]
    systemctl("stop", service)
    start = time.perf_counter()
    if way == "standalone":
        systemctl("start", "--no-block", service)
    while True:
        try:
            converse(port)
            return 1000 * (time.perf_counter() - start)
        except ConnectionRefusedError:
            time.sleep(0.001)


def memory(way: str) -> float:
    """The proportional share of its processes, in MiB."""
    shown = systemctl("show", "--property=MainPID", "--value", WAYS[way][1]).split()
    total = 0
    for process in (each for each in shown if each != "0"):
        with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as stream:
            total += sum(int(line.split()[1]) for line in stream if line.startswith("Pss:"))
    return total / 1024


def measured(way: str) -> dict[str, float]:
    port, service = WAYS[way]
    if way == "activated":
        systemctl("stop", service)
    time.sleep(0.2)  # the last process of a connection ends
    idle = memory(way)
    start = first_answer(way)
    answers = [converse(port) for _turn in range(CONVERSATIONS)]
    time.sleep(0.2)
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"ping")
        client.recv(4)
        served = memory(way)
    return {"idle": idle, "start": start, "served": served, "answer": median(answers), "slowest": max(answers)}


def main(rounds: int) -> None:
    os.environ["LC_ALL"] = "C"
    found = [{way: measured(way) for way in WAYS} for _turn in range(rounds)]
    print(json.dumps({way: {key: median(each[way][key] for each in found) for key in found[0][way]} for way in WAYS}))


main(int(sys.argv[1]))
