# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of all scenarios ask of a host, over one ssh connection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

CLIENT = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as connection:
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


@dataclass(frozen=True)
class Record:
    """What step.yml has written down of one step.

    first, second: the results of its two runs. said: what its `finish` printed. units: name → properties. links: path
    below /etc/systemd/system → target. is_enabled: unit → what systemd says.
    """

    first: dict[str, Any]
    second: dict[str, Any]
    said: list[str]
    units: dict[str, dict[str, str]]
    links: dict[str, str]
    is_enabled: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Record:
        results, units, links, enabled = text.split("==\n")
        result, *said = results.splitlines()
        blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in units.split("\n\n") if block]
        return cls(
            first=json.loads(result)["first"],
            second=json.loads(result)["second"],
            said=said,
            units={block["Id"]: block for block in blocks},
            links=dict(line.split(" -> ") for line in links.splitlines()),
            is_enabled=dict(line.partition(" ")[::2] for line in enabled.splitlines()),
        )

    @property
    def done(self) -> list[str]:
        """What was done to units, in order."""
        actions = self.first.get("actions", [])
        return [f"{a['action']} {a['target']}" for a in actions if a["action"] in ("start", "stop", "restart", "reload")]

    @property
    def running(self) -> dict[str, str]:
        """Services that run → their InvocationID."""
        return {name: unit["InvocationID"] for name, unit in self.units.items() if unit["SubState"] == "running"}


@pytest.fixture(scope="module")
def records(host, request) -> list[Record]:
    """What each step of this scenario did; the scenario is the folder of the test."""
    text = host.check_output("cat /run/%s.steps", request.path.parent.name)
    return [Record.parse(part) for part in f"{text}\n".split("====\n") if part]
