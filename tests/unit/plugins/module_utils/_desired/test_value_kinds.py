# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that systemd would ignore are refused on the controller, and none that it takes.

captured/values.json was made by systemd-analyze verify of 247.3, 252.39 and 257.13, which was given each of the values
for each of the directives: those that it does not take are "refused", by version.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.value_kinds import READERS, reader_of
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.parse import directives

from ..builders import daemon, problem_of, refusal, unit

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "captured", "values.json"), encoding="utf-8") as stream:
    TRUTH: list[dict[str, Any]] = json.load(stream)
# The one thing that systemd takes and we do not: one hour and thirty seconds.
TRAPS = {"1h30", "1h 30"}


@pytest.mark.parametrize("row", TRUTH, ids=lambda row: row["directives"].split()[0])
def test_nothing_is_refused_that_systemd_takes(row: dict[str, Any]) -> None:
    for directive in row["directives"].split():
        reader = reader_of(*directive.split("."))
        assert reader is not None
        told = {value for value in row["values"] if reader(value)}
        for version, refused in row["refused"].items():
            assert told - set(refused) <= TRAPS, (directive, version)


def test_what_was_measured_is_what_is_read() -> None:
    measured = {directive.partition(".")[2] for row in TRUTH for directive in row["directives"].split()}
    not_in_a_unit_of_their_own = {"ForceUnmount", "LazyUnmount", "ReadWriteOnly", "SloppyOptions", "TimeoutIdleSec"}
    assert set(READERS) - measured <= not_in_a_unit_of_their_own


def test_every_directive_exists() -> None:
    with open(os.path.join(HERE, os.pardir, "_systemd_cli", "captured", "257", "directives.txt"), encoding="utf-8") as dump:
        known = {key for keys in directives(dump.read()).values() for key in keys}
    assert set(READERS) <= known


@pytest.mark.parametrize(
    ("units", "place", "value"),
    [
        pytest.param({"a.service": unit(Service={"Restart": "allways"})}, "Service.Restart", "allways", id="sections"),
        pytest.param({"a.service": "[Service]\nExecStart=/bin/a\nRestart=allways\n"}, "Service.Restart", "allways", id="text"),
        pytest.param({"a.service": unit(Service={"RestartSec": "1h30"})}, "Service.RestartSec", "1h30", id="span"),
        pytest.param(
            {"a.service": unit(dropins={"x": {"Service": {"MemoryMax": "512MB"}}})},
            "dropins.x.Service.MemoryMax",
            "512MB",
            id="drop-in",
        ),
        pytest.param({"a.service": unit(Service={"UMask": 18})}, "Service.UMask", 18, id="a mode that is a number"),
        pytest.param(
            {"a.service": unit(dropins={"x": {"Service": {"UMask": 18}}})},
            "dropins.x.Service.UMask",
            18,
            id="a mode that is a number, in a drop-in",
        ),
    ],
)
def test_units(units: dict[str, Any], place: str, value: Any) -> None:
    found = problem_of(units=units)
    assert (found.place, found.value) == (f"units.a.service.{place}", value)


@pytest.mark.parametrize(
    ("options", "place"),
    [
        pytest.param({"service": {"TimeoutStopSec": "5mins"}}, "service.TimeoutStopSec", id="service"),
        pytest.param({"socket": {"ListenStream": 9000, "SocketMode": 432}}, "socket.SocketMode", id="socket"),
    ],
)
def test_daemons(options: dict[str, Any], place: str) -> None:
    assert problem_of(daemons={"a": daemon(**options)}).place == f"daemons.a.{place}"


@pytest.mark.parametrize(
    "section",
    [
        pytest.param({"Restart": ""}, id="reset"),
        pytest.param({"RestartSec": "%i"}, id="specifier"),
        pytest.param({"CPUQuota": "20%"}, id="percentage"),
        pytest.param({"RemainAfterExit": True}, id="truth value of YAML"),
        pytest.param({"TimeoutStopSec": 1.5}, id="number of YAML"),
        pytest.param({"UMask": "0027"}, id="quoted mode"),
        pytest.param({"X-Restart": "allways"}, id="of somebody else"),
    ],
)
def test_taken(section: dict[str, Any]) -> None:
    assert refusal(units={"a.service": unit(Service=section)}) == ()


def test_type_of_a_mount_is_no_type_of_a_service() -> None:
    assert refusal(units={"srv.mount": {"Mount": {"What": "server:/a", "Where": "/srv", "Type": "nfs"}}}) == ()
