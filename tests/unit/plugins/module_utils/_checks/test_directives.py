# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directives that a host does not know, held against what each version prints of itself."""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.directive_versions import REMOVED, SINCE
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.directives import check_directives
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.parse import directives

from ..builders import daemon, desired, stack, unit

VERSIONS = (247, 252, 254, 257, 262)
CAPTURED = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "_systemd_cli", "captured")


def known_to(version: int) -> dict[str, frozenset[str]]:
    with open(os.path.join(CAPTURED, str(version), "directives.txt"), encoding="utf-8") as stream:
        return directives(stream.read())


KNOWN = {version: known_to(version) for version in VERSIONS}


def found(version: int = 252, known: dict[str, frozenset[str]] | None = None, **params: Any) -> tuple[Problem, ...]:
    problems = Problems()
    check_directives(units_of(stack(**params), desired(**params)), KNOWN[version] if known is None else known, version, problems)
    return problems.found


@pytest.mark.parametrize("version", VERSIONS)
def test_dump(version: int) -> None:
    assert {"Unit", "Service", "Socket", "Timer", "Path", "Mount", "Automount", "Swap", "Slice", "Install"} <= set(KNOWN[version])
    assert {"Requires", "After"} <= KNOWN[version]["Unit"]
    assert "Restart" in KNOWN[version]["Service"]
    assert "Restart" not in KNOWN[version]["Unit"]


def test_versions_agree_with_what_the_hosts_print() -> None:
    names = {version: {key for keys in sections.values() for key in keys} for version, sections in KNOWN.items()}
    for key, since in SINCE.items():
        assert since > 247
        for version in VERSIONS:
            is_there = since <= version and not (key in REMOVED and version >= 258)
            assert (key in names[version]) is is_there, (key, since, version)
    assert names[262] - names[247] <= set(SINCE)
    assert names[257] - names[262] == REMOVED


def test_what_later_versions_have_removed_is_left_to_their_own_warning() -> None:
    units = {"a.service": unit(Service={"ExecStart": "/bin/a", "CPUAccounting": True, "MemoryLimit": "1G"})}
    assert found(262, units=units) == ()
    assert found(257, units=units) == ()


@pytest.mark.parametrize(
    ("section", "key", "problem", "remedy"),
    [
        pytest.param("Service", "Restrat", "[Service] has no directive Restrat=", "Did you mean Restart?", id="misspelt"),
        pytest.param("Service", "execstart", "no directive", "Did you mean ExecStart?", id="case"),
        pytest.param("Unit", "Restart", "Restart= is no directive of [Unit]", "Put it into [Service].", id="another section"),
        pytest.param("Unit", "WantedBy", "no directive of [Unit]", "Put it into [Install].", id="install"),
        pytest.param("Service", "ListenStream", "no directive of [Service]", "in a .socket unit", id="another type of unit"),
        pytest.param("Unit", "Restrat", "no directive", "Did you mean Restart in [Service]?", id="misspelt in another section"),
        pytest.param("Service", "Banana", "no directive", "systemd.directives(7)", id="nothing near"),
        pytest.param("Service", "OpenFile", "known since systemd 253, and this host has 252", "Take it away", id="newer"),
    ],
)
def test_unknown(section: str, key: str, problem: str, remedy: str) -> None:
    (told,) = found(units={"a.service": unit(**{section: {key: "x"}})})
    assert (told.place, told.value) == (f"units.a.service.{section}.{key}", key)
    assert problem in told.problem
    assert remedy in told.remedy


def test_places() -> None:
    daemons = {"a": daemon(service={"Restrat": "no"}, socket={"ListenStream": 1, "Blacklog": 5})}
    units = {"b.service": unit(dropins={"x": {"Service": {"Nicee": 5}}}), "c.service": {"dropins": {"y": "[Service]\nNicer=5\n"}}}
    assert [problem.place for problem in found(daemons=daemons, units=units)] == [
        "daemons.a.service.Restrat",
        "daemons.a.socket.Blacklog",
        "units.b.service.dropins.x.Service.Nicee",
        "units.c.service.dropins.y.Service.Nicer",
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"daemons": {"a": daemon(socket={"ListenStream": 1})}}, id="daemon with its stamp"),
        pytest.param({"daemons": {"a": daemon(socket={"ListenStream": 1}, accept=True)}}, id="inetd"),
        pytest.param({"units": {"a.service": unit(Service={"X-Mine": "1"}, **{"X-Other": {"Any": "1"}})}}, id="X-"),
        pytest.param({"units": {"a.timer": {"Timer": {"OnCalendar": "daily"}}}}, id="timer"),
        pytest.param({"units": {"srv.mount": {"Mount": {"What": "tmpfs", "Where": "/srv", "Type": "tmpfs"}}}}, id="mount"),
        pytest.param({"units": {"a.slice": {"Slice": {"MemoryMax": "1G"}}}}, id="slice"),
    ],
)
def test_known(version: int, params: dict[str, Any]) -> None:
    assert found(version, **params) == ()


def test_host_that_cannot_be_asked() -> None:
    """Of an image the version is known, and nothing else."""
    params = {"units": {"a.service": unit(Service={"Banana": "1", "OpenFile": "/a"})}}
    assert [problem.value for problem in found(252, {}, **params)] == ["OpenFile"]
    assert found(257, {}, **params) == ()
    assert found(0, {}, **params) == ()
