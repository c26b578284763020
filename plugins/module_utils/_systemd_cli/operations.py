# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What single acts must know of units: what is asked of systemctl, and what it answers."""

from __future__ import annotations

from typing import Sequence

from .._operation.isolation import Unit
from .._operation.signals import Service
from .._unitfile.quoting import split_shown
from .argv import Systemctl
from .show_output import blocks, number

_OF_DEPENDENCIES = (
    *("Id", "Names", "LoadState", "ActiveState", "AllowIsolate", "IgnoreOnIsolate", "NeedDaemonReload"),
    *("Requires", "BindsTo", "Requisite", "Wants", "Upholds", "Conflicts", "ConflictedBy", "PartOf", "StopPropagatedFrom"),
    *("TriggeredBy", "ConditionResult", "ConditionTimestampMonotonic"),
)
_OF_PROCESSES = (
    *("Id", "LoadState", "ActiveState", "SubState", "Result", "MainPID", "ControlPID", "ControlGroup"),
    *("InvocationID", "NRestarts"),
)


def show_dependencies(systemctl: Systemctl, units: Sequence[str]) -> list[str]:
    """Of all units: the pattern "*" stands for those that are loaded."""
    return systemctl.show(units, _OF_DEPENDENCIES)


def show_processes(systemctl: Systemctl, unit: str) -> list[str]:
    return systemctl.show([unit], _OF_PROCESSES)


def dependencies(output: str) -> list[Unit]:
    return [_unit(shown) for shown in blocks(output)]


def service(output: str) -> Service:
    shown = next(iter(blocks(output)), {})
    return Service(
        name=shown.get("Id", ""),
        load=shown.get("LoadState", "not-found"),
        active=shown.get("ActiveState", "inactive"),
        sub=shown.get("SubState", "dead"),
        result=shown.get("Result", ""),
        main_pid=number(shown, "MainPID"),
        control_pid=number(shown, "ControlPID"),
        control_group=shown.get("ControlGroup", ""),
        invocation=shown.get("InvocationID", ""),
        restarts=number(shown, "NRestarts"),
    )


def _unit(shown: dict[str, str]) -> Unit:
    def names(*keys: str) -> tuple[str, ...]:
        return tuple(name for key in keys for name in split_shown(shown.get(key, "")))

    return Unit(
        name=shown["Id"],
        names=names("Names"),
        load=shown.get("LoadState", "not-found"),
        active=shown.get("ActiveState", "inactive"),
        allows_isolation=shown.get("AllowIsolate") == "yes",
        ignores_isolation=shown.get("IgnoreOnIsolate") == "yes",
        needs_reload=shown.get("NeedDaemonReload") == "yes",
        # Of a unit that was never started ConditionResult is no without having been asked.
        skipped=shown.get("ConditionResult") == "no" and shown.get("ConditionTimestampMonotonic", "0") != "0",
        needs=names("Requires", "BindsTo", "Requisite"),
        wants=names("Wants", "Upholds"),
        conflicts=names("Conflicts", "ConflictedBy"),
        follows=names("PartOf", "StopPropagatedFrom"),
        triggered_by=names("TriggeredBy"),
    )
