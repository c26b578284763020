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
from ..io.context import Tools, lock_for
from ..io.disk import Disk

_LINKS = 10  # more than that lead in a circle


def default_target(params: Mapping[str, Any], tools: Tools, only_looks: bool) -> dict[str, Any]:
    """The module's result. Raises Refused."""
    asked = operation.asked_of(params)
    if not only_looks:
        lock_for(f"default_target {asked.target}", tools)
    seen = _look(asked, tools)
    wanted = (seen.units or {}).get(seen.wanted.name)
    if asked.isolate and wanted and wanted.needs_reload and not only_looks:
        # What is on the disk counts, also for what speaks against it.
        tools.commands.output(tools.commands.systemctl.daemon_reload())
        seen = _look(asked, tools)
    decision = operation.decide(asked, seen)
    link = tools.manager.scope.path_of(DEFAULT)
    result = decision.as_result(decision.stops, decision.starts) if only_looks else _carry_out(decision, link, tools)
    return {**result, "diff": decision.diff(link)}


def _look(asked: Asked, tools: Tools) -> Seen:
    scope, disk = tools.manager.scope, tools.disk
    wanted = _find(asked.target, scope.unit_path, disk)
    targets = {name for directory in scope.unit_path for name in disk.names_in(directory) if name.endswith(".target")}
    return Seen(
        default=_find(DEFAULT, scope.unit_path, disk),
        wanted=wanted,
        targets=sorted(targets),
        units=_loaded(wanted.name, tools) if scope.has_manager else None,
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


def _loaded(target: str, tools: Tools) -> dict[str, Unit]:
    """All units that are loaded, and all that the target may pull in."""
    asked: list[str] = [target, "*"]
    units: dict[str, Unit] = {}
    while asked:
        output = tools.commands.output(operations.show_dependencies(tools.commands.systemctl, asked))
        units.update(isolation.by_name(operations.dependencies(output)))
        asked = [name for name in isolation.unknown(target, units) if name not in asked]
    return units


def _carry_out(decision: Decision, link: str, tools: Tools) -> dict[str, Any]:
    before = _up(tools) if decision.isolates else set()
    try:
        if decision.links:
            _link(decision, link, tools)
        if decision.isolates:
            tools.commands.output(tools.commands.systemctl.job("isolate", [decision.target]))
    except (HostError, OSError) as error:
        return _put_back(decision, link, before, str(error), tools)
    tools.disk.forget()
    after = _up(tools) if decision.isolates else set()
    return decision.as_result(sorted(before - after), sorted(after - before))


def _link(decision: Decision, link: str, tools: Tools) -> None:
    directory = os.path.dirname(link)
    if tools.disk.state_of_directory(directory).kind != "directory":
        tools.disk.make_directory(directory)
    tools.disk.make_link(link, decision.path)
    if tools.manager.is_running:
        tools.commands.output(tools.commands.systemctl.daemon_reload())


def _put_back(decision: Decision, link: str, before: set[str], error: str, tools: Tools) -> dict[str, Any]:
    """The link, then the units as they were: what has been started goes before what has been stopped comes back."""
    systemctl, attempt = tools.commands.systemctl, tools.commands.attempt
    if decision.links:
        tools.disk.put_back(link)
        if tools.manager.is_running:
            attempt(systemctl.daemon_reload())
    if decision.isolates:
        for verb, units in (("stop", _up(tools) - before), ("start", before - _up(tools))):
            if units:
                attempt(systemctl.job(verb, sorted(units)))
    lost = sorted(before - _up(tools)) if decision.isolates else []
    outcome = f"These units do not run again: {', '.join(lost)}." if lost else "Everything was put back."
    result = {**decision.as_result([], []), "changed": bool(lost), "isolated": False, "default_target": decision.previous}
    return {**result, "failed": True, "reverted": not lost, "stopped": lost, "msg": f"{error} {outcome}"}


def _up(tools: Tools) -> set[str]:
    output = tools.commands.output(operations.show_dependencies(tools.commands.systemctl, ["*"]))
    return {unit.name for unit in operations.dependencies(output) if unit.is_up and type_of(unit.name) in TOLD}
