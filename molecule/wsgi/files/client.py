# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""client.py SOCKET: four clients ask for / through a Unix socket, as a proxy does, until SIGTERM.

Then one line of JSON tells what they got: answers by status, those by version of the application, and what was lost.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
import threading
from collections import Counter

over = threading.Event()


def ask(path: str) -> tuple[str, str]:
    """(status, version), or ("lost", why)."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.settimeout(20)
            connection.connect(path)
            connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
        except OSError as error:
            return "lost", type(error).__name__
    status = re.match(r"HTTP/1\.[01] (\d+)", answer)
    version = re.search(r"version (\d+)", answer)
    return (status.group(1), version.group(1) if version else "") if status else ("lost", "no answer")


def client(path: str, counts: Counter[str]) -> None:
    while not over.is_set():
        kind, what = ask(path)
        counts[kind] += 1
        counts[f"{'' if kind == 'lost' else 'version '}{what}"] += 1
        over.wait(0.05)


def main(path: str) -> None:
    counts: Counter[str] = Counter(lost=0)
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    threads = [threading.Thread(target=client, args=(path, counts)) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(counts), flush=True)


main(sys.argv[1])
