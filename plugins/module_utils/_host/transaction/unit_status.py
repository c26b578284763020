# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about one unit returns besides, under the names that playbooks know from ansible.builtin.systemd_service."""

from __future__ import annotations

from typing import Any, Mapping

from ..._declaration.problems import Problems
from ..._declaration.unit import names_in
from ..._systemd_cli import parse
from ..._unitfile.patterns import is_pattern
from ..io.context import HostContext


def status_of(params: Mapping[str, Any], result: Mapping[str, Any], context: HostContext) -> dict[str, Any]:
    """name, state, enabled and status, where the task names one unit."""
    names = names_in(params.get("name"), Problems())
    told: dict[str, Any] = {"name": params.get("name")}
    if len(names) != 1 or is_pattern(names[0]):
        return told
    (name,) = names
    state = params.get("state")
    if state:
        told["state"] = _STATES.get(state, state)
    if params.get("enabled") is not None and not result.get("failed"):
        told["enabled"] = params["enabled"]
    if state == "absent" and not result.get("changed") and _is_there(name, context):
        left = f"{name} was left alone: it is there, but no task of this module has defined it."
        told["warnings"] = [*result.get("warnings", []), left]
    told["status"] = _properties(name, context)
    return told


# What was done to a unit that runs then.
_STATES = {"restarted": "started", "reloaded": "started", "reload-or-restarted": "started"}


def _is_there(name: str, context: HostContext) -> bool:
    return any(context.disk.state_of(f"{directory}/{name}").kind == "file" for directory in context.manager.scope.unit_path)


def _properties(name: str, context: HostContext) -> dict[str, str]:
    """Of a template, and where systemd does not run, nothing is known."""
    if "@." in name or not context.manager.is_running:
        return {}
    return parse.all_properties(context.commands.output(context.commands.systemctl.show_all(name)))
