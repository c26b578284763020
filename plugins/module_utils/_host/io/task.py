# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module has of Ansible, however it came to the host: its parameters, programs, and errors as results."""

from __future__ import annotations

import errno
import os
from typing import Any, Callable, Mapping

from ..._dataclasses import dataclass
from ..._declaration.problems import ValidationFailed
from ..._text import line
from .commands import HostError, Runner


@dataclass(frozen=True)
class Task:
    """params: checked against the argument spec, with its defaults. diff: whether it is to be told."""

    params: Mapping[str, Any]
    check_mode: bool
    diff: bool
    runner: Runner


# The whole work of a module: the task → its result. May raise ValidationFailed, HostError and OSError.
Act = Callable[[Task], "dict[str, Any]"]


def outcome(act: Act, task: Task) -> dict[str, Any]:
    """What is wrong, or went wrong, is a result, too: one that has failed."""
    try:
        return act(task)
    except (ValidationFailed, HostError, OSError) as error:
        return failure_of(error)


def failure_of(error: ValidationFailed | HostError | OSError) -> dict[str, Any]:
    """The result of a task that was refused, or could not do what it was to do."""
    result: dict[str, Any] = {"failed": True, "changed": False}
    if isinstance(error, ValidationFailed):
        return {**result, "msg": error.message, "problems": [problem.as_result() for problem in error.problems]}
    return {**result, "msg": told(error) if isinstance(error, OSError) else str(error)}


def told(error: OSError) -> str:
    """What the host could not do, where, and what helps, if that is known."""
    what = error.strerror or type(error).__name__
    name = error.filename2 or error.filename  # of a rename its target: what is meant, and not what lies beside it
    where = line(os.fsdecode(name)) if isinstance(name, (str, bytes)) else ""
    sentence = f"{where}: {what}." if where else f"The host refused something: {what}."
    return " ".join([sentence, *([_REMEDIES[error.errno]] if error.errno in _REMEDIES else [])])


_REMEDIES = {
    errno.ENOSPC: "Make room on that file system, and run this task again.",
    errno.EDQUOT: "Make room within its quota, and run this task again.",
    errno.EROFS: "Have that file system writable, and run this task again.",
    errno.EMFILE: "Too many files are open: raise the limit of the process that runs this task.",
    errno.ENOMEM: "The host is out of memory.",
    errno.EIO: "Look at the disk: dmesg tells what is wrong with it.",
}


def invoked(params: Mapping[str, Any]) -> str:
    """For the host's log. The rest of what a task was called with holds the contents of files, which have no place there."""
    return line(f"Invoked for {params.get('name')}, {params.get('state')}")
