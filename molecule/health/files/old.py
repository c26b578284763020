# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""old.py PORT WHAT: a server whose old process goes on answering.

serve: it accepts. fork: a child of it accepts, and stays when it is stopped. sleep: it runs and never listens.
"""

import os
import socket
import sys
import time

port, what = int(sys.argv[1]), sys.argv[2]
if what == "sleep":
    time.sleep(999)
if what == "fork" and os.fork():
    time.sleep(999)
with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    while True:
        listener.accept()[0].close()
