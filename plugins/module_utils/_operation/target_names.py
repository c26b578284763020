# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of targets as people write them: a unit, its name without the type, a runlevel."""

from __future__ import annotations

from .._declaration.problems import Problems
from .._unitfile.names import UNIT_TYPES, BadUnitName, split_unit_name

# systemd.special(7), "runlevel2.target" and its neighbours. S is what telinit(8) calls 1.
RUNLEVELS = {
    "0": "poweroff.target",
    "1": "rescue.target",
    "2": "multi-user.target",
    "3": "multi-user.target",
    "4": "multi-user.target",
    "5": "graphical.target",
    "6": "reboot.target",
    "s": "rescue.target",
}

# Targets after which the host is not there any more, or not awake. systemd.special(7).
DOWN = frozenset(
    f"{name}.target"
    for name in (
        *("poweroff", "reboot", "halt", "kexec", "soft-reboot", "exit", "shutdown", "final", "umount", "factory-reset"),
        *("sleep", "suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate"),
    )
)

DEFAULT = "default.target"


def target_of(name: str, problems: Problems) -> str:
    """The target that is meant. "" where it is none, which is added to the problems."""
    level = name.lower()[8:] if name.lower().startswith("runlevel") else name.lower()
    level = level[:-7] if level.endswith(".target") else level
    if level in RUNLEVELS:
        return RUNLEVELS[level]
    if level.lstrip("-").isdigit():
        problems.add("name", name, "there is no such runlevel", "Runlevels are 0 to 6; or name a target.")
        return ""
    if name and "." not in name and "/" not in name:
        name = f"{name}.target"
    try:
        parts = split_unit_name(name)
    except BadUnitName as error:
        problems.add("name", name, error.problem, "Name a target, for example multi-user.target, or a runlevel from 0 to 6.")
        return ""
    if parts.type != "target":
        problems.add("name", name, f"a .{parts.type} unit is no target", f"Name a target, for example {parts.prefix}.target.")
    elif parts.instance is not None:
        kind = "a template" if parts.is_template else "an instance of a template"
        problems.add("name", name, f"{kind} cannot be the default target", "Name a plain target, which may want it.")
    elif name == DEFAULT:
        problems.add("name", name, "this is the name of the default target itself", "Name the target that it is to be.")
    else:
        return name
    return ""


def type_of(name: str) -> str:
    """service, of echo.service."""
    suffix = name.rpartition(".")[2]
    return suffix if suffix in UNIT_TYPES else ""
