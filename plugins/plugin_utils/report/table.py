# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report → lines for a terminal of 120 columns: the units of all hosts together, then what is not well."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap
from typing import Any, Iterable, Iterator, Mapping, Sequence

from .fleet import UNANSWERED, UNREACHABLE, headline
from .verdicts import ATTENTION, FAILED, WELL

WIDTH = 120
MOST = 30  # lines of what is not well
_GAP = 2
_SHARE = {"HOST": 28, "STACK": 22, "UNIT": 34, "RELEASE": 16}  # columns of names, at most


def table(report: Mapping[str, Any]) -> list[str]:
    hosts, units = report["summary"]["hosts"], report["summary"]["units"]
    size = f"{_count(hosts['total'], 'host')}, {_count(units['total'], 'unit')}, {report['taken']}"
    found = wrap(f"{headline(report['summary'])} ({size})", WIDTH)
    if report["units"]:
        found += ["", *aligned(("STACK", "UNIT", "HOSTS", "WELL", "ATTENTION", "FAILED", "DIFFER", "RELEASE"), _units(report))]
    troubles = list(_troubles(report))
    if troubles:
        found += ["", *aligned(("HOST", "UNIT", "WHAT"), troubles[:MOST])]
    if len(troubles) > MOST:
        found.append(f"and {len(troubles) - MOST} more")
    return found


def _units(report: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    alike: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in report["units"]:
        alike.setdefault((row["stack"], row["unit"]), []).append(row)
    for (stack, unit), rows in sorted(alike.items()):
        health = Counter(row["health"] for row in rows)
        differing = sum(bool(row["differs"]) for row in rows)
        (release, _count), *others = Counter(row.get("release") for row in rows).most_common()
        numbers = (len(rows), health[WELL], health[ATTENTION], health[FAILED], differing)
        yield (stack, unit, *(str(number) if number else "-" for number in numbers), f"{release or '-'}{' …' if others else ''}")


def _troubles(report: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The worst first."""
    for health in (UNREACHABLE, UNANSWERED):
        for host in report["hosts"]:
            if host["health"] == health:
                yield host["name"], "-", f"{health}: {host['message']}"
    for health in (FAILED, ATTENTION):
        for row in report["units"]:
            if row["health"] == health:
                yield row["host"], row["unit"], "; ".join(row["reasons"])
    for host in report["hosts"]:
        for unit in host["other_failed_units"]:
            yield host["name"], unit, "failed, and is of no stack"
        for stack in host["stacks"]:
            for path in stack["modified"]:
                yield host["name"], "-", f"{path} is not as the stack {stack['stack']} has left it"
            if not stack["complete"]:
                yield host["name"], "-", f"the last deployment of the stack {stack['stack']} has not come to its end"
    for row in report["units"]:
        if row["differs"]:
            yield row["host"], row["unit"], f"differs from other hosts: {', '.join(row['differs'])}"


def aligned(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Each column as wide as it must be, and names no wider than their share; the last one gets what is left."""
    every = [[" ".join(cell.split()) for cell in row] for row in (titles, *rows)]
    widths = [min(max(len(row[number]) for row in every), _SHARE.get(title, WIDTH)) for number, title in enumerate(titles)]
    widths[-1] = min(widths[-1], WIDTH - sum(widths[:-1]) - _GAP * (len(widths) - 1))
    lines = [(" " * _GAP).join(_cut(cell, width).ljust(width) for cell, width in zip(row, widths)) for row in every]
    return [line.rstrip() for line in lines]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
