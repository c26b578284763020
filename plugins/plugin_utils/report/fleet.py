# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of the hosts → the report: plain values, of the shape that docs/report.md tells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ...module_utils._text import all_visible
from ..answers.modules import STACK_INFO
from ..answers.shapes import Misfit, read
from .drift import differing, drift
from .verdicts import ATTENTION, FAILED, WELL, judged

VERSION = 1
UNREACHABLE, UNANSWERED = "unreachable", "unanswered"
HEALTHS = (WELL, ATTENTION, FAILED)


@dataclass(frozen=True)
class Answer:
    """What a host has answered: the result of stack_info, which says so where it was not reached or has failed; None for none."""

    groups: Sequence[str]
    result: Mapping[str, Any] | None


def report_of(answers: Mapping[str, Answer], taken: str) -> dict[str, Any]:
    """answers: by host. taken: when, ISO 8601."""
    results = {str(host): _read(answer.result) for host, answer in answers.items()}
    rows = [row for host, result in results.items() for row in _rows(host, result)]
    stacks = {host: result.get("stacks", {}) for host, result in results.items()}
    hosts_of: dict[str, list[str]] = {}
    for host, found in stacks.items():
        for stack in found:
            hosts_of.setdefault(stack, []).append(host)
    differences = drift(rows, hosts_of, {host: result.get("systemd", 0) for host, result in results.items()})
    apart = differing(differences)
    for row in rows:
        row["differs"] = apart.get((row["host"], row["stack"], row["unit"]), [])
    worst = _worst(rows, {host for host, _stack, _unit in apart})
    hosts = [_host(host, answer, results[host], worst.get(host, WELL)) for host, answer in answers.items()]
    return all_visible(
        {
            "version": VERSION,
            "taken": taken,
            "summary": _summary(hosts, rows, differences),
            "hosts": sorted(hosts, key=lambda host: host["name"]),
            "units": sorted(rows, key=lambda row: (row["host"], row["stack"], row["unit"])),
            "drift": differences,
        }
    )


def _read(result: Mapping[str, Any] | None) -> dict[str, Any]:
    """One that does not fit counts as none: a host speaks for itself alone, and ends no report of the others."""
    found = result if isinstance(result, Mapping) else {}
    try:
        told = {"stacks": {}, "systemd": 0, **read(found, STACK_INFO)} if "stacks" in found else {}
    except Misfit as misfit:
        return {"msg": f"Its answer cannot be read: {misfit}. Look at the host."}
    return {**{key: found[key] for key in ("unreachable", "msg") if key in found}, **told}


def _rows(host: str, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for stack, found in result.get("stacks", {}).items():
        for name, unit in found["units"].items():
            health, reasons = judged(unit)
            rows.append({**unit, "host": host, "stack": stack, "unit": name, "health": health, "reasons": reasons})
    return rows


def _worst(rows: Sequence[Mapping[str, Any]], apart: set[str]) -> dict[str, str]:
    """Host → the worst of its units; one that differs from others asks for attention."""
    found = dict.fromkeys(apart, ATTENTION)
    for row in rows:
        found[row["host"]] = max(found.get(row["host"], WELL), row["health"], key=HEALTHS.index)
    return found


def _host(name: str, answer: Answer, result: Mapping[str, Any], worst: str) -> dict[str, Any]:
    stacks = [
        {"stack": stack, "complete": found["complete"], "modified": found["modified"]}
        for stack, found in result.get("stacks", {}).items()
    ]
    strange = result.get("other_failed_units", [])
    is_odd = strange or any(not each["complete"] or each["modified"] for each in stacks)
    health, message = max(worst, ATTENTION if is_odd else WELL, key=HEALTHS.index), None
    if "stacks" not in result:
        health = UNREACHABLE if result.get("unreachable") is True else UNANSWERED
        message = str(result.get("msg") or "It was not asked.")
    return {
        "name": str(name),
        "groups": sorted(str(group) for group in answer.groups),
        "health": health,
        "message": message,
        "systemd": result.get("systemd"),
        "stacks": stacks,
        "other_failed_units": strange,
    }


def _summary(
    hosts: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], differences: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    by_host = Counter(host["health"] for host in hosts)
    by_unit = Counter(row["health"] for row in rows)
    return {
        "hosts": {"total": len(hosts), **{each: by_host[each] for each in (*HEALTHS, UNREACHABLE, UNANSWERED)}},
        "units": {
            "total": len(rows),
            **{each: by_unit[each] for each in HEALTHS},
            "differing": sum(bool(row["differs"]) for row in rows),
        },
        "drift": len(differences),
        "other_failed_units": sum(len(host["other_failed_units"]) for host in hosts),
        "modified": sum(len(stack["modified"]) for host in hosts for stack in host["stacks"]),
        "incomplete": sum(not stack["complete"] for host in hosts for stack in host["stacks"]),
    }


def findings(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is not well, in a few words each: (health, words), the worst first."""
    hosts, units = summary["hosts"], summary["units"]
    parts = [
        (FAILED, hosts[UNREACHABLE], "host unreachable", "hosts unreachable"),
        (FAILED, hosts[UNANSWERED], "host without an answer", "hosts without an answer"),
        (FAILED, units[FAILED], "unit failed", "units failed"),
        (ATTENTION, units["differing"], "unit has drifted", "units have drifted"),
        (ATTENTION, units[ATTENTION], "unit needs attention", "units need attention"),
        (ATTENTION, summary["modified"], "file changed by hand", "files changed by hand"),
        (ATTENTION, summary["incomplete"], "deployment not complete", "deployments not complete"),
        (ATTENTION, summary["other_failed_units"], "unit of no stack failed", "units of no stack failed"),
    ]
    return [(health, f"{number} {one if number == 1 else many}") for health, number, one, many in parts if number]


def headline(summary: Mapping[str, Any]) -> str:
    """The same in one line."""
    told = ", ".join(words for _health, words in findings(summary))
    return told or ("All is well" if summary["units"]["total"] else "No host has a stack")


def is_well(summary: Mapping[str, Any]) -> bool:
    return summary["hosts"][WELL] == summary["hosts"]["total"]
