# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about one unit returns for playbooks that were written for ansible.builtin.systemd_service."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction.unit_status import status_of
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import PathState
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.argv import Systemctl

from ..builders import SCOPE

SHOWN = "Id=a.service\nActiveState=active\n"


def told(*files: str, result: Any = None, is_running: bool = True, **params: Any) -> dict[str, Any]:
    asked: list[Sequence[str]] = []

    def output(argv: Sequence[str]) -> str:
        asked.append(argv)
        return SHOWN

    context: Any = SimpleNamespace(
        manager=SimpleNamespace(is_running=is_running, scope=SCOPE),
        commands=SimpleNamespace(systemctl=Systemctl(), output=output),
        disk=SimpleNamespace(state_of=lambda path: PathState("file" if path in files else "missing")),
    )
    return status_of(params, result or {"changed": False}, context)


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({"name": "a", "state": "started"}, {"name": "a", "state": "started"}),
        ({"name": "a", "state": "restarted"}, {"name": "a", "state": "started"}),
        ({"name": "a", "state": "reloaded"}, {"name": "a", "state": "started"}),
        ({"name": "a", "state": "try-restarted"}, {"name": "a", "state": "try-restarted"}),
        ({"name": "a", "enabled": False}, {"name": "a", "enabled": False}),
        ({"name": ["a"], "masked": True}, {"name": ["a"]}),
    ],
)
def test_one_unit(params: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert told(**params) == {**wanted, "status": {"Id": "a.service", "ActiveState": "active"}}


@pytest.mark.parametrize("name", [["a", "b"], "a*", [], None])
def test_several(name: Any) -> None:
    assert told(name=name, state="started", enabled=True) == {"name": name}


@pytest.mark.parametrize(("name", "is_running"), [("t@", True), ("a", False)])
def test_who_has_no_properties(name: str, is_running: bool) -> None:
    assert told(name=name, enabled=True, is_running=is_running)["status"] == {}


def test_what_failed_is_not_what_was_asked() -> None:
    assert "enabled" not in told(name="a", enabled=True, result={"failed": True})


def test_absence_of_what_others_have_defined() -> None:
    (warning,) = told("/usr/lib/systemd/system/a.service", name="a", state="absent")["warnings"]
    assert warning == "a.service was left alone: it is there, but no task of this module has defined it."
    assert "warnings" not in told("/usr/lib/systemd/system/a.service", name="a", state="absent", result={"changed": True})
    assert "warnings" not in told(name="a", state="absent")
