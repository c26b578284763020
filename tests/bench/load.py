# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""load.py PORT: four clients that connect, send, read and close until standard input ends; what was lost, as JSON.

Runs on the managed node with its own Python, and talks to 127.0.0.1 alone.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import Counter

CLIENTS = 4
TIMEOUT = 10.0  # seconds
AT_MOST = 60.0  # seconds, whatever standard input does


def converse(port: int) -> str:
    """One conversation: "ok", or how it was lost."""
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as client:
            client.sendall(b"ping")
            return "ok" if client.recv(4) == b"ping" else "reset"
    except ConnectionRefusedError:
        return "refused"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"
    except socket.timeout:
        return "timeout"


def client(port: int, over: threading.Event, counts: Counter[str], slowest: list[float]) -> None:
    until = time.monotonic() + AT_MOST
    while not over.is_set() and time.monotonic() < until:
        start = time.monotonic()
        outcome = converse(port)
        counts[outcome] += 1
        if outcome == "ok":
            slowest.append(time.monotonic() - start)
            slowest[:] = [max(slowest)]
        else:
            time.sleep(0.002)  # a refusal answers at once: count moments, not tries


def main(port: int) -> None:
    over = threading.Event()
    counts: Counter[str] = Counter(ok=0, refused=0, reset=0, timeout=0)
    slowest: list[float] = [0.0]
    threads = [threading.Thread(target=client, args=(port, over, counts, slowest)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps({**counts, "slowest_ms": round(1000 * slowest[0])}))


main(int(sys.argv[1]))
