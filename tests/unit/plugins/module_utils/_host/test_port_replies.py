# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client meets at a port."""

from __future__ import annotations

import socket
import threading
from typing import Callable, Iterator

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._health.port_replies import REFUSED, SILENT, SPEAKS, WAITS
from ansible_collections.daemonic.systemd.plugins.module_utils._host.xinetd.port_replies import replies


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (lambda connection: connection.sendall(b"x"), SPEAKS),
        (lambda connection: connection.fileno(), SILENT),
        (lambda connection: connection.recv(1), WAITS),
    ],
)
def test_replies(listener: socket.socket, serve: Callable[[socket.socket], None], expected: str) -> None:
    def accept() -> None:
        with listener.accept()[0] as connection:
            serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    address = listener.getsockname()
    assert replies({"a": address}, {"a": 0.3}) == {"a": expected}
    thread.join()


def test_nobody_listens(listener: socket.socket) -> None:
    address = listener.getsockname()
    listener.close()
    assert replies({"a": address}, {"a": 0.3}) == {"a": REFUSED}
