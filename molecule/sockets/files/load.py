# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Four clients that connect to a TCP port over and over until /run/sockets.stop exists; then how it went, as JSON.

load.py PORT. lost: connections that were refused, reset or not answered. /run/sockets.busy exists from the first answer on.
"""

import json
import pathlib
import socket
import sys
import threading

STOP = pathlib.Path("/run/sockets.stop")
BUSY = pathlib.Path("/run/sockets.busy")
counts = {"answered": 0, "lost": 0}
lock = threading.Lock()


def talk(port):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"hello")
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(99), b"")) == b"hello"


def client(port):
    while not STOP.exists():
        try:
            outcome = "answered" if talk(port) else "lost"
        except OSError:
            outcome = "lost"
        with lock:
            counts[outcome] += 1
        if outcome == "answered":
            BUSY.touch()


threads = [threading.Thread(target=client, args=(int(sys.argv[1]),)) for _round in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
pathlib.Path("/run/sockets.load").write_text(json.dumps(counts))
