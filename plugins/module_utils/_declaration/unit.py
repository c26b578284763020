# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of a `unit` task → those of a `stack` task.

With a definition it is a stack of that one unit. Without one it asks something of units that are there, by name or by
pattern, and leaves alone what it does not name.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping

from .._dataclasses import replace
from .._unitfile.names import BadUnitName, check_unit_name, completed
from .._unitfile.patterns import checked_pattern, fits, is_pattern
from .arguments import COMMON
from .model import Stack
from .problems import Problems

# Any of these says what the unit is, and no longer only what is done with it.
DEFINING = ("content", "src", "template", "sections", "dropins", "instances")
# States of a declaration, which need the record of the last one, or nothing but the declaration.
OF_THE_DECLARATION = ("absent", "rolled_back", "validated")
# The record of all that was asked of units that somebody else has defined. No unit can have this name.
PARTIAL = "unit:installed"

_ASKED = ("state", "enabled", "masked", "health")
_HOW = ("daemon_reload", "daemon_reexec", "no_block", "force")


def is_defined(params: Mapping[str, Any]) -> bool:
    return params.get("state") in OF_THE_DECLARATION or any(params.get(option) is not None for option in DEFINING)


def stack_of_unit(params: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValidationFailed."""
    problems = Problems()
    names = names_in(params.get("name"), problems)
    problems.raise_if_any()
    how = {option: bool(params.get(option)) for option in _HOW}
    common = {**{key: params.get(key) for key in COMMON}, "how": {**how, "may_be_offline": True}}
    if is_defined(params):
        return {**common, **_defined(params, names)}
    return {**common, **_asked(params, names, how)}


def _defined(params: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    problems = Problems()
    if len(names) != 1 or is_pattern(names[0]):
        problem = "a definition is that of one unit, which has one name"
        problems.add("name", params.get("name"), problem, "Name one unit, or use daemonic.systemd.stack for several.")
    problems.raise_if_any()
    (name,) = names
    entry = {key: params[key] for key in (*_ASKED, *DEFINING, "on_change") if params.get(key) is not None}
    state = params.get("state")
    if state in OF_THE_DECLARATION:
        del entry["state"]
    return {
        "name": f"unit:{name}",
        "state": state if state in OF_THE_DECLARATION else "present",
        "units": {} if state in ("absent", "rolled_back") else {name: entry},
    }


def _asked(params: Mapping[str, Any], names: list[str], how: Mapping[str, bool]) -> dict[str, Any]:
    problems = Problems()
    entry = {key: params[key] for key in _ASKED if params.get(key) is not None}
    manages = how["daemon_reload"] or how["daemon_reexec"]
    if params.get("name") is None and (entry or not manages):
        problems.add(
            "name", None, "no unit is named", "Name one, a list or a pattern; only daemon_reload and daemon_reexec need none."
        )
    elif names and not entry and not manages:
        problem = "nothing is asked of it"
        problems.add("state", None, problem, "Give state, enabled or masked; or what it is, by content, sections or template.")
    if "health" in entry and (len(names) > 1 or any(map(is_pattern, names))):
        problems.add("health", params["name"], "one probe cannot answer for several units", "Ask each in a task of its own.")
    problems.raise_if_any()
    return {
        "name": PARTIAL,
        "state": "present",
        "is_partial": True,
        "units": {name: dict(entry) for name in names if entry and not is_pattern(name)},
        "patterns": {name: entry for name in names if entry and is_pattern(name)},
    }


# Names


def names_in(given: Any, problems: Problems) -> list[str]:
    """Names and patterns, each only once; a name without a suffix is that of a service, as for systemctl(1)."""
    if given is None:
        return []
    found = [_name(name, problems) for name in (given if isinstance(given, (list, tuple)) else [given])]
    return list(dict.fromkeys(filter(None, found)))


def _name(given: Any, problems: Problems) -> str:
    if not isinstance(given, str):
        problems.add("name", given, "is no name of a unit", "Write a name, or a list of names, in quotes if need be.")
        return ""
    if given != given.strip():
        problems.add("name", given, "begins or ends with white space", f"Write {given.strip()!r}.")
        return ""
    try:
        if is_pattern(given):
            return _narrow(checked_pattern(given))
        name = completed(given)
        check_unit_name(name)
    except BadUnitName as error:
        problems.add("name", given, error.problem, error.remedy)
        return ""
    return name


def _narrow(pattern: str) -> str:
    """Who asks may ask about all units; who changes something means some."""
    if not re.search(r"\w", pattern):
        raise BadUnitName(pattern, "fits every unit of the host", "Name at least their type, for example app-*.service.")
    return pattern


def with_fitting(stack: Stack, known: Iterable[str]) -> Stack:
    """The same asked of each unit that fits a pattern. known: the names of the host's units.

    A template fits none: it does not run, and its instances have names of their own. What is named is not asked twice.
    """
    names = sorted(name for name in set(known) if "@." not in name)
    units = {entry.name: entry for entry in stack.units}
    warnings = []
    for entry in stack.patterns:
        fitting = [name for name in names if fits(entry.name, name)]
        for name in fitting:
            units.setdefault(name, replace(entry, name=name))
        if not fitting:
            warnings.append(f"No unit of this host has a name that fits {entry.name!r}, so nothing was done for it.")
    return replace(stack, units=tuple(units[name] for name in sorted(units)), patterns=(), warnings=(*stack.warnings, *warnings))
