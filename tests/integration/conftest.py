# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of all scenarios ask of a host, over one ssh connection."""

from __future__ import annotations

import pytest

CLIENT = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as connection:
    connection.sendall(sys.argv[2].encode())
    connection.shutdown(socket.SHUT_WR)
    print(b"".join(iter(lambda: connection.recv(4096), b"")).decode(), end="")
"""


class Systemd:
    """A host's systemd, asked from outside: without the collection's own code."""

    def __init__(self, host) -> None:
        self._host = host

    def show(self, unit: str, prop: str) -> str:
        return self._host.check_output("systemctl show --property=%s --value -- %s", prop, unit)

    def environment(self, unit: str) -> dict[str, str]:
        """What the unit's main process carries."""
        data = self._host.check_output("tr '\\0' '\\n' < /proc/%s/environ", self.show(unit, "MainPID"))
        return dict(line.split("=", 1) for line in data.splitlines())

    def command_line(self, unit: str) -> str:
        return self._host.check_output("tr '\\0' ' ' < /proc/%s/cmdline", self.show(unit, "MainPID")).strip()

    def talk(self, port: int, text: str) -> str:
        """What the server on this port answers."""
        return self._host.check_output("python3 -c %s %s %s", CLIENT, str(port), text)


@pytest.fixture
def systemd(host) -> Systemd:
    return Systemd(host)
