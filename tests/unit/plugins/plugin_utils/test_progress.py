# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run shows of itself while it lasts, read from the lock of its host, and from nothing that others have put there."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils import progress

ME = f"process {os.getpid()}, since 2026-01-01 00:00:00 UTC"
LOCK = b"/run/daemonic.systemd.lock"


def said(lock: Path) -> str:
    """What the host says, where the lock is this one."""
    argv = shlex.split(progress.command(sys.executable, ("", "")))
    program = progress.READ.replace(LOCK, bytes(lock))
    assert program != progress.READ
    return subprocess.run(argv, input=program, capture_output=True, check=False, timeout=60).stdout.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"stack shop, {ME}\nsettle shop.service", "settle shop.service", id="its step"),
        pytest.param(f"stack shop, {ME}", "", id="it has not begun"),
        pytest.param(
            f"stack other, {ME}\nsettle other.service",
            f"waits for stack other, {ME}: settle other.service",
            id="another run, which it waits for",
        ),
        pytest.param("stack shop, process 999999999, since x\nsettle dead.service", "", id="what a killed run has left"),
        pytest.param("", "", id="nobody"),
        pytest.param(f"stack shop, {ME}\n\x1b]0;owned\x07", "\\x1b]0;owned\\x07", id="an escape sequence"),
        pytest.param(f"stack shop, {ME}\n{'x' * 5000}", f"{'x' * 199}…", id="more than anybody wants to see"),
    ],
)
def test_what_is_shown(tmp_path: Path, text: str, shown: str) -> None:
    lock = tmp_path / "lock"
    lock.write_text(text, encoding="utf-8")
    assert progress.step_in(said(lock), "stack shop, ") == shown


def hostile(tmp_path: Path, kind: str) -> Path:
    lock, text = tmp_path / "lock", f"stack shop, {ME}\nowned"
    if kind == "pipe":
        os.mkfifo(lock)
    elif kind == "folder":
        lock.mkdir()
    else:
        (tmp_path / "real").write_text(text, encoding="utf-8")
        if kind == "link":
            lock.symlink_to(tmp_path / "real")
        else:
            (tmp_path / "real").rename(lock)
    if kind == "open":
        lock.chmod(0o666)
    if kind == "another":
        os.chown(lock, pwd.getpwnam("nobody").pw_uid, -1)
    return lock


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "open", "another"])
def test_what_others_have_put_there_is_not_read_and_hangs_nothing(tmp_path: Path, kind: str) -> None:
    if kind == "another" and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    assert said(hostile(tmp_path, kind)) == ""


def test_the_same_file_of_its_own_is_read(tmp_path: Path) -> None:
    assert said(hostile(tmp_path, "own")).endswith("owned")


def test_a_name_is_no_command() -> None:
    argv = shlex.split(progress.command("#!/usr/bin/env python3", ("user", "a; touch /tmp/owned")))
    assert argv == ["/usr/bin/env", "python3", "-IS", "-", "user", "a; touch /tmp/owned"]


def test_the_lock_lies_where_the_host_takes_it() -> None:
    manager = (Path(progress.__file__).parents[1] / "module_utils" / "_host" / "io" / "manager.py").read_text(encoding="utf-8")
    assert LOCK.decode() in manager
