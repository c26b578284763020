# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a host about its stacks, and about all that has failed: one call of systemctl for all units. Changes nothing."""

from __future__ import annotations

import os
import time
from typing import Any, Mapping

from ..._desired.stamp import NAME, RELEASE
from ..._inquiry.properties import asked
from ..._inquiry.stacks import MOST_JOURNALS, Record, digest_of, has_failed, members, stack_query, to_show, unit_answer, units_in
from ..._inquiry.unit_properties import Clock, Shown
from ..._plan.observed import Manifest
from ..io.context import HostContext
from ..io.disk import Disk
from ..io.manager import require_running
from ..io.systemd_version import systemd_version
from .journal_info import last_entries
from .unit_facts import describe, known_of, manifests_of, shown_of, units_of

_OURS = (f"{NAME}=".encode(), f"{RELEASE}=".encode())


def stack_info(params: Mapping[str, Any], context: HostContext, _only_looks: bool) -> dict[str, Any]:
    query = stack_query(params)
    require_running(context.manager)
    manifests = manifests_of(context)
    wanted = [manifest for manifest in manifests if not query.names or manifest.stack in query.names]
    records = [_record(manifest, context.disk) for manifest in sorted(wanted, key=lambda each: each.stack)]
    chosen, others = _shown(records, context)
    known = known_of(chosen, manifests, context)
    failed = [name for name, shown in chosen.items() if has_failed(shown)]
    journal = last_entries(failed[:MOST_JOURNALS], query.lines, context)
    clock = Clock(time.time(), time.monotonic())

    def answer(name: str, siblings: frozenset[str]) -> dict[str, Any]:
        shown = chosen[name]
        return unit_answer(name, shown, known[name], clock, siblings, _digest(shown, context.disk), journal.get(name, ()))

    stacks = {}
    for record in records:
        units = members(record, chosen)
        told = {name: answer(name, frozenset(units)) for name in units}
        stacks[record.stack] = {"complete": record.complete, "modified": list(record.modified), "units": told}
    return {"stacks": stacks, "other_failed_units": others, "systemd": systemd_version("", context.commands)}


def _shown(records: list[Record], context: HostContext) -> tuple[dict[str, Shown], list[str]]:
    """The units of the stacks, and the names of others that have failed. One call, and one more for instances."""
    names, patterns = to_show(records)
    properties = asked(with_relations=True)
    every = shown_of(names, ["*"], properties, context.commands, state="failed")
    instances = shown_of([], patterns, properties, context.commands)
    chosen = {**{name: every[name] for name in names if name in every}, **instances}
    describe(chosen, context.commands)
    return chosen, sorted(name for name in every if name not in chosen)


def _record(manifest: Manifest, disk: Disk) -> Record:
    return Record(manifest.stack, manifest.complete, units_in(units_of(manifest)), tuple(sorted(_modified(manifest, disk))))


def _modified(manifest: Manifest, disk: Disk) -> set[str]:
    """Files and links that the stack has left otherwise. What is encrypted is another text at each writing."""
    files = {path for path in manifest.files if path not in manifest.sealed}
    found = {path for path in files if disk.state_of(path, manifest.files[path]).sha256 not in manifest.wrote(path)}
    return found | {path for path, target in manifest.links.items() if disk.state_of(path).target != target}


def _digest(shown: Shown, disk: Disk) -> str | None:
    """None of what has no file, or none that can be read."""
    paths = [shown.get("FragmentPath", ""), *shown.get("DropInPaths", "").split()]
    if shown.get("LoadState") != "loaded" or not paths[0]:
        return None
    try:
        return digest_of([(os.path.basename(path), disk.read(path)) for path in paths], _OURS)
    except OSError:
        return None
