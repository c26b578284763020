# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of deployments: read before a run that returns to an earlier one, written when a run went well."""

from __future__ import annotations

from typing import Any, Mapping

from ..._declaration.declaration import stack_of
from ..._declaration.model import Stack
from ..._declaration.problems import Problems, Refused
from ..._manifest.history import History, with_secrets
from ..._plan.observed import Manifest
from ..io.context import Tools
from ..observation.observe import read_manifest
from .credentials import read_back


def earlier_stack(stack: Stack, declared: Mapping[str, Any], tools: Tools) -> Stack:
    """What state: rolled_back means on this host: the stack as it was declared before. Raises Refused."""
    manifest = _manifest(stack.name, tools)
    found = read_history(stack.name, tools).return_to(not manifest.complete)
    if found is None:
        problems = Problems()
        problem = f"no deployment of {stack.name} before the present one is on record on this host"
        problems.add("state", "rolled_back", problem, "Declare what you want to return to, with the state present.")
        raise Refused(problems.found)

    def read(daemon: str, credential: str) -> dict[str, Any]:
        return read_back(daemon, credential, manifest.sealed, tools)

    return stack_of({**declared, **with_secrets(found, read), "state": "present"})


def read_history(stack: str, tools: Tools) -> History:
    """Raises Refused where it cannot be read."""
    path = tools.manager.scope.history_path(stack)
    problems = Problems()
    try:
        return History.from_json(tools.disk.read_json(path))
    except (ValueError, KeyError, TypeError) as error:
        problems.add(path, str(error), "the record of deployments cannot be read", "Restore it, or move it away.")
    problems.raise_if_any()
    return History()


def next_history(stack: Stack, declared: Mapping[str, Any], tools: Tools) -> History | None:
    """What is to be on record when this run went well; None for nothing."""
    if stack.state == "absent":
        return None
    history = read_history(stack.name, tools)
    if stack.state == "rolled_back":
        return history.returned(not _manifest(stack.name, tools).complete)
    return history.deployed(declared)


def require_content(is_back: bool) -> None:
    """The controller sends a large file that the host lacks, but knows nothing of an earlier deployment's. Raises Refused."""
    problems = Problems()
    if is_back:
        problem = "a large file of the earlier deployment is not on the host any more"
        problems.add("state", "rolled_back", problem, "Declare what you want to return to, with the state present.")
    problems.raise_if_any()


def _manifest(stack: str, tools: Tools) -> Manifest:
    return read_manifest(tools.disk, tools.manager.scope, stack) or Manifest(stack)
