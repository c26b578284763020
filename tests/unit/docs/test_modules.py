# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the modules names every option of a daemon and every action. ansible-test checks the rest."""

from __future__ import annotations

import re
from typing import Any

import yaml
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import fields
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Daemon
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.modules import daemon, stack, unit, xinetd

ONLY_ON_THE_WAY_BACK = {act.PutBack.verb, act.Clean.verb}
ONLY_OF_UNIT = {act.Enable.verb, act.Disable.verb, act.DaemonReexec.verb}
ONLY_OF_XINETD = {act.TakeOverPorts.verb}
NEVER_OF_UNIT = {
    act.BuildRelease.verb,
    act.TestRelease.verb,
    act.RemoveRelease.verb,
    act.CreateAccounts.verb,
    act.CreatePaths.verb,
}


def returned(module: Any) -> dict[str, Any]:
    return yaml.safe_load(module.RETURN)


def told_by(module: Any) -> set[str]:
    told = returned(module)["actions"]["contains"]["action"]["description"][0]
    return set(re.findall(r"\bV\(([a-z_]+)\)", told))


def test_a_stack_tells_every_option_of_a_daemon() -> None:
    told = yaml.safe_load(stack.DOCUMENTATION)["options"]["daemons"]["description"][1]
    named = set(re.findall(r"C\(([a-z_]+)\)", told))
    assert named == {field.name for field in fields(Daemon) if "reader" in field.metadata}


def test_every_action_is_told() -> None:
    verbs = {action.verb for action in act.Action.__subclasses__()}
    assert told_by(stack) == verbs - ONLY_ON_THE_WAY_BACK - ONLY_OF_UNIT - ONLY_OF_XINETD
    assert told_by(unit) == verbs - ONLY_ON_THE_WAY_BACK - NEVER_OF_UNIT - ONLY_OF_XINETD
    assert told_by(xinetd) == {*ONLY_OF_XINETD, act.Enable.verb, act.Disable.verb}
    assert set(re.findall(r"\bV\(([a-z_]+)\)", returned(stack)["revert_actions"]["description"])) == ONLY_ON_THE_WAY_BACK


def test_both_modules_return_the_same() -> None:
    assert returned(daemon) == returned(stack)
