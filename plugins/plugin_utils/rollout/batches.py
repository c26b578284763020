# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Ansible divides the hosts of a play by its keyword serial; said here so that a run can tell where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence


def sizes(total: int, batches: Sequence[str]) -> list[int]:
    """The sizes of all batches. A share is one of all hosts and at least one host; the last entry counts until all are done."""
    found: list[int] = []
    left = total
    while left > 0:
        entry = batches[min(len(found), len(batches) - 1)]
        wanted = int(int(entry[:-1]) / 100.0 * total) or 1 if entry.endswith("%") else int(entry)
        found.append(min(wanted, left))
        left -= found[-1]
    return found


@dataclass(frozen=True)
class Place:
    """number: of the batch, from 1. before: hosts in the batches before it."""

    number: int
    of: int
    before: int
    size: int


def place_of(index: int, total: int, batches: Sequence[str]) -> Place:
    """Where the host with this index is, counted from 0 over all hosts of the play."""
    found = sizes(total, batches)
    before = 0
    for number, size in enumerate(found, 1):
        if index < before + size:
            return Place(number, len(found), before, size)
        before += size
    raise IndexError(index)
