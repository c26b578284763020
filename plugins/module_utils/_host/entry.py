# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the modules meet the rest: parameters in, result or error out."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule

from .._declaration.declaration import stack_of
from .._declaration.problems import Refused
from .._desired.credentials import texts_to_hide
from .._outcome.report import result_of, units_as_before
from .._plan.observed import Observed
from .apply import NotStaged
from .carry_out import Failed, carry_out
from .commands import CommandFailed, Runner
from .credentials import NotSealed
from .decide import Decision, decide
from .history import earlier_stack, next_history, require_content
from .tools import Locked, lock, prepare


class _DiscreetModule(AnsibleModule):
    def _log_invocation(self) -> None:
        """What it was called with holds the contents of files, which have no place in the host's journal."""
        self.log(f"Invoked for {self.params['name']}, {self.params['state']}")


def run(argument_spec: dict[str, Any], declaration: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """The whole of a module. declaration: its parameters → those of a stack."""
    module = _DiscreetModule(argument_spec=argument_spec, supports_check_mode=True)
    try:
        result = _transact(module, declaration(module.params))
        for warning in result.pop("warnings", []):
            module.warn(warning)
        module.exit_json(**result)
    except Refused as refused:
        problems = [problem.as_result() for problem in refused.problems]
        module.fail_json(msg=refused.message, problems=problems, invocation={})
    except (Locked, NotSealed, NotStaged, CommandFailed, OSError) as error:
        module.fail_json(msg=str(error), invocation={})


def _transact(module: AnsibleModule, declared: Mapping[str, Any]) -> dict[str, Any]:
    stack = stack_of(declared)
    tools = prepare(stack, _runner(module))
    only_looks = module.check_mode or stack.state == "validated"
    if not only_looks:
        lock(stack, tools)
    is_back = stack.state == "rolled_back"
    wanted = earlier_stack(stack, declared, tools) if is_back else stack
    tools.commands.hide(texts_to_hide(wanted))
    decision = decide(wanted, tools, only_looks)
    if decision.needed:
        require_content(is_back)
        return {"changed": False, "needed": list(decision.needed), "invocation": {}}
    history = next_history(stack, declared, tools) if is_back or decision.plan.actions else None
    try:
        after = decision.observed if only_looks else carry_out(decision, tools, history)
    except Failed as failed:
        result = {**_result_of(module, decision, failed.after), **failed.story.as_result()}
        if failed.story.was_put_back:
            result.update(changed=False, units=units_as_before(decision.desired, failed.after))
        return result
    return _result_of(module, decision, after)


def _result_of(module: AnsibleModule, decision: Decision, after: Observed) -> dict[str, Any]:
    return result_of(decision.plan, decision.desired, decision.observed, after, decision.warnings, module._diff)


def _runner(module: AnsibleModule) -> Runner:
    def run_command(argv: Sequence[str], stdin: bytes | None, environment: Mapping[str, str]) -> tuple[int, str, str]:
        return module.run_command(
            list(argv),
            data=stdin,
            binary_data=True,
            environ_update=dict(environment),
            expand_user_and_vars=False,
            handle_exceptions=False,
        )

    return run_command
