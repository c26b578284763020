# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session that goes on during the switch, and four clients that come and go; how it went, as JSON, in /run/xi.load.

load.py PORT, until /run/xi.stop exists. When the session has begun, /run/xi.busy exists.
"""

import json
import pathlib
import socket
import sys
import threading

STOP = pathlib.Path("/run/xi.stop")
PORT = int(sys.argv[1])
counts = {"answered": 0, "refused": 0, "reset": 0}
lock = threading.Lock()


def talk():
    try:
        with socket.create_connection(("127.0.0.1", PORT), timeout=60) as connection:
            return "answered" if connection.recv(1) else "reset"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "reset"


def client():
    while not STOP.exists():
        outcome = talk()
        with lock:
            counts[outcome] += 1
        STOP.exists() or threading.Event().wait(0.02)


session = socket.create_connection(("127.0.0.1", PORT), timeout=60)
session.recv(100)
pathlib.Path("/run/xi.busy").touch()
threads = [threading.Thread(target=client) for _round in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
session.sendall(b"still here\n")
counts["session"] = session.recv(100).decode()
pathlib.Path("/run/xi.load").write_text(json.dumps(counts))
