# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""client.py SOCKET [once]: four clients ask for / through a Unix socket, as a proxy does, until SIGTERM and once more then.

It notifies systemd once each client has asked. At the end one line of JSON reports the answers by status and by version of the
application, and what was lost.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import threading
from collections import Counter

over = threading.Event()
at_work = threading.Barrier(5)


def ask(path: str) -> tuple[str, str]:
    """(status, version), or ("lost", why)."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.settimeout(60)
            connection.connect(path)
            connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
        except OSError as error:
            return "lost", type(error).__name__
    status = re.match(r"HTTP/1\.[01] (\d+)", answer)
    version = re.search(r"version (\d+)", answer)
    return (status.group(1), version.group(1) if version else "") if status else ("lost", "no answer")


def client(path: str, counts: Counter[str]) -> None:
    ask_and_count(path, counts)
    at_work.wait()
    while not over.wait(0.05):
        ask_and_count(path, counts)
    ask_and_count(path, counts)


def ask_and_count(path: str, counts: Counter[str]) -> None:
    kind, what = ask(path)
    counts[kind] += 1
    counts[f"{'' if kind == 'lost' else 'version '}{what}"] += 1


def ready() -> None:
    """sd_notify(3)"""
    if os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])


def main(path: str, once: bool) -> None:
    counts: Counter[str] = Counter(lost=0)
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    threads = [threading.Thread(target=client, args=(path, counts)) for _number in range(4)]
    for thread in threads:
        thread.start()
    at_work.wait()
    ready()
    if once:
        over.set()
    for thread in threads:
        thread.join()
    print(json.dumps(counts), flush=True)


main(sys.argv[1], once=sys.argv[2:] == ["once"])
