# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module has of Ansible: its parameters, its way to run programs, and its errors as results."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule

from .._declaration.problems import Refused
from .commands import Commands, HostError, Runner
from .disk import Disk
from .manager import find_manager
from .tools import Tools


class DiscreetModule(AnsibleModule):
    def _log_invocation(self) -> None:
        """What it was called with holds the contents of files, which have no place in the host's journal."""
        self.log(f"Invoked for {self.params['name']}, {self.params['state']}")


def answer(
    argument_spec: dict[str, Any], reply: Callable[[Mapping[str, Any], Tools, bool], dict[str, Any]], changes: bool = False
) -> None:
    """The whole of a module that is no transaction.

    reply: (parameters, the host, whether it may only look) → the result. changes: it does more than look.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    params = module.params
    with failing_plainly(module):
        scope, user, root = (params.get(name) or "" for name in ("scope", "scope_user", "root"))
        manager = find_manager(scope or "system", user, root, changes=changes)
        tools = Tools(Disk(manager.scope.root, manager.user), Commands(runner_of(module), manager.user), manager)
        result = {"changed": False, **reply(params, tools, module.check_mode)}
        for warning in result.pop("warnings", []):
            module.warn(warning)
        if not module._diff:
            result.pop("diff", None)
        module.exit_json(**result)


@contextmanager
def failing_plainly(module: AnsibleModule) -> Iterator[None]:
    """What is wrong, or went wrong, is the module's result."""
    try:
        yield
    except Refused as refused:
        problems = [problem.as_result() for problem in refused.problems]
        module.fail_json(msg=refused.message, problems=problems, invocation={})
    except (HostError, OSError) as error:
        module.fail_json(msg=str(error), invocation={})


def runner_of(module: AnsibleModule) -> Runner:
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
