# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of the modules that are no transaction: what they ask of the host, or do there in a single act."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from ..io.commands import Commands
from ..io.context import HostContext
from ..io.disk import Disk
from ..io.manager import find_manager
from ..io.task import Act, Task

# Parameters, the host, whether it may only look → the result.
Reply = Callable[[Mapping[str, Any], HostContext, bool], "dict[str, Any]"]


def answering(reply: Reply, changes: bool = False) -> Act:
    """changes: it does more than look."""

    def act(task: Task) -> dict[str, Any]:
        scope, user, root = (task.params.get(name) or "" for name in ("scope", "scope_user", "root"))
        manager = find_manager(scope or "system", user, root, changes=changes)
        context = HostContext(Disk(manager.scope.root, manager.user), Commands(task.runner, manager.user), manager)
        result = {"changed": False, **reply(task.params, context, task.check_mode)}
        if not task.diff:
            result.pop("diff", None)
        return result

    return act
