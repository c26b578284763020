# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ansible-playbook that ansible-lint gets answers as that of ansible-core does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

SHORT = Path(__file__).parents[2] / "bed" / "syntax" / "ansible-playbook"
PLAYBOOKS = {
    "good": "- hosts: localhost\n  tasks: [{ansible.builtin.ping: {}}]\n",
    "bad": "- hosts: localhost\n  tasks: [{ansible.builtin.ping: {}, ansible.builtin.debug: {}}]\n",
    "broken": "- hosts: [\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Of the process that forks, which ends with it."""
    path = tmp_path / "socket"
    path.mkdir()
    yield path
    shutil.rmtree(path)


def test_it_answers_as_ansible_does(tmp_path: Path, folder: Path) -> None:
    def call(program: Path, name: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, program, "--syntax-check", f"{name}.yml"],
            cwd=tmp_path,
            env={**os.environ, "DAEMONIC_SYNTAX": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    real = Path(
        shutil.which("ansible-playbook", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])) or ""
    )
    for name, text in PLAYBOOKS.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    answers = {name: call(SHORT, name) for name in [*PLAYBOOKS, "missing"]}
    assert answers == {name: call(real, name) for name in answers}
    assert answers["good"][0] == 0
    assert 0 not in [answers[name][0] for name in ("bad", "broken", "missing")]
