# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and networks of only_from, no_access and bind."""

from __future__ import annotations

import ipaddress
import re
from typing import Iterable, Sequence, Union

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


def networks(words: Iterable[str]) -> list[Network] | None:
    """None where a word is a name: systemd takes numbers alone."""
    found: list[Network] = []
    for word in words:
        some = _networks(word)
        if some is None:
            return None
        found += some
    return found


def _networks(word: str) -> list[Network] | None:
    try:
        if "/" in word:
            return [ipaddress.ip_network(word, strict=False)]
        address = ipaddress.ip_address(word)
    except ValueError:
        return _factorized(word)
    if isinstance(address, ipaddress.IPv6Address):
        return [ipaddress.ip_network(f"{word}/{128 if int(address) else 0}")]
    return [_with_wildcards(word.split("."))]


def _with_wildcards(parts: Sequence[str]) -> Network:
    """Zeros on the right stand for everything: 192.0.2.0 is a network, 0.0.0.0 all addresses."""
    count = len(parts)
    while count and int(parts[count - 1]) == 0:
        count -= 1
    return ipaddress.ip_network(f"{'.'.join(parts)}/{8 * count}")


def _factorized(word: str) -> list[Network] | None:
    """192.0.{2,3} are two networks, 192.0.2.{1,7} two addresses."""
    match = re.fullmatch(r"((?:[0-9]{1,3}\.){1,3})\{([0-9]{1,3}(?:,[0-9]{1,3})*)\}", word)
    if not match:
        return None
    before, last = match.group(1).rstrip(".").split("."), match.group(2).split(",")
    try:
        return [ipaddress.ip_network(_filled([*before, part])) for part in last]
    except ValueError:
        return None


def _filled(parts: Sequence[str]) -> str:
    return f"{'.'.join([*parts, *['0'] * (4 - len(parts))])}/{8 * len(parts)}"


def without(allowed: Sequence[Network], denied: Sequence[Network]) -> list[Network]:
    """The parts of `allowed` that are not denied: for xinetd no_access always wins, for systemd IPAddressAllow= does."""
    found = list(allowed)
    for gone in denied:
        found = [part for network in found for part in _cut(network, gone)]
    return found


def _cut(network: Network, gone: Network) -> list[Network]:
    if network.version != gone.version or not network.overlaps(gone):
        return [network]
    if network.prefixlen >= gone.prefixlen:  # all of it
        return []
    return sorted(network.address_exclude(gone))  # type: ignore[arg-type]


def is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def is_assigned_later(word: str) -> bool:
    """Of an address that no interface may have yet when sockets are opened at boot."""
    address = ipaddress.ip_address(word)
    return not (address.is_loopback or address.is_unspecified)
