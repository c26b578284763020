# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers one datagram, and ends."""

import socket

endpoint = socket.socket(fileno=0)
data, peer = endpoint.recvfrom(1024)
endpoint.sendto(data.upper(), peer)
