# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that group units → the units of a stack: what the target wants, and drop-ins that make the members part of it."""

from __future__ import annotations

from typing import Any, Mapping

from .._dataclasses import dataclass
from .._declaration import options as opt
from .._declaration.options import InvalidValue, option
from .._declaration.problems import Problems
from .._unitfile.names import BadUnitName, check_unit_name, split_unit_name
from .target_names import type_of


def _units(value: Any) -> tuple[str, ...]:
    names = opt.words(value)
    for name in names:
        try:
            parts = split_unit_name(name)
        except BadUnitName as error:
            raise InvalidValue(f"{name!r}: {error.problem}", error.remedy) from None
        if parts.is_template:
            raise InvalidValue(f"{name} is a template", f"Name its instances, such as {parts.prefix}@1.{parts.type}.")
    return names


@dataclass(frozen=True)
class Group:
    """One target: an entry of the role's variable. unit: further directives of [Unit]."""

    name: str
    description: str = option(opt.text, "")
    members: tuple[str, ...] = option(_units, ())
    wanted_by: tuple[str, ...] = option(_units, ())
    unit: Mapping[str, Any] | None = option(opt.mapping, None)


def units_of(targets: Any) -> dict[str, dict[str, Any]]:
    """`{target: {members: […], …}}` → `units` of a stack. Raises ValidationFailed with every mistake."""
    problems = Problems()
    units: dict[str, dict[str, Any]] = {}
    if not isinstance(targets, Mapping):
        problems.add("targets", opt.kind_of(targets), "is no mapping of names to targets", "Write {name.target: {members: […]}}.")
        problems.raise_if_any()
    for name, given in targets.items():
        group = _group(str(name), {} if given is None else given, problems)
        if group:
            _add(group, units)
    problems.raise_if_any()
    return units


def _group(name: str, given: Any, problems: Problems) -> Group | None:
    try:
        check_unit_name(name)
    except BadUnitName as error:
        problems.add(name, name, error.problem, error.remedy)
        return None
    if type_of(name) != "target":
        problems.add(name, name, f"a .{type_of(name)} unit is no target", f"Name it {name.rpartition('.')[0]}.target.")
        return None
    return opt.read(Group, name, given, problems, name=name)


def _add(group: Group, units: dict[str, dict[str, Any]]) -> None:
    unit: dict[str, Any] = {"Description": group.description or group.name.rpartition(".")[0]}
    if group.members:
        unit["Wants"] = list(group.members)
    target = units.setdefault(group.name, {})
    target["Unit"] = {**unit, **(group.unit or {})}
    if group.wanted_by:
        target["Install"] = {"WantedBy": list(group.wanted_by)}
    for member in group.members:
        dropins = units.setdefault(member, {}).setdefault("dropins", {})
        dropins[group.name] = {"Unit": {"PartOf": group.name}}
