# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""program.py TYPE END: a daemon of each Type= of systemd.service(5) that comes to an end of the given kind."""

import os
import socket
import subprocess
import sys
import time

kind, end = sys.argv[1:]
if end == "raises":
    raise RuntimeError("no database")
if end == "never":
    time.sleep(99)
if kind == "notify":
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
if kind == "forking":
    if os.fork():
        os._exit(0)
    while subprocess.run(["systemctl", "is-active", "--quiet", f"start_failures_{end}_forking"], check=False).returncode:
        time.sleep(0.05)  # until systemd knows this process as the main one
time.sleep(0.5 if end == "dies" else 99)
sys.exit("lost it")
