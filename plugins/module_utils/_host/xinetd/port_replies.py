# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connects to ports of this host and listens what comes, to compare it before and after a service gives way."""

from __future__ import annotations

import socket
import threading
from typing import Mapping

from ..._health.port_replies import REFUSED, SILENT, SPEAKS, WAITS

_TO_CONNECT = 2.0  # seconds


def replies(addresses: Mapping[str, tuple[str, int]], spans: Mapping[str, float]) -> dict[str, str]:
    """Unit → (address, port), and how long it is listened to, as unit → what was met there. All are asked at once."""
    found: dict[str, str] = {}
    threads = [threading.Thread(target=_ask, args=(unit, addresses[unit], span, found)) for unit, span in spans.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _ask(unit: str, at: tuple[str, int], span: float, found: dict[str, str]) -> None:
    try:
        with socket.create_connection(at, timeout=_TO_CONNECT) as connection:
            connection.settimeout(span)
            try:
                found[unit] = SPEAKS if connection.recv(1) else SILENT
            except socket.timeout:
                found[unit] = WAITS
            except OSError:
                found[unit] = SILENT
    except OSError:
        found[unit] = REFUSED
