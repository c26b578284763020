# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the modules meet the rest: parameters in, result or error out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Mapping

from .._declaration.declaration import stack_of
from .._declaration.model import Stack
from .._desired.credentials import texts_to_hide
from .._outcome.history import History
from .._outcome.report import result_of, units_as_before
from .._plan.observed import Observed
from .carry_out import Ask, Failed, carry_out
from .decide import Decision, decide
from .history import earlier_stack, next_history, read_history, require_content
from .module import DiscreetModule, failing_plainly, runner_of
from .patterns import resolved
from .tools import Tools, lock, prepare

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def run(
    argument_spec: dict[str, Any],
    declaration: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    more: Callable[[Mapping[str, Any], Mapping[str, Any], Tools], Mapping[str, Any]] | None = None,
) -> None:
    """The whole of a module. declaration: its parameters → those of a stack. more: what else its result tells."""
    module = DiscreetModule(argument_spec=argument_spec, supports_check_mode=True)
    with failing_plainly(module):
        declared = declaration(module.params)
        stack = stack_of(declared)
        tools = prepare(stack, runner_of(module))
        result = _transact(module, stack, declared, tools)
        if more and "needed" not in result:
            result.update(more(module.params, result, tools))
        for warning in result.pop("warnings", []):
            module.warn(warning)
        module.exit_json(**result)


def _transact(module: AnsibleModule, stack: Stack, declared: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    only_looks = module.check_mode or stack.state == "validated"
    if not only_looks:
        lock(stack, tools)
    is_back = stack.state == "rolled_back"
    wanted = earlier_stack(stack, declared, tools) if is_back else resolved(stack, tools)
    tools.commands.hide(texts_to_hide(wanted))
    decision = decide(wanted, tools, only_looks)
    if decision.needed:
        require_content(is_back)
        return {"changed": False, "needed": list(decision.needed), "invocation": {}}
    is_recorded = not stack.is_partial and (is_back or bool(decision.plan.actions))
    history = next_history(stack, declared, tools) if is_recorded else None
    way_back = _way_back(decision, history, tools)
    result = conclude(module, decision, tools, only_looks, history)
    return result if stack.is_partial or result.get("failed") else {**result, "way_back": way_back}


def _way_back(decision: Decision, history: History | None, tools: Tools) -> str | None:
    """Read before the record is written anew."""
    if history is None:
        return None
    was_deployed = decision.observed.manifest is not None and not decision.observed.was_interrupted
    return read_history(decision.stack.name, tools).way_back(history, was_deployed)


def conclude(
    module: AnsibleModule,
    decision: Decision,
    tools: Tools,
    only_looks: bool,
    history: History | None = None,
    ask: Ask | None = None,
) -> dict[str, Any]:
    """Carry the decision out, unless the run only looks. Returns the result of the module, that of a failure too."""
    try:
        after = decision.observed if only_looks else carry_out(decision, tools, history, ask)
    except Failed as failed:
        result = {**_result_of(module, decision, failed.after), **failed.story.as_result()}
        if failed.story.was_put_back:
            result.update(changed=False, units=units_as_before(decision.desired, failed.after))
        return result
    return _result_of(module, decision, after)


def _result_of(module: AnsibleModule, decision: Decision, after: Observed) -> dict[str, Any]:
    return result_of(decision.plan, decision.desired, decision.observed, after, decision.warnings, module._diff)
