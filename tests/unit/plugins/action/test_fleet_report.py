# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How answers are collected, and files are written. The whole is tested by the scenario `report`."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.daemonic.systemd.plugins.action import fleet_report as module


class HostVars(dict):
    raw_get = dict.__getitem__


def test_answers() -> None:
    hostvars = HostVars(a={"group_names": ["web"], "told": {"stacks": {}}}, b={"group_names": []})
    found = module._answers(["a", "b"], "told", {"hostvars": hostvars})
    assert [(answer.groups, answer.result) for answer in found.values()] == [(["web"], {"stacks": {}}), ([], None)]


def test_a_host_that_there_is_not() -> None:
    with pytest.raises(AnsibleActionFail, match=r"hosts: nobody is no host of the inventory\. Take .*ansible_play_hosts_all"):
        module._answers(["nobody"], "told", {"hostvars": HostVars()})


def test_a_new_file_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    module._write(str(path), "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)


def test_an_old_file_keeps_its_mode_and_its_readers(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o640)
    with path.open() as reader:
        module._write(str(path), "new")
        assert reader.read() == "old"
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", tmp_path / "missing" / "page.html"):
        with pytest.raises(AnsibleActionFail, match=r"cannot be written to .*: .*\. Name another path"):
            module._write(str(path), "new")
    assert [each.name for each in tmp_path.rglob("*")] == ["folder"]
