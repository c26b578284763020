# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who listens at an address: the kernel's tables as values, and whether the process that answers is the unit's own."""

from __future__ import annotations

import re
import struct
from typing import Iterable, Sequence

from .._text import lines_in
from .diagnostics import Process

_LISTEN = "0A"  # TCP_LISTEN
_UNCONNECTED = "07"  # TCP_CLOSE, which is what a UDP socket without a peer has
_ACCEPTS = 0x10000  # __SO_ACCEPTCON, unix(7) has the columns of /proc/net/unix
_V4_IN_V6 = b"\0" * 10 + b"\xff\xff"
_UNIT = re.compile(r"[^/]+\.(?:service|scope|socket|mount|swap)")


def tcp_listeners(tcp: str, tcp6: str, port: int, address: bytes = b"") -> list[str]:
    """The inodes of the sockets that a connection to this port reaches. tcp, tcp6: the text of /proc/net/tcp and tcp6.

    address: in network byte order. Those that the kernel prefers hide the others: an exact address goes before any
    address, and for IPv4 a socket of IPv4 before one of IPv6. Without an address: all.
    """
    found = {family: _listening(text, f":{port:04X}") for family, text in ((4, tcp), (6, tcp6))}
    if not address:
        return [inode for each in found.values() for _local, inode in each]
    ways = [(6, address)] if len(address) == 16 else [(4, address), (4, b"\0" * 4), (6, _V4_IN_V6 + address)]
    for family, wanted in (*ways, (6, b"\0" * 16)):
        inodes = [inode for local, inode in found[family] if local == _as_printed(wanted)]
        if inodes:
            return inodes
    return []


def bound(text: str, port: int) -> list[str]:
    """The inodes of what listens at a port, or waits for datagrams there. text: /proc/net/tcp, tcp6, udp or udp6."""
    return [inode for state in (_LISTEN, _UNCONNECTED) for _local, inode in _listening(text, f":{port:04X}", state)]


def _listening(text: str, port: str, state: str = _LISTEN) -> list[tuple[str, str]]:
    """(address as it is printed, inode)"""
    rows = [line.split() for line in lines_in(text)[1:]]
    return [(row[1][: -len(port)], row[9]) for row in rows if len(row) > 9 and row[3] == state and row[1].endswith(port)]


def _as_printed(address: bytes) -> str:
    """proc(5): words of four bytes, each as a number of this machine."""
    return "".join("%08X" % word for word in struct.unpack("=%dI" % (len(address) // 4), address))


def unix_listeners(text: str, path: str) -> list[str]:
    """The same for a Unix socket: its path, or its abstract name after "@". text: /proc/net/unix."""
    rows = [line.split(None, 7) for line in lines_in(text)[1:]]
    return [row[6] for row in rows if len(row) == 8 and row[7] == path and _flags(row[3]) & _ACCEPTS]


def _flags(text: str) -> int:
    """An abstract name may hold a line break, and so bring rows of its own."""
    try:
        return int(text, 16)
    except ValueError:
        return 0


def unit_of(process: Process) -> str:
    """The unit of the system in whose control group a process is; "" where it cannot be told."""
    return unit_in(process.groups)


def unit_in(groups: str) -> str:
    """As systemd reads it: below the slices, the first name is that of the unit. What lies deeper is the unit's own affair,
    such as a container, whose units may have the same names. groups: the text of /proc/PID/cgroup.
    """
    return _first_unit(_way(groups))


def stranger(
    listeners: Iterable[Sequence[Process]], service: str, invocation: str, sockets: Sequence[str] = (), uid: int = 0
) -> str:
    """Who else answers than the unit, as a clause; "" if nobody does, or nobody can tell.

    listeners: of each, the processes that hold it. A process of the service that belongs to another invocation was left
    behind by an earlier run. The manager holds the listeners of sockets. uid: of the user whose manager it is, 0 for
    the system's.
    """
    for holders in listeners:
        own = [process for process in holders if _is_of(process, service, uid)]
        for process in own:
            if invocation and process.invocation and process.invocation != invocation:
                return f"{process}, which an earlier run of {service} has left behind"
        if holders and not own and not (sockets and any(_is_manager(process, uid) for process in holders)):
            return f"{holders[0]}, which is not of {service or sockets[0]}"
    return ""


def _is_of(process: Process, service: str, uid: int) -> bool:
    way = _way(process.groups)
    manager = f"user@{uid}.service"
    if not uid:
        return _first_unit(way) == service
    return _first_unit(way) == manager and _first_unit(way[way.index(manager) + 1 :]) == service


def _is_manager(process: Process, uid: int) -> bool:
    return f"/user@{uid}.service/init.scope" in process.groups if uid else process.pid == 1


def _first_unit(way: Sequence[str]) -> str:
    """systemd puts "_" before a name that the kernel has a meaning for."""
    name = next((part for part in way if not part.endswith(".slice")), "").lstrip("_")
    return name if _UNIT.fullmatch(name) else ""


def _way(groups: str) -> list[str]:
    """The names along the way of its control group: in the unified hierarchy, or in systemd's own where that is not used."""
    paths: dict[str, str] = {}
    for line in lines_in(groups):
        if line.count(":") >= 2:
            _number, controllers, path = line.split(":", 2)
            paths.setdefault(controllers, path)
    unified = paths.get("", "/")
    return [part for part in (paths.get("name=systemd", "") if unified == "/" else unified).split("/") if part]
