# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of its own (wait = yes): is given the listening socket, serves whoever comes, and ends after a moment of rest."""

import socket

listener = socket.socket(fileno=0)
listener.settimeout(0.5)
try:
    while True:
        connection, _peer = listener.accept()
        connection.sendall(b"waited for\n")
        connection.close()
except socket.timeout:
    pass
