# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a throwaway user has made becomes root's, and nothing else does."""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.entry_point import EntryPoint
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import venv_commands
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Build
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build.take_ownership import take_over
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.release_files import BuildFailed


@pytest.fixture
def build(tmp_path: Path) -> Build:
    found = Build(
        f"{tmp_path}/release", "daemons.shop", sys.executable, "tree", None, EntryPoint("script", "a.py"), has_venv=True
    )
    for folder in (found.venv, f"{found.source_directory}/pkg"):
        os.makedirs(folder)
    return found


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "made" / "bin").mkdir(parents=True)
    return tmp_path / "made"


def test_files_are_new_and_links_to_the_interpreter_stay(build: Build, made: Path) -> None:
    program = made / "bin" / "run"
    program.write_text("#!x\n")
    program.chmod(0o6777)
    os.utime(program, ns=(1, 2_000_000_003))
    (made / "bin" / "python").symlink_to(sys.executable)
    (made / "bin" / "python3").symlink_to("python")
    compiled = made / os.path.basename(venv_commands.compiled(build)) / "pkg" / "__pycache__"
    compiled.mkdir(parents=True)
    (compiled / "b.pyc").write_bytes(b"code")
    (compiled.parent / "b.py").write_bytes(b"not compiled")
    (compiled.parent.parent / "nosuch").mkdir()
    take_over(str(made), build)
    info = os.stat(f"{build.venv}/bin/run")
    assert stat.S_IMODE(info.st_mode) & 0o7022 == 0
    assert (info.st_mtime_ns, info.st_ino == program.stat().st_ino) == (2_000_000_003, False)
    assert [os.readlink(f"{build.venv}/bin/{name}") for name in ("python", "python3")] == [sys.executable, "python"]
    found = [os.path.relpath(f"{folder}/{name}", build.source_directory) for folder, _folders, names in os.walk(
        build.source_directory) for name in names]  # fmt: skip
    assert found == ["pkg/__pycache__/b.pyc"]
    assert os.listdir(build.venv) == ["bin"]


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(str(path)[-100:] if len(str(path)) < 100 else os.path.relpath(path))


@pytest.mark.parametrize(
    ("lay", "says"),
    [
        pytest.param(lambda path: path.symlink_to("/etc/shadow"), "leads out", id="link to a file"),
        pytest.param(lambda path: path.symlink_to("../../../x"), "leads out", id="link upwards"),
        pytest.param(lambda path: path.symlink_to(".."), "leads out", id="link to the folder above"),
        pytest.param(lambda path: path.symlink_to("/usr"), "leads out", id="link to a folder"),
        pytest.param(_pipe, "neither", id="pipe"),
        pytest.param(_socket, "neither", id="socket"),
    ],
)
def test_what_is_refused(
    build: Build, made: Path, lay: Callable[[Path], Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    lay(made / "x")
    with pytest.raises(BuildFailed, match=rf"daemons.shop: .*{says}.*Nothing was changed"):
        take_over(str(made), build)


def test_a_folder_that_was_exchanged_for_a_link_is_not_entered(build: Build, made: Path, tmp_path: Path) -> None:
    (made / "bin").rmdir()
    (made / "bin").symlink_to(tmp_path)
    with pytest.raises(BuildFailed):
        take_over(str(made), build)
    (tmp_path / "link").symlink_to(made)
    with pytest.raises(OSError, match="link"):
        take_over(str(tmp_path / "link"), build)
