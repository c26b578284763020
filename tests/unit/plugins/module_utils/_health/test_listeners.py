# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who listens at an address, from the kernel's tables, and whether that is the unit."""

from __future__ import annotations

import socket
import sys

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._health import listeners
from ansible_collections.daemonic.systemd.plugins.module_utils._health.diagnostics import Process
from ansible_collections.daemonic.systemd.plugins.module_utils._health.listeners import (
    stranger,
    tcp_listeners,
    unit_of,
    unix_listeners,
)

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0 100 0 0 10 0\n"
ANY, ANY6 = "00000000", "0" * 32
LOOPBACK, LOOPBACK6 = "0100007F", "00000000000000000000000001000000"
MAPPED = "0000000000000000FFFF00000100007F"
V4, V6 = socket.inet_pton(socket.AF_INET, "127.0.0.1"), socket.inet_pton(socket.AF_INET6, "::1")

little_endian = pytest.mark.skipif(sys.byteorder != "little", reason="the tables are those of a little-endian machine")


def table(*rows: tuple[str, int]) -> str:
    return HEAD + "".join(ROW.format(local=f"{address}:2328", state="0A", inode=inode) for address, inode in rows)


@little_endian
@pytest.mark.parametrize(
    ("tcp", "tcp6", "address", "inodes"),
    [
        pytest.param([(ANY, 1)], [], V4, ["1"], id="any address"),
        pytest.param([(LOOPBACK, 1)], [], V4, ["1"], id="this address"),
        pytest.param([(ANY, 1), (LOOPBACK, 2)], [], V4, ["2"], id="this address goes before any"),
        pytest.param([(ANY, 1), (ANY, 2)], [], V4, ["1", "2"], id="SO_REUSEPORT"),
        pytest.param([], [(ANY6, 3)], V4, ["3"], id="any address of both families"),
        pytest.param([], [(MAPPED, 3)], V4, ["3"], id="IPv4 in IPv6"),
        pytest.param([(ANY, 1)], [(ANY6, 3)], V4, ["1"], id="IPv4 goes before IPv6"),
        pytest.param([(ANY, 1)], [(ANY6, 3)], V6, ["3"], id="IPv6"),
        pytest.param([], [(LOOPBACK6, 4), (ANY6, 3)], V6, ["4"], id="this address of IPv6"),
        pytest.param([(ANY, 1)], [], V6, [], id="not of IPv6"),
        pytest.param([("0200007F", 1)], [], V4, [], id="another address"),
        pytest.param([(ANY, 1), (LOOPBACK, 2)], [(ANY6, 3)], b"", ["1", "2", "3"], id="whoever has the port"),
    ],
)
def test_tcp(tcp: list[tuple[str, int]], tcp6: list[tuple[str, int]], address: bytes, inodes: list[str]) -> None:
    assert tcp_listeners(table(*tcp), table(*tcp6), 9000, address) == inodes


def test_neither_connections_nor_other_ports() -> None:
    text = HEAD + ROW.format(local=f"{ANY}:2328", state="01", inode=1) + ROW.format(local=f"{ANY}:2329", state="0A", inode=2)
    assert tcp_listeners(text, "", 9000, V4) == []
    assert tcp_listeners("", "", 9000) == []


UNIX = """Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/a
0000000000000000: 00000003 00000000 00000000 0001 03 12 /run/a
0000000000000000: 00000002 00000000 00010000 0001 01 13 @a b
0000000000000000: 00000003 00000000 00000000 0001 03 14
"""


@pytest.mark.parametrize(("path", "inodes"), [("/run/a", ["11"]), ("@a b", ["13"]), ("/run/b", [])])
def test_unix(path: str, inodes: list[str]) -> None:
    assert unix_listeners(UNIX, path) == inodes


def process(pid: int, group: str, invocation: str = "") -> Process:
    return Process(pid, f"program{pid}", f"0::{group}\n", invocation)


