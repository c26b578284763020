# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a service listens."""

from __future__ import annotations

from . import attribute_values, networks
from .attribute_table import STAYS
from .service_draft import Listener, ServiceDraft

_PROTOCOLS = {"stream": ("tcp", "sctp"), "dgram": ("udp", "udplite")}


def listen(draft: ServiceDraft) -> None:
    kind, protocol = _kind_and_protocol(draft)
    port = _port(draft, protocol)
    address = _address(draft)
    if not (kind and port) or address is None:
        return
    only_4 = draft.service.has("flags", "IPv4") and not address
    draft.done.listener = Listener(protocol, address, port, only_4)
    key = "ListenStream" if kind == "stream" else "ListenDatagram"
    draft.socket[key] = draft.listener.directive
    for name in ("socket_type", "protocol", "port", "bind", "type"):
        draft.became(name, "socket", "Socket", key)
    if protocol in ("sctp", "udplite"):
        draft.socket["SocketProtocol"] = protocol
    if address and networks.is_assigned_later(address):  # sockets are opened before the network is there
        draft.socket["FreeBind"] = True
    if draft.has("v6only"):
        draft.socket["BindIPv6Only"] = "ipv6-only" if draft.flag("v6only") else "both"
        draft.became("v6only", "socket", "Socket", "BindIPv6Only")
    elif draft.service.has("flags", "IPv6"):
        draft.socket["BindIPv6Only"] = "both"
    for word, directive in (("KEEPALIVE", "KeepAlive"), ("NODELAY", "NoDelay"), ("LABELED", "SELinuxContextFromNet")):
        if draft.service.has("flags", word):
            draft.socket[directive] = True
            draft.became("flags", "socket", "Socket", directive)
    draft.became("flags", "socket", "Socket", key)


def _kind_and_protocol(draft: ServiceDraft) -> tuple[str, str]:
    kind = draft.value("socket_type") if draft.has("socket_type") else ""
    protocol = draft.value("protocol") if draft.has("protocol") else ""
    kind = kind or next((each for each, known in _PROTOCOLS.items() if protocol in known), "")
    protocol = protocol or _PROTOCOLS.get(kind, ("",))[0]
    if protocol not in _PROTOCOLS.get(kind, ()):
        draft.tell(
            draft.service.given["protocol"], protocol, STAYS,
            f"systemd opens no {kind or 'such'} sockets of {protocol}.", "Start the server by a service.",
        )  # fmt: skip
        return "", ""
    return kind, protocol


def _port(draft: ServiceDraft, protocol: str) -> int:
    """xinetd takes that of /etc/services, with which one that is given must agree."""
    service = draft.service
    given = draft.read("port", attribute_values.port) if draft.has("port") else 0
    if service.has("type", "UNLISTED") or given is None or not protocol:
        return given or 0
    listed = draft.ports.get(f"{service.name}/{protocol}", 0)
    if not listed:
        problem = f"{service.name}/{protocol} is not in /etc/services, so that xinetd does not serve it"
        draft.problems.add(str(service.place), service.id, problem, "Add type = UNLISTED and a port, or disable = yes.")
    elif given and given != listed:
        problem = f"is not that of {service.name} in /etc/services, {listed}, so that xinetd does not serve it"
        draft.problem(service.given["port"], problem, "Take port away, or add type = UNLISTED.")
    return listed


def _address(draft: ServiceDraft) -> str | None:
    """ "" for all; None for a name, whose address is another one tomorrow."""
    if draft.has("bind") and not networks.is_address(draft.value("bind")):
        draft.tell(
            draft.service.given["bind"], draft.value("bind"), STAYS, "systemd takes no names of hosts.", "Write its address."
        )
        return None
    if draft.has("bind"):
        return draft.value("bind")
    return "::" if draft.service.has("flags", "IPv6") else ""
