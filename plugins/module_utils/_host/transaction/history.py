# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of deployments: read before a run that returns to an earlier one, written when a run went well."""

from __future__ import annotations

from typing import Any, Mapping

from ..._declaration.declaration import stack_of
from ..._declaration.model import Stack
from ..._declaration.problems import Problems, ValidationFailed
from ..._manifest.history import History, with_secrets
from ..._plan.observed import Manifest
from ..io.context import HostContext
from ..observation.observe import read_manifest
from .credentials import read_back


def earlier_stack(stack: Stack, declared: Mapping[str, Any], context: HostContext) -> Stack:
    """What state: rolled_back means on this host: the stack as it was declared before. Raises ValidationFailed."""
    manifest = _manifest(stack.name, context)
    found = read_history(stack.name, context).return_to(not manifest.complete)
    if found is None:
        problems = Problems()
        problem = f"no deployment of {stack.name} before the present one is on record on this host"
        problems.add("state", "rolled_back", problem, "Declare what you want to return to, with the state present.")
        raise ValidationFailed(problems.found)

    def read(daemon: str, credential: str) -> dict[str, Any]:
        return read_back(daemon, credential, manifest.sealed, context)

    return stack_of({**declared, **with_secrets(found, read), "state": "present"})


def read_history(stack: str, context: HostContext) -> History:
    """Raises ValidationFailed where it cannot be read."""
    path = context.manager.scope.history_path(stack)
    problems = Problems()
    try:
        return History.from_json(context.disk.read_json(path))
    except (ValueError, KeyError, TypeError) as error:
        problems.add(path, str(error), "the record of deployments cannot be read", "Restore it, or move it away.")
    problems.raise_if_any()
    return History()


def next_history(stack: Stack, declared: Mapping[str, Any], context: HostContext) -> History | None:
    """What is to be on record when this run went well; None for nothing."""
    if stack.state == "absent":
        return None
    history = read_history(stack.name, context)
    if stack.state == "rolled_back":
        return history.returned(not _manifest(stack.name, context).complete)
    return history.deployed(declared)


def require_content(is_back: bool) -> None:
    """The controller sends a large file that the host lacks, but knows nothing of an earlier deployment's.

    Raises ValidationFailed.
    """
    problems = Problems()
    if is_back:
        problem = "a large file of the earlier deployment is not on the host any more"
        problems.add("state", "rolled_back", problem, "Declare what you want to return to, with the state present.")
    problems.raise_if_any()


def _manifest(stack: str, context: HostContext) -> Manifest:
    return read_manifest(context.disk, context.manager.scope, stack) or Manifest(stack)
