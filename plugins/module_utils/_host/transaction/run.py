# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transactions: a task → its result."""

from __future__ import annotations

from typing import Any, Mapping

from ..._declaration.declaration import stack_of, stack_of_daemon
from ..._declaration.model import Stack
from ..._declaration.problems import ValidationFailed
from ..._declaration.unit import stack_of_unit
from ..._desired.credentials import texts_to_hide
from ..._manifest.history import History
from ..._plan.observed import Observed
from ..._plan.release_contents import told_of_use
from ..._result.report import result_of, units_as_before
from ..io.commands import HostError
from ..io.context import HostContext, Locked, lock, prepare
from ..io.task import Task, failure_of
from ..observation.observe import read_manifest, unit_states
from .carry_out import Ask, NotRecorded, TransactionFailed, carry_out
from .decide import decide
from .decision import Decision
from .history import earlier_stack, next_history, read_history, require_content
from .patterns import resolved


def stack(task: Task) -> dict[str, Any]:
    """The work of the module of this name, as of the two below."""
    return _transact(task, task.params)[0]


def daemon(task: Task) -> dict[str, Any]:
    return _transact(task, stack_of_daemon(task.params))[0]


def unit(task: Task) -> dict[str, Any]:
    from .unit_status import status_of

    result, context = _transact(task, stack_of_unit(task.params))
    return result if "units" not in result else {**result, **status_of(task.params, result, context)}


def _transact(task: Task, declared: Mapping[str, Any]) -> tuple[dict[str, Any], HostContext]:
    """declared: the parameters as those of a stack."""
    wanted = stack_of(declared)
    context = prepare(wanted, task.runner)
    try:
        return _run(task, wanted, declared, context), context
    except (ValidationFailed, HostError, OSError) as error:
        told = {} if wanted.is_partial else {"proven": _is_proven_still(error, wanted, context)}
        return {**failure_of(error), **told}, context
    finally:
        context.disk.unlock()


def _is_proven_still(error: Exception, stack: Stack, context: HostContext) -> bool:
    """Is the host, of which this run has changed nothing, known to run a version that was seen healthy?"""
    if isinstance(error, Locked):  # another run is about to change it
        return False
    try:
        manifest = read_manifest(context.disk, context.manager.scope, stack.name)
        if manifest is None or not (manifest.complete or isinstance(error, NotRecorded)):
            return False
        names = [name for name in manifest.owned if "@." not in name]
        states = unit_states(names, context.commands) if context.manager.is_running else {}
    except (ValidationFailed, HostError, OSError):
        return False
    return not any(state.has_failed or (state.is_looping and not state.loops_well) for state in states.values())


def _run(task: Task, stack: Stack, declared: Mapping[str, Any], context: HostContext) -> dict[str, Any]:
    only_looks = task.check_mode or stack.state == "validated"
    if not only_looks:
        lock(stack, context)
    is_back = stack.state == "rolled_back"
    wanted = earlier_stack(stack, declared, context) if is_back else resolved(stack, context)
    context.commands.hide(texts_to_hide(wanted))
    decision = decide(wanted, context, only_looks)
    if decision.needed:
        require_content(is_back)
        return {"changed": False, "needed": list(decision.needed), "invocation": {}}
    is_recorded = not stack.is_partial and (is_back or bool(decision.plan.actions))
    history = next_history(stack, declared, context) if is_recorded else None
    rollback_state = _rollback_state(decision, history, context)
    result = conclude(task, decision, context, only_looks, history)
    if stack.is_partial:
        result.pop("proven")
    return result if stack.is_partial or result.get("failed") else {**result, "rollback_state": rollback_state}


def _rollback_state(decision: Decision, history: History | None, context: HostContext) -> str | None:
    """Read before the record is written again."""
    if history is None:
        return None
    was_deployed = decision.observed.manifest is not None and not decision.observed.was_interrupted
    return read_history(decision.stack.name, context).rollback_state(history, was_deployed)


def conclude(
    task: Task,
    decision: Decision,
    context: HostContext,
    only_looks: bool,
    history: History | None = None,
    ask: Ask | None = None,
) -> dict[str, Any]:
    """Carry the decision out, unless the run only looks. Returns the result of the module, that of a failure too."""
    try:
        after = decision.observed if only_looks else carry_out(decision, context, history, ask)
    except TransactionFailed as failed:
        result = {**_result_of(task, decision, failed.after), **failed.story.as_result(), "proven": failed.is_proven}
        if failed.story.was_put_back:
            result.update(changed=False, units=units_as_before(decision.desired, failed.after))
        return result
    manifest = decision.observed.manifest
    is_proven = manifest is not None and manifest.complete if only_looks else decision.stack.state != "absent"
    return {**_result_of(task, decision, after, {} if only_looks else after.in_use), "proven": is_proven}


def _result_of(task: Task, decision: Decision, after: Observed, spared: Mapping[str, str] | None = None) -> dict[str, Any]:
    """spared: releases that were to go, and are in use."""
    planned = decision.plan.without_removal_of(spared or {})
    warnings = (*decision.warnings, *told_of_use(spared or {}))
    return result_of(planned, decision.desired, decision.observed, after, warnings, task.diff)
