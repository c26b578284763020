# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May we decide whether the manager of a user runs without a login? Root may; a user may where polkit says so.

Asked for a plan that wants it, before anything is touched. logind(8), "org.freedesktop.login1.set-self-linger"
"""

from __future__ import annotations

import os
import shutil
import time

from ..._dataclasses import replace
from ..._declaration.problems import Problems
from ..._plan.actions import DisableLinger, EnableLinger, StartManager
from ..._plan.plan import Plan
from ..._systemd_cli import argv
from ..io.commands import Commands
from ..io.context import HostContext
from ..io.manager import answers

_PATIENCE, _INTERVAL = 30, 0.1  # seconds
_ABOUT = (EnableLinger, DisableLinger, StartManager)


def check_linger(planned: Plan, context: HostContext, problems: Problems) -> tuple[Plan, tuple[str, ...]]:
    """The plan as far as it is allowed, and warnings about the rest. What cannot be done without is a problem."""
    wanted = [action for action in planned.actions if isinstance(action, _ABOUT)]
    if not wanted or os.geteuid() == 0 or _may_set(context.commands):
        return planned, ()
    remedy = "Run this once as root: loginctl enable-linger {0}. Or run the task as root, with scope_user: {0}."
    warnings = []
    for action in wanted:
        name = action.target
        if isinstance(action, DisableLinger):
            warnings.append(f"{name} still runs units without a login, which only root may end: loginctl disable-linger {name}.")
        elif isinstance(action, EnableLinger):
            problem = f"the units of {name} would end with the last login: only root may let them run on, and nobody has"
            problems.add("scope", "user", problem, remedy.format(name))
        elif not context.manager.lingers:
            problems.add("scope", "user", f"the manager of {name} does not run, and only root may start it", remedy.format(name))
    return replace(planned, actions=tuple(a for a in planned.actions if not isinstance(a, DisableLinger))), tuple(warnings)


def wait_for_manager(uid: int) -> bool:
    """The manager of a user who was just made to linger comes up by itself."""
    deadline = time.monotonic() + _PATIENCE
    while not answers(uid):
        if time.monotonic() > deadline:
            return False
        time.sleep(_INTERVAL)
    return True


def _may_set(commands: Commands) -> bool:
    """Without polkit only root may."""
    return shutil.which("pkcheck") is not None and commands.attempt(argv.may_linger(os.getpid()))[0] == 0
