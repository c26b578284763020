# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a host with SELinux what was written gets its label before systemd uses it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import File
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io import labels
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction.apply import apply
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act


class Runner:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, argv: Sequence[str], _stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
        self.lines.append(" ".join(argv))
        return 0, "", ""


@pytest.fixture(name="selinux")
def fixture_selinux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the kernel mounts, in the mode enforcing."""
    folder = tmp_path / "selinux"
    folder.mkdir()
    (folder / "enforce").write_text("1")
    monkeypatch.setattr(labels, "_MOUNTED", str(folder))
    monkeypatch.setattr(labels, "_PROGRAM", "sh")  # one that is there
    return folder


def carry_out(tmp_path: Path) -> list[str]:
    home, runner = tmp_path / "home", Runner()
    file = File(str(home / "a.py"), Source.of("a.py", b"print()"), "files")
    actions = [
        act.MakeDirectory(str(home), ""),
        act.WriteFile(file.path, "", file),
        act.MakeLink(str(home / "current"), "", "a.py"),
        act.DaemonReload("systemd", ""),
        act.Restart("a.service", ""),
    ]
    apply(actions, "/nowhere", Disk(), Commands(runner))
    return runner.lines


@pytest.mark.usefixtures("selinux")
def test_what_was_written_is_labelled_in_one_call_before_systemd_reads_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert carry_out(tmp_path) == [
        f"restorecon -R -i {home} {home}/a.py {home}/current",
        "systemctl daemon-reload",
        "systemctl --no-pager restart -- a.service",
    ]


@pytest.mark.usefixtures("selinux")
def test_a_host_without_restorecon_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "_PROGRAM", "no-such-program")
    assert [line.split()[0] for line in carry_out(tmp_path)] == ["systemctl", "systemctl"]


def test_a_host_without_selinux_is_not_asked_for_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "_MOUNTED", str(tmp_path / "none"))
    assert [line.split()[0] for line in carry_out(tmp_path)] == ["systemctl", "systemctl"]


@pytest.mark.parametrize(
    ("enforce", "attribute", "label"),
    [
        pytest.param("1", b"unconfined_u:object_r:user_home_t:s0\0", "user_home_t", id="a label"),
        pytest.param("1", b"system_u:object_r:bin_t:s0:c1,c2\0", "bin_t", id="with categories"),
        pytest.param("0", b"unconfined_u:object_r:user_home_t:s0\0", "", id="permissive"),
        pytest.param("1", None, "", id="a file system without labels"),
        pytest.param("1", b"odd", "", id="no label"),
    ],
)
def test_the_label_that_counts(
    selinux: Path, monkeypatch: pytest.MonkeyPatch, enforce: str, attribute: bytes | None, label: str
) -> None:
    def getxattr(_path: str, _name: str, *, follow_symlinks: bool) -> bytes:
        assert not follow_symlinks
        if attribute is None:
            raise OSError(95, "Operation not supported")
        return attribute

    (selinux / "enforce").write_text(enforce)
    monkeypatch.setattr(os, "getxattr", getxattr)
    assert labels.label_that_counts("/home/x/run") == label
