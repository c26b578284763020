# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets of a daemon's hardening, as they come to stand in its unit."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.hardening import LEFT_OUT, STANDARD, TABLE
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host

from ..builders import daemon, document_of, problem_of, stack

ALL = {row.directive for row in TABLE}


def service(systemd: int = 0, python: str = "/usr/bin/python3", scope: str = "system", **options: Any) -> dict[str, Any]:
    """Those directives of the daemon's unit that a preset may set: name → values."""
    declared = stack(daemons={"echo": daemon(**options)}, scope=scope)
    host = Host({"python3": "/usr/bin/python3"}, systemd=systemd, real_interpreters={"python3": python})
    wanted = expand(declared, scope_of(scope, "/home/echo"), host)
    found = document_of(wanted, "echo@.service" if options.get("accept") else "echo.service").directives
    return {key: " ".join(values) for (section, key), values in found.items() if section == "Service" and key in ALL}


def test_none_by_default() -> None:
    assert service() == {}


def test_strict_has_what_standard_has() -> None:
    standard, strict = service(hardening="standard"), service(hardening="strict")
    assert set(standard) == {row.directive for row in TABLE if row.preset == STANDARD}
    assert set(strict) == ALL
    assert {key for key in standard if standard[key] != strict[key]} == {"ProtectSystem"}


@pytest.mark.parametrize(
    ("options", "directive", "value"),
    [
        pytest.param({}, "ProtectSystem", "strict", id="a preset's own value"),
        pytest.param({}, "SystemCallFilter", "@system-service ~@privileged @resources", id="a list"),
        pytest.param({}, "CapabilityBoundingSet", "", id="no capability"),
        pytest.param(
            {"service": {"AmbientCapabilities": "CAP_NET_BIND_SERVICE"}},
            "CapabilityBoundingSet",
            "CAP_NET_BIND_SERVICE",
            id="its own capability",
        ),
        pytest.param({"service": {"ProtectSystem": "full"}}, "ProtectSystem", "full", id="overridden"),
        pytest.param(
            {"service": {"SystemCallFilter": ["", "@default"]}}, "SystemCallFilter", " @default", id="a list reset and set"
        ),
        pytest.param(
            {"service": {"SystemCallFilter": "@mount"}},
            "SystemCallFilter",
            "@system-service ~@privileged @resources @mount",
            id="a list added to",
        ),
        pytest.param({"accept": True, "socket": {"ListenStream": 1}}, "ProtectSystem", "strict", id="for a connection"),
        pytest.param({}, "ProtectHome", "yes", id="no home"),
        pytest.param({"working_directory": "/home/echo"}, "ProtectHome", "read-only", id="works in a home"),
        pytest.param({"working_directory": "/root"}, "ProtectHome", "read-only", id="works in root's home"),
        pytest.param({"working_directory": "/homework"}, "ProtectHome", "yes", id="a name alike"),
        pytest.param(
            {"python": "/home/a/.pyenv/bin/python"}, "ProtectHome", "read-only", id="interpreter in a home, behind a link"
        ),
    ],
)
def test_strict(options: dict[str, Any], directive: str, value: str) -> None:
    python = options.pop("python", "/usr/bin/python3")
    assert service(hardening="strict", python=python, **options)[directive] == value


@pytest.mark.parametrize(("systemd", "known"), [pytest.param(0, True, id="not known"), (247, False), (248, True), (257, True)])
def test_what_the_host_does_not_know_is_left_out(systemd: int, known: bool) -> None:
    assert ("PrivateIPC" in service(systemd, hardening="strict")) == known


@pytest.mark.parametrize("preset", ["standard", "strict"])
def test_what_a_dynamic_user_implies_is_left_out(preset: str) -> None:
    left_out = set(service(hardening=preset)) - set(service(hardening=preset, dynamic_user=True))
    implied = {"NoNewPrivileges", "ProtectSystem", "PrivateTmp", "RestrictSUIDSGID", "RemoveIPC"}
    assert left_out == implied & set(service(hardening=preset))


@pytest.mark.parametrize("scope", ["user", "global"])
def test_what_the_manager_of_a_user_cannot_do_is_left_out(scope: str) -> None:
    assert set(service(hardening="strict", scope=scope)) == {row.directive for row in TABLE if row.for_users}


def test_an_unknown_preset() -> None:
    problem = problem_of(daemons={"echo": daemon(hardening="stict")})
    assert (problem.place, problem.remedy[:24]) == ("daemons.echo.hardening", "Did you mean 'strict'? C")


def test_what_is_left_out_is_in_no_preset() -> None:
    assert ALL.isdisjoint(name for name, _because in LEFT_OUT)
