# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a stack and how they depend on each other → a picture: boxes in columns, and arrows from left to right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

BOX_HEIGHT, ROW_GAP, COLUMN_GAP, MARGIN = 46, 22, 84, 8
NARROWEST, WIDEST, CHARACTER, PADDING = 172, 290, 7.6, 28
_SWEEPS = 6

# Relation → how it is drawn. Between two units one arrow stands for all, the first of these that there is.
KINDS = {
    "triggers": "triggers",
    "requires": "requires",
    "binds_to": "requires",
    "requisite": "requires",
    "wants": "wants",
    "upholds": "wants",
    "part_of": "wants",
    "on_failure": "triggers",
    "on_success": "triggers",
    "after": "after",
    "conflicts": "conflicts",
}
REVERSED = ("part_of",)  # drawn from the whole to its part, as what wants it is


@dataclass(frozen=True)
class Arrow:
    """From source to target. relations: all between the two, in words, for who wants to know more."""

    source: str
    target: str
    kind: str
    relations: tuple[str, ...]


def pictures(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each different make of a stack once, with the hosts that have it. rows: units of a report."""
    stacks: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        stacks.setdefault((row["stack"], row["host"]), {})[row["unit"]] = row["relations"]
    alike: dict[Any, list[str]] = {}
    for (stack, host), units in stacks.items():
        drawn = tuple((arrow.source, arrow.target, arrow.kind) for arrow in _arrows(units))
        alike.setdefault((stack, tuple(sorted(units)), drawn), []).append(host)
    ordered = sorted(alike.items(), key=lambda item: (item[0][0], -len(item[1])))
    return [{"stack": key[0], "hosts": hosts, **picture(stacks[key[0], hosts[0]])} for key, hosts in ordered]


def picture(units: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, Any]:
    """units: name → relation → names. Returns width, height, boxes and arrows, whose points are those of a smooth curve."""
    arrows = _arrows(units)
    tied = {name for arrow in arrows for name in (arrow.source, arrow.target)}
    columns, ways = _layers(sorted(tied), arrows)
    boxes, passed, width, height = _placed(columns)
    alone = sorted(set(units) - tied)
    more, width, height = _grid(alone, width, height)
    boxes.update(more)
    return {
        "width": width,
        "height": height,
        "boxes": [{"unit": unit, **box} for unit, box in sorted(boxes.items())],
        "arrows": [
            {
                "source": arrow.source,
                "target": arrow.target,
                "kind": arrow.kind,
                "relations": list(arrow.relations),
                "points": _points(boxes[arrow.source], boxes[arrow.target], [passed[each] for each in ways[arrow]]),
            }
            for arrow in arrows
        ],
    }


def _arrows(units: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Arrow]:
    pairs: dict[tuple[str, str], list[tuple[int, str, str, str]]] = {}
    order = list(KINDS)
    for unit, relations in units.items():
        for relation, others in relations.items():
            for other in others:
                if other in units and other != unit and relation in KINDS:
                    key = (unit, other) if unit < other else (other, unit)
                    pairs.setdefault(key, []).append((order.index(relation), unit, other, relation))
    found = []
    for each in pairs.values():
        _rank, unit, other, relation = min(each)
        source, target = (other, unit) if relation in REVERSED else (unit, other)
        words = [f"{a} {name.replace('_', ' ')} {b}" for _rank, a, b, name in sorted(each)]
        found.append(Arrow(source, target, KINDS[relation], tuple(words)))
    return sorted(found, key=lambda arrow: (arrow.source, arrow.target))


# Columns


def _layers(names: Sequence[str], arrows: Sequence[Arrow]) -> tuple[list[list[str]], dict[Arrow, list[str]]]:
    """The columns from left to right, and the places in columns between its ends that each arrow passes."""
    forward = _without_circles(names, arrows)
    rank = _ranks(names, forward)
    columns: list[list[str]] = [[] for _rank in range(max(rank.values(), default=-1) + 1)]
    for name in names:
        columns[rank[name]].append(name)
    links: list[tuple[str, str]] = []
    ways: dict[Arrow, list[str]] = {}
    for number, arrow in enumerate(arrows):
        first, last = sorted((arrow.source, arrow.target), key=lambda name: rank[name])
        between = [f"\0{number} {column}" for column in range(rank[first] + 1, rank[last])]
        for place, column in zip(between, range(rank[first] + 1, rank[last])):
            columns[column].append(place)
        chain = [first, *between, last]
        links += list(zip(chain, chain[1:]))
        ways[arrow] = between if first == arrow.source else between[::-1]
    return _untangled(columns, links), ways


def _without_circles(names: Sequence[str], arrows: Sequence[Arrow]) -> list[tuple[str, str]]:
    """Each arrow as (left, right): one that would close a cycle is turned round."""
    targets: dict[str, list[str]] = {name: [] for name in names}
    for arrow in arrows:
        targets[arrow.source].append(arrow.target)
    forward: list[tuple[str, str]] = []
    done: set[str] = set()
    for start in names:
        path, waiting = {start: None}, [(start, iter(targets[start]))]
        if start in done:
            continue
        while waiting:
            name, rest = waiting[-1]
            target = next(rest, None)
            if target is None:
                waiting.pop()
                path.pop(name, None)
                done.add(name)
                continue
            forward.append((target, name) if target in path else (name, target))
            if target not in done and target not in path:
                path[target] = None
                waiting.append((target, iter(targets[target])))
    return forward


def _ranks(names: Sequence[str], forward: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of each: right of all that lead to it; then as near as can be to what it leads to."""
    rank = dict.fromkeys(names, 0)
    for _pass in names:
        moved = False
        for left, right in forward:
            if rank[right] <= rank[left]:
                rank[right] = rank[left] + 1
                moved = True
        if not moved:
            break
    entered = {right for _left, right in forward}
    for name in names:
        following = [rank[right] for left, right in forward if left == name]
        if following and name not in entered:
            rank[name] = min(following) - 1
    return rank


def _untangled(columns: list[list[str]], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Each in the middle of its neighbours, column by column, to and fro: few arrows cross then."""
    neighbours: dict[str, list[str]] = {}
    for left, right in links:
        neighbours.setdefault(left, []).append(right)
        neighbours.setdefault(right, []).append(left)
    for sweep in range(_SWEEPS):
        order = range(1, len(columns)) if sweep % 2 == 0 else range(len(columns) - 2, -1, -1)
        for number in order:
            beside = columns[number - 1 if sweep % 2 == 0 else number + 1]
            place = {name: position for position, name in enumerate(beside)}

            def middle(name: str, column: list[str] = columns[number], place: dict[str, int] = place) -> float:
                found = [place[each] for each in neighbours.get(name, ()) if each in place]
                return sum(found) / len(found) if found else column.index(name)

            columns[number] = sorted(columns[number], key=middle)
    return columns


# Coordinates


def _width_of(names: Sequence[str]) -> int:
    longest = max((len(name) for name in names if not name.startswith("\0")), default=0)
    return int(min(max(NARROWEST, longest * CHARACTER + PADDING), WIDEST))


def _placed(columns: Sequence[Sequence[str]]) -> tuple[dict[str, dict[str, int]], dict[str, tuple[int, int, int]], int, int]:
    """Boxes, the places that arrows pass (left, right, height), and how large the whole is."""
    tallest = max((len(column) for column in columns), default=0)
    height = tallest * (BOX_HEIGHT + ROW_GAP) - ROW_GAP if tallest else 0
    boxes: dict[str, dict[str, int]] = {}
    passed: dict[str, tuple[int, int, int]] = {}
    left = MARGIN
    for column in columns:
        width = _width_of(column)
        top = MARGIN + (height - (len(column) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP)) // 2
        for name in column:
            if name.startswith("\0"):
                passed[name] = (left, left + width, top + BOX_HEIGHT // 2)
            else:
                boxes[name] = {"x": left, "y": top, "width": width, "height": BOX_HEIGHT}
            top += BOX_HEIGHT + ROW_GAP
        left += width + COLUMN_GAP
    return boxes, passed, (left - COLUMN_GAP if columns else 0) + MARGIN, height + 2 * MARGIN


def _grid(names: Sequence[str], width: int, height: int) -> tuple[dict[str, dict[str, int]], int, int]:
    """Units without a relation, in rows below the others."""
    if not names:
        return {}, width, height
    each = _width_of(names)
    across = max(min(len(names), 4), (width - 2 * MARGIN + ROW_GAP) // (each + ROW_GAP))
    top = height + (ROW_GAP - MARGIN if height > 2 * MARGIN else -MARGIN)
    boxes = {
        name: {
            "x": MARGIN + number % across * (each + ROW_GAP),
            "y": top + number // across * (BOX_HEIGHT + ROW_GAP),
            "width": each,
            "height": BOX_HEIGHT,
        }
        for number, name in enumerate(names)
    }
    last = max(box["y"] for box in boxes.values())
    right = max(box["x"] + box["width"] for box in boxes.values())
    return boxes, max(width, right + MARGIN), last + BOX_HEIGHT + MARGIN


def _points(source: Mapping[str, int], target: Mapping[str, int], passed: Sequence[tuple[int, int, int]]) -> list[list[int]]:
    """From the edge of a box that faces the other one, past the places between them."""
    rightward = source["x"] < target["x"]
    start = [source["x"] + (source["width"] if rightward else 0), source["y"] + source["height"] // 2]
    end = [target["x"] + (0 if rightward else target["width"]), target["y"] + target["height"] // 2]
    between = [[x, height] for left, right, height in passed for x in ((left, right) if rightward else (right, left))]
    return [start, *between, end]
