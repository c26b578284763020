# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""clients.py PORT…: two clients at each port talk without pause, and one holds a conversation with the last, until SIGTERM.

Then one line of JSON: port → conversations that were answered and lost; held: whether the long one was answered to its end.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading

over = threading.Event()


def converse(connection: socket.socket) -> bool:
    connection.sendall(b"ping")
    return connection.recv(4) == b"ping"


def client(port: int, counts: dict[str, int]) -> None:
    while not over.is_set():
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as connection:
                outcome = "answered" if converse(connection) else "lost"
        except OSError:
            outcome = "lost"
        counts[outcome] += 1
        over.wait(0.02)


def main(ports: list[int]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    held = socket.create_connection(("127.0.0.1", ports[-1]), 10)
    converse(held)
    counts = {port: {"answered": 0, "lost": 0} for port in ports}
    threads = [threading.Thread(target=client, args=(port, counts[port])) for port in (*ports, *ports)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({**counts, "held": converse(held)}), flush=True)


main([int(port) for port in sys.argv[1:]])
