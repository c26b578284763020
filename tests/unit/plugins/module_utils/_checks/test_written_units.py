# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units a run is about to write, and where their directives stand in the declaration."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import (
    about_to_be_written,
    removed_by,
    units_of,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.actions import Action, Remove, Start, WriteFile
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import UNITS, daemon, desired, files_of, stack, unit

STACK: dict[str, Any] = {
    "daemons": {"d": daemon(socket={"ListenStream": 9000}, user="alice", args=["-v"])},
    "units": {
        "a.service": unit(Unit={"Requires": "b.service"}, dropins={"x": {"Service": {"Nice": 5}}}),
        "b.service": unit(Service={"EnvironmentFile": "-/etc/b.env"}),
        "w@.service": unit(instances=["1", "2"]),
        "ssh.service": {"dropins": {"y": "[Service]\nNice=1\n"}},
        "m.service": unit(Install={}, masked=True),
        "t.timer": {"enabled": False},
    },
}


def written_by(*actions: Action) -> list[str]:
    units = units_of(stack(**STACK), desired(**STACK))
    return [each.unit.name for each in about_to_be_written(units, Plan(actions))]


def write(path: str) -> WriteFile:
    return WriteFile(path, "changed", files_of(desired(**STACK))[path])


def test_units_with_texts() -> None:
    names = [each.unit.name for each in units_of(stack(**STACK), desired(**STACK))]
    assert names == ["a.service", "b.service", "d.service", "d.socket", "ssh.service", "w@.service"]


@pytest.mark.parametrize(
    ("action", "units"),
    [
        pytest.param(write(f"{UNITS}/b.service"), ["b.service"], id="unit file"),
        pytest.param(write(f"{UNITS}/a.service.d/x.conf"), ["a.service"], id="drop-in"),
        pytest.param(write(f"{UNITS}/ssh.service.d/y.conf"), ["ssh.service"], id="drop-in of a unit of others"),
        pytest.param(write(f"{UNITS}/w@.service"), ["w@.service"], id="template"),
        pytest.param(Remove(f"{UNITS}/b.service", "gone"), ["a.service"], id="a unit that another one names goes"),
        pytest.param(Remove("/etc/b.env", "gone"), ["b.service"], id="a file that a unit names goes"),
        pytest.param(Remove("/etc/c.env", "gone"), [], id="a file that no unit names goes"),
        pytest.param(Start("a.service", "is not running"), [], id="nothing is written"),
    ],
)
def test_about_to_be_written(action: Action, units: list[str]) -> None:
    assert written_by(action) == units


def test_removed() -> None:
    assert removed_by(Plan((Remove("/a", ""), Start("b.service", "")))) == {"/a"}


@pytest.mark.parametrize(
    ("name", "section", "key", "value", "place"),
    [
        pytest.param("a.service", "Service", "ExecStart", "", "units.a.service.Service.ExecStart", id="unit"),
        pytest.param("a.service", "Service", "Nice", "5", "units.a.service.dropins.x.Service.Nice", id="drop-in"),
        pytest.param("d.service", "Service", "User", "alice", "daemons.d.user", id="option of a daemon"),
        pytest.param("d.socket", "Socket", "ListenStream", "9000", "daemons.d.socket.ListenStream", id="socket of a daemon"),
        pytest.param("b.service", "Unit", "After", "", "units.b.service.Unit.After", id="not there"),
    ],
)
def test_places(name: str, section: str, key: str, value: str, place: str) -> None:
    units = {each.unit.name: each for each in units_of(stack(**STACK), desired(**STACK))}
    assert units[name].place(section, key, value) == place
