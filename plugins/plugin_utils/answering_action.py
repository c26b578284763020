# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of every module: what comes from a host is read as data before Ansible heeds any of it."""

from __future__ import annotations

from typing import Any, ClassVar, Mapping

from ansible.plugins.action import ActionBase

from .answers.modules import accepted, discreet
from .arguments import show_no_arguments


class AnsweringAction(ActionBase):
    """module: whose answer it is."""

    module: ClassVar[str] = ""
    _supports_check_mode = True

    def answer(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """What is documented of it, and the interpreter that Ansible itself has found on the host."""
        found = self.quiet(accepted(self.module, result))
        if self._discovered_interpreter_key:
            found["ansible_facts"] = {self._discovered_interpreter_key: self._discovered_interpreter}
        return found

    def quiet(self, result: dict[str, Any]) -> dict[str, Any]:
        return discreet(result) if self._task.no_log else result


class PlainAction(AnsweringAction):
    """Of the modules that need nothing of the controller."""

    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        show_no_arguments(self._task)
        super().run(tmp, task_vars)
        is_apart = bool(self._task.async_val) and not self._connection.has_native_async
        return self.answer(self._execute_module(task_vars=task_vars, wrap_async=is_apart))
