# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients get of the services, as JSON."""

import json
import socket

TCP = {"login": (7101, b"anna\n"), "waiting": (7102, b""), "stays": (7104, b"anna\n"), "picky": (7105, b"")}


def stream(port, text):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(999), b"")).decode()
    except OSError as error:
        return type(error).__name__


def datagram(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        endpoint.settimeout(30)
        endpoint.connect(("127.0.0.1", port))
        try:
            endpoint.send(b"anna")
            return endpoint.recv(999).decode()
        except OSError as error:
            return type(error).__name__


print(json.dumps({**{name: stream(*each) for name, each in TCP.items()}, "datagram": datagram(7103)}))
