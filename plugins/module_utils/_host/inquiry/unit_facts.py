# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that ask about units have in common: what systemd shows, and what this collection knows besides."""

from __future__ import annotations

import os
from typing import Any, Mapping, Sequence

from ..._inquiry.unit_properties import Carried, Known, Shown, is_up
from ..._plan.observed import Manifest
from ..._systemd_cli import unit_queries
from ..io.commands import CommandFailed, Commands
from ..io.context import HostContext
from ..io.processes import text_of
from ..observation.observe import are_of_this_start
from ..observation.staleness import Stale, judge

_EXTRA_FIELDS = "/run/systemd/units/log-extra-fields:"


def shown_of(
    names: Sequence[str], patterns: Sequence[str], properties: Sequence[str], commands: Commands, state: str = ""
) -> dict[str, Shown]:
    """One call for all of them. A unit that has gone meanwhile is an error in some versions: then they are asked once more.

    state: of those that patterns are to bring.
    """
    if not names and not patterns:
        return {}
    command = unit_queries.show([*names, *patterns], properties, commands.is_for_user, state)
    try:
        output = commands.output(command, environment=unit_queries.IN_UTC)
    except CommandFailed:
        output = commands.output(command, environment=unit_queries.IN_UTC)
    return unit_queries.shown_units(names, output)


def describe(chosen: dict[str, Shown], commands: Commands) -> None:
    """A description that show does not print is asked for in another way."""
    odd = [name for name, shown in chosen.items() if shown.get("Description") == unit_queries.UNPRINTABLE]
    if odd:
        found = unit_queries.descriptions(commands.output(unit_queries.list_units(odd, commands.is_for_user)))
        chosen.update({name: {**chosen[name], "Description": found[name]} for name in odd if name in found})


def known_of(
    chosen: Mapping[str, Shown],
    manifests: Sequence[Manifest],
    context: HostContext,
    exposure: Mapping[str, float] | None = None,
    files: Mapping[str, list[dict[str, Any]]] | None = None,
) -> dict[str, Known]:
    """manifests: the records of the host's stacks. exposure: None for what is on record. files: the text of each unit's."""
    belonging = {unit: _by_rank(unit, manifests) for manifest in manifests for unit in units_of(manifest)}
    if exposure is None:
        exposure = {unit: score for manifest in manifests for unit, score in manifest.exposure.items()}
    recorded = {} if context.commands.is_for_user else _recorded()
    found = {}
    for name, shown in chosen.items():
        running = _running(name, shown, recorded)
        ranked = belonging.get(name, [])
        stale = judge(name, shown, running.stamps, ranked, manifests, context) if running else Stale()
        found[name] = Known(
            stack=ranked[0].stack if ranked else "",
            drop_in_stacks=tuple(manifest.stack for manifest in ranked if _adds_to(name, manifest)),
            stale=stale.answer,
            stale_because=stale.causes,
            exposure=exposure.get(name),
            loaded=unit_queries.carried(shown.get("LogExtraFields", "")),
            running=running,
            files=files[name] if files else None,
        )
    return found


def _by_rank(unit: str, manifests: Sequence[Manifest]) -> list[Manifest]:
    """The stack that owns it first, then those that have given it drop-ins."""
    found = [manifest for manifest in manifests if unit in units_of(manifest)]
    return sorted(found, key=lambda manifest: (unit not in manifest.owned, unit not in manifest.units))


def _adds_to(unit: str, manifest: Manifest) -> bool:
    return unit not in manifest.owned and any(f"/{unit}.d/" in path for path in manifest.files)


def manifests_of(context: HostContext) -> list[Manifest]:
    """The records of stacks: for root, or the user whose they are. One that cannot be read tells nothing."""
    directory, found = context.manager.scope.state_directory, []
    try:
        names = [name for name in context.disk.names_in(directory) if name.endswith(".json")]
    except PermissionError:
        return []
    for name in names:
        try:
            found.append(Manifest.from_json(context.disk.read_json(f"{directory}/{name}")))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def units_of(manifest: Manifest) -> set[str]:
    """Those that it owns, and those of others that it has given a drop-in."""
    parts = [path.split("/") for path in manifest.files if "/systemd/" in path]
    files = {part[-2][: -len(".d")] if part[-2].endswith(".d") else part[-1] for part in parts}
    return {*manifest.owned, *manifest.units, *files}


def _recorded() -> dict[str, str]:
    """Unit → the file in which PID 1 has written, at its start, the fields of its journal lines."""
    directory, _slash, prefix = _EXTRA_FIELDS.rpartition("/")
    try:
        names = os.listdir(directory)
    except OSError:
        return {}
    found = {name[len(prefix) :]: f"{directory}/{name}" for name in names if name.startswith(prefix)}
    return {unit: path for unit, path in found.items() if are_of_this_start(unit)}


def _running(name: str, shown: Shown, recorded: Mapping[str, str]) -> Carried | None:
    """Only of services that are ours, or were at their start. A user's manager keeps no such file: /proc knows."""
    is_ours = unit_queries.carried(shown.get("LogExtraFields", "")).stamp or name in recorded
    if not is_ours or not is_up(shown):
        return None
    found = unit_queries.carried(text_of(recorded[name])) if name in recorded else Carried()
    pid = shown.get("MainPID", "0")
    if pid == "0" or (found.stamp and found.release):
        return found
    stamps = found.stamps or unit_queries.carried(text_of(f"/proc/{pid}/environ")).stamps
    return Carried(stamps, found.release or unit_queries.release_in(text_of(f"/proc/{pid}/cmdline").replace("\0", " ")))
