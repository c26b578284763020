# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a signal to the processes of a unit, and waits for what comes of it."""

from __future__ import annotations

import time
from typing import Any, Mapping

from ..._dataclasses import replace
from ..._declaration.problems import Problems
from ..._operation import signals
from ..._operation.connection import ALWAYS, carriers
from ..._operation.signals import Asked, Service
from ..._systemd_cli import operations
from ..io.commands import Commands
from ..io.connection import ancestors, processes_of, still_living
from ..io.context import HostContext

_PAUSE = 0.1  # seconds between two looks


def unit_signal(params: Mapping[str, Any], context: HostContext, only_looks: bool) -> dict[str, Any]:
    """The module's result. Raises ValidationFailed, and CommandFailed where systemd does not send it."""
    asked = signals.asked_of(params)
    _require_manager(context)
    seen = _look(asked.unit, context.commands)
    # What a user's manager runs is not what the connection to the host needs.
    signals.check(asked, seen, ALWAYS if context.commands.is_for_user else carriers(ancestors()))
    if only_looks:
        return _result(asked, seen, seen)
    context.commands.output(context.commands.systemctl.kill(seen.name, asked.signal, asked.whom))
    return _wait(asked, seen, context.commands) if asked.wait else _result(asked, seen, _look(asked.unit, context.commands))


def _require_manager(context: HostContext) -> None:
    problems = Problems()
    user = context.manager.user
    if user and not context.manager.is_running:
        problems.add("scope_user", user.name, "the manager of this user does not run", "Log in as that user, or let it linger.")
    problems.raise_if_any()


def _look(unit: str, commands: Commands) -> Service:
    seen = operations.service(commands.output(operations.show_processes(commands.systemctl, unit)))
    return replace(seen, processes=processes_of(seen.control_group))


def _wait(asked: Asked, before: Service, commands: Commands) -> dict[str, Any]:
    reached, deadline = before.reached_by(asked.whom), time.monotonic() + asked.timeout
    while True:
        is_over = time.monotonic() >= deadline
        now, alive = _look(asked.unit, commands), still_living(reached)
        progress = signals.progress(asked, before, now, alive)
        failure = progress.failure or (f"{signals.still(asked, now, alive)} after {asked.timeout:g} s" if is_over else "")
        if progress.is_there or failure:
            result = _result(asked, before, now)
            if not progress.is_there:
                result.update(failed=True, msg=f"{before.name} got {asked.signal}, but is not {asked.wait}: {failure}.")
            return result
        time.sleep(_PAUSE)


def _result(asked: Asked, before: Service, now: Service) -> dict[str, Any]:
    return {
        "changed": True,
        "signal": asked.signal,
        "whom": asked.whom,
        "processes": [process.pid for process in before.reached_by(asked.whom)],
        "unit": now.as_result(),
    }
