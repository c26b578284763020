# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the modules meet the rest: parameters in, result or error out."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule

from .._stack.declaration import stack_of
from .._stack.desired import Scope
from .._stack.problems import Refused
from .apply import NotStaged
from .commands import CommandFailed, Commands, Runner
from .transaction import Unhealthy, carry_out, decide, failure_of, result_of


def run(argument_spec: dict[str, Any], declaration: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """The whole of a module. declaration: its parameters → those of a stack."""
    # no_log keeps the contents of files out of the host's syslog; the result is ours to choose.
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True, no_log=True)
    try:
        module.exit_json(**_transact(module, declaration(module.params)))
    except Refused as refused:
        problems = [problem.as_result() for problem in refused.problems]
        module.fail_json(msg=refused.message, problems=problems, invocation={})
    except (NotStaged, CommandFailed, OSError) as error:
        module.fail_json(msg=str(error), invocation={})


def _transact(module: AnsibleModule, declared: Mapping[str, Any]) -> dict[str, Any]:
    commands = Commands(_runner(module))
    decision = decide(stack_of(declared), Scope(), commands)
    if decision.needed:
        return {"changed": False, "needed": list(decision.needed), "invocation": {}}
    try:
        after = decision.observed if module.check_mode else carry_out(decision, commands)
    except Unhealthy as unhealthy:
        return failure_of(decision, unhealthy, module._diff)
    return result_of(decision, after, module._diff)


def _runner(module: AnsibleModule) -> Runner:
    def run_command(argv: Sequence[str], stdin: bytes | None) -> tuple[int, str, str]:
        return module.run_command(
            list(argv), data=stdin, binary_data=True, environ_update={"LC_ALL": "C", "SYSTEMD_COLORS": "0"}, handle_exceptions=True
        )

    return run_command
