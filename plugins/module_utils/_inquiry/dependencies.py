# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relations between units → trees: what a unit pulls in, and what pulls it in.

Pulling in is what `systemctl list-dependencies` follows; ordering (After=) and conflicts are not. Each unit has its own
relations in the answer besides, of every kind.
"""

from __future__ import annotations

from typing import Any, Mapping

from .._unitfile.quoting import split_shown
from .properties import PULLED_IN_BY, PULLS_IN
from .unit_properties import Shown


def dependencies(unit: str, shown: Mapping[str, Shown], depth: int) -> list[dict[str, Any]]:
    return _tree(unit, PULLS_IN, shown, depth, {unit})


def dependents(unit: str, shown: Mapping[str, Shown], depth: int) -> list[dict[str, Any]]:
    return _tree(unit, PULLED_IN_BY, shown, depth, {unit})


def _tree(unit: str, kinds: Mapping[str, str], shown: Mapping[str, Shown], depth: int, seen: set[str]) -> list[dict[str, Any]]:
    """seen: the units whose own dependencies stand in this tree already, so that it ends, whatever cycles there are."""
    found: dict[str, list[str]] = {}
    for kind, property_ in kinds.items():
        for other in split_shown(shown.get(unit, {}).get(property_, "")):
            found.setdefault(other, []).append(kind)
    fresh = set(found) - seen if depth > 1 else set()
    seen |= fresh
    return [
        {
            "unit": other,
            "relations": found[other],
            "active_state": shown.get(other, {}).get("ActiveState"),
            "expanded": other in fresh,
            "units": _tree(other, kinds, shown, depth - 1, seen) if other in fresh else [],
        }
        for other in sorted(found)
    ]
