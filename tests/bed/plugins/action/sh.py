# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sh: what ansible.builtin.shell does, for the scenarios, without a module: a module costs its host a quarter of a second.

As there it takes cmd, stdin, chdir, creates and executable, returns rc, stdout, stderr and their lines, and is skipped in check
mode.
"""

from __future__ import annotations

import shlex
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _VALID_ARGS = frozenset({"cmd", "stdin", "chdir", "creates", "executable"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        given = self._task.args
        command = str(given["cmd"])
        if self._task.check_mode:
            return {**result, "skipped": True}
        if "creates" in given and self._remote_file_exists(given["creates"]):
            return {**result, "changed": False, "rc": 0, "stdout": "", "stdout_lines": []}
        if "chdir" in given:
            command = f"cd {shlex.quote(given['chdir'])} || exit\n{command}"
        # With something to send, ssh asks for no terminal, on which programs would print otherwise.
        stdin = f"{given['stdin']}\n".encode() if "stdin" in given else b""
        line = f"{given.get('executable', '/bin/sh')} -c {shlex.quote(command)}{'' if stdin else ' </dev/null'}"
        done = self._low_level_execute_command(f"{self._compute_environment_string()} {line}", in_data=stdin or b"\n")
        done = {**done, "stdout": done["stdout"].rstrip("\r\n"), "stderr": done["stderr"].rstrip("\r\n")}
        done.update(stdout_lines=done["stdout"].splitlines(), stderr_lines=done["stderr"].splitlines(), changed=True)
        if done["rc"]:
            done.update(failed=True, msg=f"non-zero return code {done['rc']}")
        return {**result, **done}
