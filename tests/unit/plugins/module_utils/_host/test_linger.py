# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may let the units of a user run without a login. With real accounts: the scenario dead_ends."""

from __future__ import annotations

import os
import shutil
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.context import HostContext
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.manager import Manager
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.linger import check_linger
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import HOME

ENABLE, DISABLE, START = act.EnableLinger("app", ""), act.DisableLinger("app", ""), act.StartManager("app", "")
FILE = act.Remove("/x", "")


def asked(
    monkeypatch: pytest.MonkeyPatch, *actions: act.Action, uid: int = 1000, polkit: int | None = 1, lingers: bool = False
) -> tuple[Plan, Sequence[str], Problems]:
    """polkit: the return code of pkcheck, None where there is none."""
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(shutil, "which", lambda _name: None if polkit is None else "/usr/bin/pkcheck")
    commands = Commands(lambda _argv, _stdin, _environment: (polkit or 0, "", ""))
    manager = Manager(scope_of("user", HOME), Account("app", 1000, 1000, HOME), is_running=False, lingers=lingers)
    problems = Problems()
    planned, warnings = check_linger(Plan((*actions, FILE)), HostContext(Disk(), commands, manager), problems)
    return planned, warnings, problems


@pytest.mark.parametrize("allowed", [{"uid": 0}, {"polkit": 0}], ids=["root", "polkit"])
@pytest.mark.parametrize("action", [ENABLE, DISABLE, START], ids=lambda action: action.verb)
def test_who_may_decide_on_lingering(monkeypatch: pytest.MonkeyPatch, allowed: dict[str, Any], action: act.Action) -> None:
    planned, warnings, problems = asked(monkeypatch, action, **allowed)
    assert (planned.actions, warnings, problems.found) == ((action, FILE), (), ())


@pytest.mark.parametrize("polkit", [1, None], ids=["polkit says no", "no polkit"])
@pytest.mark.parametrize("action", [ENABLE, START], ids=lambda action: action.verb)
def test_user_without_linger_is_told_what_root_must_do_once(
    monkeypatch: pytest.MonkeyPatch, polkit: int | None, action: act.Action
) -> None:
    (problem,) = asked(monkeypatch, action, polkit=polkit)[2].found
    assert (problem.place, problem.value) == ("scope", "user")
    assert "Run this once as root: loginctl enable-linger app." in problem.remedy


def test_manager_of_a_user_who_lingers_is_started_by_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, START, lingers=True)[2].found == ()


def test_absent_leaves_a_linger_that_the_user_may_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    planned, warnings, problems = asked(monkeypatch, DISABLE)
    assert (planned.actions, problems.found) == ((FILE,), ())
    assert "loginctl disable-linger app" in warnings[0]
