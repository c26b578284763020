# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and sets the link default.target, and isolates the target; what fails is put back."""

from __future__ import annotations

import os
from typing import Any, Mapping, Sequence

from ..._operation import default_target as operation
from ..._operation import isolation
from ..._operation.default_target import Asked, Decision, Found, Seen
from ..._operation.isolation import TOLD, Unit
from ..._operation.target_names import DEFAULT, type_of
from ..._systemd_cli import operations
from ..io.commands import HostError
from ..io.connection import ancestors
from ..io.context import HostContext, lock_for
from ..io.disk import Disk

_LINKS = 10  # more than that lead in a cycle


def default_target(params: Mapping[str, Any], context: HostContext, only_looks: bool) -> dict[str, Any]:
    """The module's result. Raises ValidationFailed."""
    asked = operation.asked_of(params)
    if not only_looks:
        lock_for(f"default_target {asked.target}", context)
    seen = _look(asked, context)
    wanted = (seen.units or {}).get(seen.wanted.name)
    if asked.isolate and wanted and wanted.needs_reload and not only_looks:
        # What is on the disk counts, also for what speaks against it.
        context.commands.output(context.commands.systemctl.daemon_reload())
        seen = _look(asked, context)
    decision = operation.decide(asked, seen)
    link = context.manager.scope.path_of(DEFAULT)
    result = decision.as_result(decision.stops, decision.starts) if only_looks else _carry_out(decision, link, context)
    return {**result, "diff": decision.diff(link)}


def _look(asked: Asked, context: HostContext) -> Seen:
    scope, disk = context.manager.scope, context.disk
    wanted = _find(asked.target, scope.unit_path, disk)
    targets = {name for directory in scope.unit_path for name in disk.names_in(directory) if name.endswith(".target")}
    return Seen(
        default=_find(DEFAULT, scope.unit_path, disk),
        wanted=wanted,
        targets=sorted(targets),
        units=_loaded(wanted.name, context) if scope.has_manager else None,
        ancestors=ancestors() if asked.isolate else (),
    )


def _find(name: str, unit_path: Sequence[str], disk: Disk) -> Found:
    """What systemd would load by this name: the first of its files, with all aliases followed."""
    for _step in range(_LINKS):
        path = next((f"{d}/{name}" for d in unit_path if disk.state_of(f"{d}/{name}").kind in ("file", "link")), "")
        state = disk.state_of(path) if path else None
        if state is None:
            return Found("missing", name)
        if state.kind == "file":
            return Found("file" if state.content else "masked", name, path)
        target = os.path.normpath(os.path.join(os.path.dirname(path), state.target))
        if target == "/dev/null":
            return Found("masked", name, path)
        if os.path.basename(target) == name:  # a unit file that lies elsewhere
            return Found("file" if disk.state_of(target).kind == "file" else "missing", name, path)
        name = os.path.basename(target)
    return Found("missing", name)


def _loaded(target: str, context: HostContext) -> dict[str, Unit]:
    """All units that are loaded, and all that the target may pull in."""
    asked: list[str] = [target, "*"]
    units: dict[str, Unit] = {}
    while asked:
        output = context.commands.output(operations.show_dependencies(context.commands.systemctl, asked))
        units.update(isolation.by_name(operations.dependencies(output)))
        asked = [name for name in isolation.unknown(target, units) if name not in asked]
    return units


def _carry_out(decision: Decision, link: str, context: HostContext) -> dict[str, Any]:
    before = _up(context) if decision.isolates else set()
    try:
        if decision.links:
            _link(decision, link, context)
        if decision.isolates:
            context.commands.output(context.commands.systemctl.job("isolate", [decision.target]))
    except (HostError, OSError) as error:
        return _put_back(decision, link, before, str(error), context)
    context.disk.forget()
    after = _up(context) if decision.isolates else set()
    return decision.as_result(sorted(before - after), sorted(after - before))


def _link(decision: Decision, link: str, context: HostContext) -> None:
    directory = os.path.dirname(link)
    if context.disk.state_of_directory(directory).kind != "directory":
        context.disk.make_directory(directory)
    context.disk.make_link(link, decision.path)
    if context.manager.is_running:
        context.commands.output(context.commands.systemctl.daemon_reload())


def _put_back(decision: Decision, link: str, before: set[str], error: str, context: HostContext) -> dict[str, Any]:
    """The link, then the units as they were: what has been started goes before what has been stopped comes back."""
    systemctl, attempt = context.commands.systemctl, context.commands.attempt
    if decision.links:
        context.disk.put_back(link)
        if context.manager.is_running:
            attempt(systemctl.daemon_reload())
    if decision.isolates:
        for verb, units in (("stop", _up(context) - before), ("start", before - _up(context))):
            if units:
                attempt(systemctl.job(verb, sorted(units)))
    lost = sorted(before - _up(context)) if decision.isolates else []
    outcome = f"These units do not run again: {', '.join(lost)}." if lost else "Everything was put back."
    result = {**decision.as_result([], []), "changed": bool(lost), "isolated": False, "default_target": decision.previous}
    return {**result, "failed": True, "reverted": not lost, "stopped": lost, "msg": f"{error} {outcome}"}


def _up(context: HostContext) -> set[str]:
    output = context.commands.output(operations.show_dependencies(context.commands.systemctl, ["*"]))
    return {unit.name for unit in operations.dependencies(output) if unit.is_up and type_of(unit.name) in TOLD}
