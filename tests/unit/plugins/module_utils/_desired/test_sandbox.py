# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""As whom something is run, with what, and how what makes a release says what has failed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import sandbox, venv_commands
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.identity import ROOT, THROW_AWAY, Identity, identity_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse


@pytest.mark.parametrize(
    ("text", "who", "is_root"),
    [
        pytest.param("", ROOT, True, id="nobody named"),
        pytest.param("User=root", Identity("root"), True, id="root"),
        pytest.param("User=00", Identity("00"), True, id="a number of root's"),
        pytest.param("User=app\nGroup=web\nSupplementaryGroups=a b", Identity("app", "web", ("a", "b")), False, id="groups"),
        pytest.param("DynamicUser=on", THROW_AWAY, False, id="dynamic"),
        pytest.param("DynamicUser=yes\nUser=app", Identity("app", is_dynamic=True), False, id="dynamic with a name"),
        pytest.param("User=app\nUser=", Identity(), True, id="taken back"),
    ],
)
def test_who_it_is(text: str, who: Identity, is_root: bool) -> None:
    found = identity_of(parse(f"[Service]\n{text}\n"))
    assert (found, found.is_root) == (who, is_root)


def test_command_line_of_a_unit() -> None:
    command = sandbox.in_unit("a", Identity("app", "web", ("x", "y")), ["sh", "-c", "echo $HOME"], 60, {"B": "c"}, ["D=e"])
    assert command[command.index("--") :] == ["--", "sh", "-c", "echo $$HOME"], "PID 1 makes one of two"
    assert {"--property=User=app", "--property=Group=web", "--property=SupplementaryGroups=x y"} < set(command)
    assert {"--setenv=B=c", "--property=D=e", "--unit=a", "--property=RuntimeMaxSec=60s", "--wait", "--pipe"} < set(command)
    assert "--property=DynamicUser=yes" not in command


def test_a_throw_away_user_is_in_the_strict_sandbox() -> None:
    command = sandbox.in_unit("a", THROW_AWAY, ["true"], 60, {})
    assert {f"--property={key}={value}" for key, value, _why in (*sandbox.EVERY, *sandbox.STRICT)} < set(command)


def test_paths_that_are_bound_hold_no_separator() -> None:
    assert sandbox.bound("/a b", "/c:d\\e") == "BindPaths=/a\\ b:/c\\:d\\\\e"


def test_installers_are_given_what_says_where_packages_come_from() -> None:
    task = {"https_proxy": "a", "NO_PROXY": "b", "PIP_INDEX_URL": "c", "UV_INDEX": "d", "SSL_CERT_FILE": "e"}
    assert sandbox.for_installers({**task, "VAULT_TOKEN": "x", "PATH": "y", "HOME": "z", "LD_PRELOAD": "w"}) == task


def made(tmp_path: Path, *steps: tuple[bool, str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Steps are programs of Python: (asks the index, text)."""
    listed = [(number, asks, [sys.executable, "-c", text]) for number, (asks, text) in enumerate(steps)]
    call = {"program": venv_commands.MAKE, "mark": venv_commands.MARK, "steps": listed, "environment": {"A": "1"}, "compile": []}
    call = {**call, "index": {}, **more}
    command = [sys.executable, "-I", "-S", "-c", venv_commands.MAKE]
    return subprocess.run(command, input=json.dumps(call), capture_output=True, text=True, check=False, cwd=tmp_path)


FOUND = [venv_commands.BuildStep("make", []), venv_commands.BuildStep("install", []), venv_commands.BuildStep("check", [])]


def test_what_fails_is_named_with_its_return_code(tmp_path: Path) -> None:
    done = made(tmp_path, (False, "pass"), (True, "import sys; sys.exit('no such thing')"), (False, "print('never')"))
    assert venv_commands.failure(1, done.stdout + done.stderr, FOUND) == ("install", 1, "no such thing\n")
    assert "never" not in done.stdout
    assert venv_commands.failure(226, "no such interpreter", FOUND)[:2] == ("make it", 226)


def test_nothing_of_the_index_is_left_when_packages_run(tmp_path: Path) -> None:
    """pip check runs what packages start by themselves; it looks in its parent, and in its home."""
    look = """
import os
parent, secret = "/proc/%d/" % os.getppid(), bytes.fromhex("73337261740a")[:5]
told = [secret in open(parent + name, "rb").read() for name in ("environ", "cmdline")]
print("I" in os.environ, told, os.path.exists("pip.conf"))
"""
    take = "import os; assert os.environ['I'] == 's3rat'"
    index = {"I": "s3rat"}
    done = made(tmp_path, (True, take), (False, f"import os; os.chdir({str(tmp_path)!r}){look}"), index=index,
                files={str(tmp_path / "pip.conf"): "s3rat"})  # fmt: skip
    assert done.stdout.strip() == "False [False, False] False", done.stderr


def test_source_is_compiled_where_it_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.py").write_text("x = 1\n")
    (tmp_path / "source" / "b.py").write_text("x = \n")
    made(tmp_path, compile=[(str(tmp_path / "source"), str(tmp_path / "venv"))])
    assert [path.name for path in (tmp_path / "venv").rglob("*.pyc")] == [f"a.{sys.implementation.cache_tag}.pyc"]
    assert sorted(path.name for path in (tmp_path / "source").iterdir()) == ["a.py", "b.py"]
