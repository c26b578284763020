# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module has of Ansible, however it came to the host: its parameters, programs, and errors as results."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from .._dataclasses import dataclass
from .._declaration.problems import Refused
from .commands import HostError, Runner


@dataclass(frozen=True)
class Task:
    """params: checked against the argument spec, with its defaults. diff: whether it is to be told."""

    params: Mapping[str, Any]
    check_mode: bool
    diff: bool
    runner: Runner


# The whole work of a module: the task → its result. May raise Refused, HostError and OSError.
Act = Callable[[Task], "dict[str, Any]"]


def outcome(act: Act, task: Task) -> dict[str, Any]:
    """What is wrong, or went wrong, is a result, too: one that has failed."""
    try:
        return act(task)
    except Refused as refused:
        problems = [problem.as_result() for problem in refused.problems]
        return {"failed": True, "changed": False, "msg": refused.message, "problems": problems}
    except (HostError, OSError) as error:
        return {"failed": True, "changed": False, "msg": str(error)}


def invoked(params: Mapping[str, Any]) -> str:
    """For the host's log. The rest of what a task was called with holds the contents of files, which have no place there."""
    return f"Invoked for {params.get('name')}, {params.get('state')}"
