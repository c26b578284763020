# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of unit names → the units of this host that fit."""

from __future__ import annotations

from ..._declaration.model import Stack
from ..._systemd_cli import parse
from ..._unitfile.names import BadUnitName, check_unit_name
from ..io.context import HostContext


def resolved(stack: Stack, context: HostContext) -> Stack:
    """The stack with each pattern replaced by the unit files and the loaded units that fit it."""
    if not stack.patterns:
        return stack
    from ..._declaration.unit import with_fitting  # few tasks have any

    names = {name for directory in context.manager.scope.unit_path for name in context.disk.names_in(directory) if _is_unit(name)}
    if context.manager.is_running:
        command = context.commands.systemctl.show_names([entry.name for entry in stack.patterns])
        names |= set(parse.names_shown(context.commands.output(command)))
    return with_fitting(stack, names)


def _is_unit(name: str) -> bool:
    try:
        check_unit_name(name)
    except BadUnitName:
        return False
    return True
