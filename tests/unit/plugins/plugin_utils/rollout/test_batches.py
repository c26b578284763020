# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batches are those of Ansible's own serial."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.batches import Place, place_of, sizes


@pytest.mark.parametrize(
    ("total", "batches", "expected"),
    [
        pytest.param(12, ["1", "10%", "50%"], [1, 1, 6, 4], id="twelve hosts by default"),
        pytest.param(100, ["1", "10%", "50%"], [1, 10, 50, 39], id="a hundred hosts by default"),
        pytest.param(3, ["1", "10%", "50%"], [1, 1, 1], id="a share is at least one host"),
        pytest.param(1, ["50%"], [1], id="one host"),
        pytest.param(10, ["4"], [4, 4, 2], id="the last entry again until all are done"),
        pytest.param(5, ["100%"], [5], id="all at once"),
        pytest.param(5, ["10"], [5], id="more than there are"),
        pytest.param(7, ["29%"], [2, 2, 2, 1], id="shares are rounded down"),
        pytest.param(0, ["1"], [], id="no host"),
    ],
)
def test_sizes(total: int, batches: list[str], expected: list[int]) -> None:
    assert sizes(total, batches) == expected


def test_they_are_those_of_ansible() -> None:
    from ansible.utils.helpers import pct_to_int

    for total in range(1, 120):
        for share in range(1, 101):
            assert sizes(total, [f"{share}%"])[0] == min(pct_to_int(f"{share}%", total), total)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        pytest.param(0, Place(1, 4, 0, 1), id="canary"),
        pytest.param(1, Place(2, 4, 1, 1), id="second"),
        pytest.param(2, Place(3, 4, 2, 6), id="third begins"),
        pytest.param(7, Place(3, 4, 2, 6), id="third ends"),
        pytest.param(8, Place(4, 4, 8, 4), id="last"),
    ],
)
def test_place(index: int, expected: Place) -> None:
    assert place_of(index, 12, ["1", "10%", "50%"]) == expected
