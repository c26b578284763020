# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each step of molecule/sockets did to a socket and its service, and what clients had of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

STEPS = yaml.safe_load((Path(__file__).parents[3] / "molecule/sockets/steps.yml").read_text())["steps"]
NAMES = [step["name"] for step in STEPS]
NUMBERS = pytest.mark.parametrize("number", range(len(STEPS)), ids=NAMES)
SERVICE, SOCKET = "sockets_echo.service", "sockets_echo.socket"


@NUMBERS
def test_what_is_done(records, number):
    assert sorted(records[number].done) == sorted(STEPS[number]["does"])


@NUMBERS
def test_stops_come_first_and_a_socket_opens_before_its_service(records, number):
    done = records[number].done
    verbs = [did.split()[0] for did in done]
    assert verbs == sorted(verbs, key=("stop", "restart", "start").index)
    openings = [did for did in done if did.startswith(("start", "restart"))]
    assert openings == sorted(openings, key=lambda did: did.endswith(SERVICE))


@NUMBERS
def test_what_clients_see(records, number):
    assert records[number].said == STEPS[number].get("prints", [])


@NUMBERS
def test_whether_the_service_runs(records, number):
    assert (SERVICE in records[number].running) == STEPS[number].get("runs", False)


@NUMBERS
def test_a_second_run_changes_nothing(records, number):
    assert (records[number].second["changed"], records[number].second["actions"]) == (False, [])


@pytest.mark.parametrize("number", range(1, len(STEPS)), ids=NAMES[1:])
def test_the_socket_is_opened_anew_when_it_must_be_and_else_never_closed(records, number):
    before, after = (records[n].units.get(SOCKET, {}).get("InvocationID") for n in (number - 1, number))
    acted_on = any(did.endswith(f" {SOCKET}") for did in STEPS[number]["does"])
    assert (before != after) == acted_on


def test_no_connection_is_lost_while_the_service_changes(host):
    counts = json.loads(host.file("/run/sockets.load").content_string)
    assert counts["lost"] == 0
    assert counts["answered"] > 100
