# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between hosts that should be equal: those that have the same unit of the same stack."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping, Sequence

from .verdicts import FAILED

# What is compared → the key of the unit.
WHAT = {"release": "release", "content": "digest", "enabled": "unit_file_state", "state": "active_state"}

Row = Mapping[str, Any]


def drift(rows: Sequence[Row], hosts_of: Mapping[str, Sequence[str]], systemd: Mapping[str, int]) -> list[dict[str, Any]]:
    """rows: units with host, stack, unit and health. hosts_of: stack → the hosts that have it. systemd: host → version."""
    units: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        units.setdefault((row["stack"], row["unit"]), []).append(row)
    found = []
    for (stack, unit), same in sorted(units.items()):
        for what, among, values in _comparisons(same, hosts_of[stack], systemd):
            difference = _difference(values)
            if difference and not (what == "content" and _is_of_each_host(values)):
                found.append({"stack": stack, "unit": unit, "what": what, "among": among, **difference})
    return found


def _comparisons(
    same: Sequence[Row], hosts: Sequence[str], systemd: Mapping[str, int]
) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """What, among which hosts (None for all), and host → value."""
    there = {row["host"] for row in same}
    yield "presence", None, {host: "there" if host in there else "missing" for host in hosts}
    yield "release", None, {row["host"]: row["release"] for row in same if "release" in row}
    versions = sorted({systemd[row["host"]] for row in same})
    for version in versions:  # a unit leaves out what an older systemd does not know
        texts = {row["host"]: row["digest"] for row in same if systemd[row["host"]] == version and row["digest"]}
        yield "content", f"systemd {version}" if len(versions) > 1 else None, texts
    yield "enabled", None, {row["host"]: row["unit_file_state"] for row in same}
    yield "state", None, {row["host"]: row["active_state"] for row in same if _is_comparable(row)}


def _is_comparable(row: Row) -> bool:
    """What has failed is told as such; what something else starts, or what runs once, is active at its own times."""
    return row["health"] != FAILED and not row["triggered_by"] and row.get("service_type") != "oneshot"


def _difference(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The majority is more than half of the hosts; without one all are told."""
    hosts: dict[Any, list[str]] = {}
    for host, value in values.items():
        hosts.setdefault(value, []).append(host)
    if len(hosts) < 2:
        return None
    ordered = sorted(hosts.items(), key=lambda item: (-len(item[1]), str(item[0])))
    first, its_hosts = ordered[0]
    has_majority = len(its_hosts) * 2 > len(values)
    return {
        "majority": {"value": first, "hosts": len(its_hosts)} if has_majority else None,
        "others": [{"value": value, "hosts": sorted(each)} for value, each in (ordered[1:] if has_majority else ordered)],
    }


def _is_of_each_host(values: Mapping[str, Any]) -> bool:
    """Hosts that have a text of their own each (an address, a name) are not meant to be equal."""
    distinct = len(set(values.values()))
    return distinct > 2 and distinct * 2 > len(values)


def differing(differences: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], list[str]]:
    """(host, stack, unit) → what is different there from the majority, or where there is none, from others."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in differences:
        for other in each["others"]:
            for host in other["hosts"]:
                found.setdefault((host, each["stack"], each["unit"]), []).append(each["what"])
    return found
