# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe asks where systemd listens: specifiers in addresses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.probe_addresses import resolved
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of

from ..builders import daemon, desired, units_of

USER = replace(scope_of("user", "/home/a"), runtime_directory="/run/user/7/systemd/user")


@pytest.mark.parametrize(
    ("text", "unit", "system", "user"),
    [
        ("%t/x.sock", "a.socket", "/run/x.sock", "/run/user/7/x.sock"),
        ("%S/x", "a.socket", "/var/lib/x", "/home/a/.local/state/x"),
        ("%h/x", "a.socket", "/root/x", "/home/a/x"),
        ("%C/x", "a.socket", "/var/cache/x", "/home/a/.cache/x"),
        ("/run/%n", "a.socket", "/run/a.socket", "/run/a.socket"),
        ("/run/%N/%p-%i", "a@b.socket", "/run/a@b/a-b", "/run/a@b/a-b"),
        ("/run%f", "a@b-c.socket", "/run/b/c", "/run/b/c"),
        ("/run/%j", "a-b@c.socket", "/run/b", "/run/b"),
        ("/run/%%n", "a.socket", "/run/%n", "/run/%n"),
        ("90%i", "a@01.socket", "9001", "9001"),
        ("%H:90", "a.socket", "host:90", "host:90"),
        ("/run/%y", "a.socket", "/run/%y", "/run/%y"),
    ],
)
def test_an_address_is_what_systemd_makes_of_it(text: str, unit: str, system: str, user: str) -> None:
    def of_host(_letter: str) -> str:
        return "host"

    assert resolved(text, unit, scope_of("system"), of_host) == system
    assert resolved(text, unit, USER, of_host) == user


@pytest.mark.parametrize(
    ("listen", "health", "asked"),
    [
        pytest.param("%t/x.sock", {"http": "/"}, "/run/x.sock", id="through its socket"),
        pytest.param(["@abstract", "%t/%n"], {"http": "/"}, "/run/echo.socket", id="by the name of the socket"),
        pytest.param("/run/x.sock", {"unix": "%t/x.sock"}, "/run/x.sock", id="a path of its own"),
        pytest.param("/run/x.sock", {"http": {"unix": "%t/x.sock"}}, "/run/x.sock", id="http through it"),
        pytest.param("/run/x.sock", {"unix": "/run/%p.sock"}, "/run/echo.sock", id="the service's name"),
    ],
)
def test_where_a_probe_asks(listen: Any, health: Any, asked: str) -> None:
    wanted = desired(daemons={"echo": daemon(socket={"ListenStream": listen}, health=health)})
    probe = units_of(wanted)["echo.service"].health
    assert probe is not None
    assert probe.path == asked


def test_a_variable_of_a_daemon_is_literal() -> None:
    """Its option is no syntax of systemd's; its own directives are."""
    wanted = desired(daemons={"echo": daemon(environment={"A": "5%i"}, service={"Environment": {"B": "5%i"}})})
    values = units_of(wanted)["echo.service"].document.values("Service", "Environment")
    assert ('"A=5%%i"' in values, '"B=5%i"' in values) == (True, True)
