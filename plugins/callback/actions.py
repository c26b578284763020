# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the actions of a task, with their reasons, below its line."""

from __future__ import annotations

DOCUMENTATION = r"""
name: actions
type: notification
short_description: Print what a transaction did on each host, and why
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Prints one line for each action, with its target and its reason, below each task that returns C(actions), as
    M(daemonic.systemd.stack) does. Hosts with the same actions share one list.
requirements:
  - Enable it with C(callbacks_enabled = daemonic.systemd.actions) in C(ansible.cfg), or with the environment variable
    E(ANSIBLE_CALLBACKS_ENABLED).
"""

from typing import Any

from ansible import constants as C
from ansible.plugins.callback import CallbackBase

from ..module_utils._text import line


def _shown(action: dict[str, Any]) -> str:
    """Of whichever module and host: in one line, and nothing of it acts on the terminal."""
    verb, target, reason = (line(str(action.get(key, ""))) for key in ("action", "target", "reason"))
    return f"{verb:<16} {target}: {reason}"


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "daemonic.systemd.actions"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._hosts: dict[tuple[str, ...], list[str]] = {}

    def v2_runner_on_ok(self, result: Any) -> None:
        self._note(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._note(result)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._print()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._print()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._print()

    def _note(self, result: Any) -> None:
        """Hosts answer one by one; what they did is printed together when the task is over."""
        actions = result.result.get("actions") if hasattr(result, "result") else result._result.get("actions")
        if isinstance(actions, list) and all(isinstance(action, dict) and "reason" in action for action in actions):
            lines = tuple(_shown(action) for action in actions)
            host = result.host if hasattr(result, "host") else result._host
            self._hosts.setdefault(lines or ("nothing to do",), []).append(host.get_name())

    def _print(self) -> None:
        for lines, hosts in self._hosts.items():
            self._display.display(f"{', '.join(sorted(hosts))}:", color=C.COLOR_VERBOSE)
            for each in lines:
                self._display.display(f"  {each}")
        self._hosts.clear()
