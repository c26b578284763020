# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible, called with arguments that are wrong: nothing that it prints or logs is one of their values, and the place is there.

`./dev units` runs it with the oldest and the newest ansible-core that are supported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.daemonic.systemd.plugins.plugin_utils import arguments

SECRET = "T0PSECRET"
COLLECTIONS = Path(arguments.__file__).parents[5]

# Task → what is wrong with it.
TRIGGERS = {
    "a misspelt choice": ("daemon", {"name": "a", "state": "strated", "credentials": {"pw": "{{ secret }}"}}),
    "no name": ("daemon", {"credentials": {"pw": "{{ secret }}"}, "environment": {"A": "{{ secret }}"}}),
    "a wrong type": ("unit", {"name": "a.service", "content": "{{ secret }}", "force": "{{ secret }}"}),
    "empty units": ("stack", {"name": "a", "units": None, "files": {"/a": {"content": "{{ secret }}"}}}),
    "a section that is no mapping": (
        "unit",
        {"name": "a.service", "sections": {"Service": "{{ secret }}"}, "state": "validated"},
    ),
    "arguments with half a quote": ("daemon", {"name": "a", "script": "a.py", "args": "'{{ secret }}", "state": "validated"}),
    "a text for a truth value": ("fleet_report", {"hosts": ["localhost"], "answer": "a", "strict": "{{ secret }}"}),
    "a step that there is not": ("rollout", {"step": "{{ secret }}"}),
}


def said(tmp_path: Path, *command: str, **environment: str) -> str:
    """All that is printed, and logged."""
    log = tmp_path / "log"
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
        "ANSIBLE_NOCOLOR": "1",
        "COLUMNS": "300",
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-m", "ansible", *command], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    return done.stdout + done.stderr + log.read_text(encoding="utf-8")


def playbook(tmp_path: Path, tasks: list[dict[str, object]]) -> str:
    (tmp_path / "a.py").write_text("", encoding="utf-8")
    (tmp_path / "secret.json").write_text(json.dumps({"secret": SECRET}), encoding="utf-8")
    path = tmp_path / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    return said(tmp_path, "playbook", "-vvv", "-e", "@secret.json", str(path))


@pytest.mark.parametrize("no_log", [False, True])
def test_in_a_playbook(tmp_path: Path, no_log: bool) -> None:
    tasks = [
        {"name": name, f"daemonic.systemd.{module}": args, "ignore_errors": True, "no_log": no_log}
        for name, (module, args) in TRIGGERS.items()
    ]
    text = playbook(tmp_path, tasks)
    assert text.count("[ERROR]: Task failed") >= len(tasks)
    assert text.count(f"Origin: {tmp_path}/play.yml:") >= len(tasks)
    assert "Nothing was changed" in text
    assert SECRET not in text


def test_in_an_ad_hoc_command(tmp_path: Path) -> None:
    for module, args in list(TRIGGERS.values())[:5]:
        shown = json.dumps(args).replace("{{ secret }}", SECRET)
        text = said(tmp_path, "adhoc", "localhost", "-m", f"daemonic.systemd.{module}", "-a", shown)
        assert "FAILED" in text
        assert SECRET not in text.replace(shown, "")


OLD_WAY = """
from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        self._task.args = dict(self._task.args)
        self.validate_argument_spec({"name": {"required": True}, "credentials": {"type": "dict"}})
"""


def test_the_same_would_be_printed_by_the_check_of_ansible(tmp_path: Path) -> None:
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "action_plugins" / "old_way.py").write_text(OLD_WAY, encoding="utf-8")
    assert SECRET in playbook(tmp_path, [{"old_way": {"credentials": {"pw": "{{ secret }}"}}, "no_log": True}])
