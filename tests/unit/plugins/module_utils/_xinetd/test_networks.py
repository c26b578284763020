# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses, and what systemd must be told so that it lets in whom xinetd lets in."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.networks import networks, without
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("192.0.2.1", ["192.0.2.1/32"]),
        ("128.138.12.0", ["128.138.12.0/24"]),
        ("10.0.0.0", ["10.0.0.0/8"]),
        ("0.0.0.0", ["0.0.0.0/0"]),
        ("192.0.2.9/24", ["192.0.2.0/24"]),
        ("192.0.2.{1,7}", ["192.0.2.1/32", "192.0.2.7/32"]),
        ("192.0.{2,3}", ["192.0.2.0/24", "192.0.3.0/24"]),
        ("2001:db8::1", ["2001:db8::1/128"]),
        ("2001:db8::/46", ["2001:db8::/46"]),
        ("::", ["::/0"]),
    ],
)
def test_numbers(word: str, expected: list[str]) -> None:
    assert [str(network) for network in networks([word]) or ()] == expected


@pytest.mark.parametrize("word", ["host.example.org", ".example.org", "loopback", "192.0.2", "192.0.2.{1,}", "192.0.2.{999}"])
def test_names_have_no_equal(word: str) -> None:
    assert networks(["192.0.2.1", word]) is None


NETWORKS = st.builds(
    lambda number, length: ipaddress.ip_network((number << 24, length), strict=False), st.integers(0, 255), st.integers(1, 32)
)


@given(st.lists(NETWORKS, max_size=4), st.lists(NETWORKS, max_size=4), st.integers(0, 2**32 - 1))
def test_who_is_on_both_lists_is_not_let_in(allowed: list, denied: list, number: int) -> None:
    address = ipaddress.ip_address(number)
    is_in = any(address in network for network in without(allowed, denied))
    assert is_in == (any(address in each for each in allowed) and not any(address in each for each in denied))
