# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spelling suggestions for error messages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None. The same answer in whatever order `known` comes.

    A word that differs only in case wins; else at most one edit in three characters, and three in all.
    """
    candidates = sorted(set(known) - {word})
    for candidate in candidates:
        if candidate.lower() == word.lower():
            return candidate
    limit = min(3, max(1, len(word) // 3))
    best: tuple[int, int, str] | None = None
    for candidate in candidates:
        # One letter replaced by another is no likeness.
        if abs(len(candidate) - len(word)) > limit or min(len(candidate), len(word)) < 2:
            continue
        distance = edit_distance(word.lower(), candidate.lower())
        rank = (distance, -_common_prefix(word.lower(), candidate.lower()), candidate)
        if distance <= limit and (best is None or rank < best):
            best = rank
    return best[2] if best else None


def edit_distance(one: str, other: str) -> int:
    """Letters to insert, drop, replace or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (left != right))
            swapped = row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right
            current.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, last = last, current
    return last[-1]


def _common_prefix(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other):
        if left != right:
            break
        length += 1
    return length