@pytest.mark.parametrize(
    ("groups", "unit"),
    [
        ("0::/system.slice/a.service\n", "a.service"),
        ("0::/system.slice/a.service/worker\n", "a.service"),
        ("0::/system.slice/system-a.slice/a@1.service\n", "a@1.service"),
        ("12:pids:/system.slice/a.service\n1:name=systemd:/system.slice/a.service\n", "a.service"),
        ("0::/user.slice/user-0.slice/session-1.scope\n", "session-1.scope"),
        ("0::/\n", ""),
        ("0::/machine.slice/libpod-1234.scope/system.slice/a.service\n", "libpod-1234.scope"),
        ("0::/system.slice/docker.service/../a.service\n", "docker.service"),
        ("0::/../a.service\n", ""),
        ("5:cpu:/x\n1:name=systemd:/system.slice/a.service\n0::/\n", "a.service"),
        ("9:name=systemd:/\n1:cpu:/\n0::/system.slice/a.service\n", "a.service"),
        ("0::/system.slice/_memory.service\n", "memory.service"),
    ],
)
def test_unit_of(groups: str, unit: str) -> None:
    assert unit_of(Process(7, "x", groups)) == unit


NEW = process(7, "/system.slice/a.service", "new")
CHILD = process(8, "/system.slice/a.service/sub", "new")
WIPED = process(9, "/system.slice/a.service")
LEFT = process(6, "/system.slice/a.service", "old")
OTHER = process(5, "/system.slice/b.service", "b")
OF_USER = process(4, "/user.slice/user-7.slice/user@7.service/app.slice/a.service", "new")
MANAGER = process(1, "/init.scope")
MANAGER_OF_USER = process(3, "/user.slice/user-7.slice/user@7.service/init.scope")


@pytest.mark.parametrize(
    ("listeners", "sockets", "uid", "words"),
    [
        pytest.param([], (), 0, "", id="nobody is known"),
        pytest.param([[]], (), 0, "", id="nobody can be seen"),
        pytest.param([[NEW]], (), 0, "", id="the unit"),
        pytest.param([[CHILD, WIPED]], (), 0, "", id="its children"),
        pytest.param([[OTHER]], (), 0, "process 5 (program5), which is not of a.service", id="somebody else"),
        pytest.param([[NEW], [OTHER]], (), 0, "process 5 (program5), which is not of a.service", id="somebody else as well"),
        pytest.param([[NEW, OTHER]], (), 0, "", id="shared with somebody else"),
        pytest.param([[LEFT]], (), 0, "process 6 (program6), which an earlier run of a.service has left behind", id="left"),
        pytest.param([[NEW], [LEFT]], (), 0, "process 6 (program6), which an earlier run", id="left, with SO_REUSEPORT"),
        pytest.param([[MANAGER]], ("a.socket",), 0, "", id="systemd, for a socket"),
        pytest.param(
            [[MANAGER, LEFT]], ("a.socket",), 0, "process 6 (program6), which an earlier run", id="left with the socket"
        ),
        pytest.param([[MANAGER]], (), 0, "process 1 (program1), which is not of a.service", id="systemd, for somebody else"),
        pytest.param([[OF_USER]], (), 0, "process 4 (program4), which is not of a.service", id="of a user"),
        pytest.param([[OF_USER]], (), 7, "", id="of this user"),
        pytest.param([[OF_USER]], (), 8, "process 4 (program4), which is not", id="of another user"),
        pytest.param([[NEW]], (), 7, "process 7 (program7), which is not", id="of the system"),
        pytest.param([[MANAGER_OF_USER]], ("a.socket",), 7, "", id="the manager of the user"),
        pytest.param([[MANAGER]], ("a.socket",), 7, "process 1 (program1), which is not", id="another manager"),
    ],
)
def test_stranger(listeners: list[list[Process]], sockets: tuple[str, ...], uid: int, words: str) -> None:
    found = stranger(listeners, "a.service", "new", sockets, uid)
    assert found.startswith(words)
    assert bool(found) == bool(words)


def test_a_socket_that_starts_one_process_a_connection() -> None:
    assert stranger([[MANAGER]], "", "", ("a.socket",)) == ""
    assert stranger([[OTHER]], "", "", ("a.socket",)) == "process 5 (program5), which is not of a.socket"


def test_names_of_others_forge_nothing() -> None:
    assert listeners.unit_in("0::/user.slice/user-1000.slice/x\x0b0::/system.slice/shop.service\n") != "shop.service"
    assert listeners.unit_in("0::/system.slice/shop.service\n0::/user.slice/a.service\n") == "shop.service"
    rows = "Num RefCount Protocol Flags Type St Inode Path\n0: 2 0 ZZ 1 1 7 /run/a\n0: 2 0 00010000 1 1 8 /run/a\n"
    assert listeners.unix_listeners(rows, "/run/a") == ["8"]
