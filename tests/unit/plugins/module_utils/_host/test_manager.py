# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which manager a stack is for, and where there is none."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io import manager as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.manager import Manager, find_manager


def refused(**params: Any) -> Problem:
    with pytest.raises(ValidationFailed) as error:
        find_manager(**params)
    (problem,) = error.value.problems
    return problem


@pytest.fixture(autouse=True)
def booted(monkeypatch: Any) -> None:
    """Tests run where systemd is not the init, too."""
    monkeypatch.setattr(module, "_require_systemd", lambda _problems: None)


def test_image(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "etc").mkdir()
    found = find_manager(root=f"{tmp_path}/")
    assert (found.scope.root, found.scope.has_manager, found.is_running, found.user) == (str(tmp_path), False, False, None)


def test_folder_that_is_no_image(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "has no /etc" in refused(root=str(tmp_path)).problem


def test_global_scope_needs_no_systemd(monkeypatch: Any) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = find_manager(scope="global")
    assert (found.scope.kind, found.is_running) == ("global", False)


def test_host_without_systemd(monkeypatch: Any) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os.path, "isdir", lambda _path: False)
    found = refused()
    assert (found.place, found.problem) == ("host", "systemd is not the init of this host")


def test_user_who_does_not_exist() -> None:
    found = refused(scope="user", scope_user="nosuchuser")
    assert (found.place, found.value, found.problem) == ("scope_user", "nosuchuser", "there is no such user on the host")


def test_user_without_a_home(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "account", lambda _name: Account("echo", 1000, 1000, "/nowhere/echo"))
    found = refused(scope="user", scope_user="echo")
    assert "home /nowhere/echo does not exist" in found.problem


@pytest.mark.parametrize(
    ("params", "whose"),
    [
        pytest.param({"scope": "global"}, "/etc/systemd/user may be changed by root only", id="global"),
        pytest.param({"scope": "user", "scope_user": "echo"}, "may be changed by echo and root only", id="another user"),
    ],
)
def test_somebody_who_may_not(params: Any, whose: str, tmp_path: Path, monkeypatch: Any) -> None:
    people = {"": Account("me", 1001, 1001, str(tmp_path)), "echo": Account("echo", 1000, 1000, str(tmp_path))}
    monkeypatch.setattr(module, "account", people.get)
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    found = refused(**params)
    assert (found.place, found.value, found.remedy) == ("become", "me", "Add become: true to the task.")
    assert whose in found.problem


def test_socket_that_a_manager_has_left_behind_is_none(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_SOCKET", f"{tmp_path}/{{}}")
    assert not module.answers(1000)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{tmp_path}/1000")
        assert not module.answers(1000)
        listener.listen()
        assert module.answers(1000)
    assert os.path.exists(f"{tmp_path}/1000")
    assert not module.answers(1000)


def test_root_must_say_whose_manager_it_means(tmp_path: Path, monkeypatch: Any) -> None:
    """become: true alone must not make a daemon of root's own, with a manager that lingers."""
    monkeypatch.setattr(module, "account", lambda name: Account(name or "root", 0, 0, str(tmp_path)))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = refused(scope="user")
    assert (found.place, found.value) == ("scope_user", None)
    assert "scope_user: root" in found.remedy
    assert find_manager(scope="user", scope_user="root").user is not None
    assert find_manager(scope="user", changes=False).user is not None


def test_an_ordinary_user_means_himself(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "account", lambda name: Account(name or "me", 1001, 1001, str(tmp_path)))
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    found = find_manager(scope="user")
    assert found.user is not None
    assert found.user.name == "me"


@pytest.mark.parametrize("uid", [0, 1000], ids=["root", "the user"])
def test_user(uid: int, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "account", lambda _name: Account("nosuchuser", 1000, 1000, str(tmp_path)))
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    found = find_manager(scope="user", scope_user="nosuchuser")
    assert found.user is not None
    assert found.scope.unit_directory == f"{tmp_path}/.config/systemd/user"
    assert (found.is_running, found.lingers) == (False, False)


@pytest.mark.parametrize(
    ("user", "is_running", "expected"),
    [
        pytest.param(None, True, "/run/daemonic.systemd.lock", id="system"),
        pytest.param(Account("echo", 7, 7, "/home/echo"), True, "/home/echo/.daemonic.systemd.lock", id="user"),
        pytest.param(Account("echo", 7, 7, "/home/echo"), False, "/home/echo/.daemonic.systemd.lock", id="not running yet"),
    ],
)
def test_lock(user: Any, is_running: bool, expected: str) -> None:
    scope = scope_of("user", user.home) if user else scope_of("system")
    assert Manager(scope, user, is_running).lock_path == expected
