# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own way to the host: a module with all of ansible.module_utils.basic. bootstrapped.py is the other one."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule

from ..io.commands import Runner
from ..io.task import Act, Task, invoked, outcome


class _Module(AnsibleModule):
    def _log_invocation(self) -> None:
        self.log(invoked(self.params))


def serve(argument_spec: dict[str, Any], act: Act) -> None:
    """The whole of a module."""
    module = _Module(argument_spec=argument_spec, supports_check_mode=True)
    result = outcome(act, Task(module.params, module.check_mode, module._diff, _runner_of(module)))
    for warning in result.pop("warnings", []):
        module.warn(warning)
    # Also what has failed: fail_json would add a traceback of this very line.
    module.exit_json(**({"invocation": {}, **result} if result.get("failed") else result))


def _runner_of(module: AnsibleModule) -> Runner:
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
