# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of systemd, read off the name of its library."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io import systemd_version as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.systemd_version import systemd_version


def no_program(argv: Sequence[str], _stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
    raise AssertionError(f"{argv} is run")


def answering(rc: int, text: str) -> Commands:
    return Commands(lambda _argv, _stdin, _environment: (rc, text, ""))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(["lib/systemd/libsystemd-shared-247.so"], 247, id="Debian 11"),
        pytest.param(["usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so"], 252, id="Debian 12"),
        pytest.param(["lib/aarch64-linux-gnu/systemd/libsystemd-shared-249.so"], 249, id="Ubuntu, lib apart"),
        pytest.param(["usr/lib/systemd/libsystemd-shared-255.4-1.fc40.so"], 255, id="Fedora"),
        pytest.param(["usr/lib64/systemd/libsystemd-shared-256~rc3.so"], 256, id="lib64, a candidate"),
        pytest.param(["usr/lib/systemd/systemd", "usr/lib/systemd/libsystemd-core-252.so"], 0, id="another library"),
        pytest.param(["usr/lib/python3/systemd/libsystemd-shared-1.so"], 0, id="a folder of something else"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_read_off_the_library(paths: list[str], expected: int, tmp_path: Path) -> None:
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert systemd_version(str(tmp_path), Commands(no_program)) == expected


@pytest.mark.parametrize(
    ("rc", "text", "expected"),
    [
        pytest.param(0, "systemd 252 (252.39-1~deb12u2)\n+PAM\n", 252, id="Debian"),
        pytest.param(0, "systemd 256~rc3\n", 256, id="a candidate"),
        pytest.param(0, "something else\n", 0, id="not understood"),
        pytest.param(127, "", 0, id="no systemctl"),
    ],
)
def test_asked_where_there_is_no_library(rc: int, text: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FOLDERS", ())
    assert systemd_version("", answering(rc, text)) == expected
