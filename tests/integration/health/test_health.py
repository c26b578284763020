# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task found when it asked the daemons of molecule/health whether they are well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

CASES = yaml.safe_load((Path(__file__).parents[3] / "molecule/health/cases.yml").read_text())


@pytest.fixture(scope="module")
def said(host) -> dict[str, Any]:
    return json.loads(host.file("/run/health.json").content_string)


@pytest.fixture(scope="module")
def spans(host) -> tuple[float, float, float]:
    """Seconds of the unchanged run, of the deployment of one daemon, and of five."""
    times = [float(line) for line in host.file("/run/health.clock").content_string.split()]
    return times[1] - times[0], times[3] - times[2], times[4] - times[3]


def problems(result: dict[str, Any]) -> dict[str, str]:
    """Daemon → what the task said of its unit."""
    return {failure["unit"].rpartition(".")[0]: failure["problem"] for failure in result["failures"]}


@pytest.mark.parametrize("name", CASES["good"])
def test_who_answers_is_well_and_runs(said, name):
    units = said["first"]["units"]
    accepts = CASES["good"][name].get("accept")
    unit = units[f"{name}.socket" if accepts else f"{name}.service"]
    assert unit["active_state"] == "active"


def test_a_sleeping_service_was_started_by_its_probe(said):
    assert said["first"]["units"]["health_lazy.service"]["sub_state"] == "running"
    assert "start health_lazy.service" not in [f"{a['action']} {a['target']}" for a in said["first"]["actions"]]


def test_an_unchanged_run_asks_nobody_and_waits_for_nothing(said, spans):
    assert (said["second"]["changed"], said["second"]["actions"]) == (False, [])
    assert spans[0] < 30  # the window was a minute


def test_a_new_script_of_a_sleeping_service_is_tried(said):
    (failure,) = said["asleep"]["failures"]
    assert failure["unit"] == "health_lazy.service"
    assert "exit status 1" in failure["problem"]
    assert "RuntimeError: no database" in failure["journal"]


@pytest.mark.parametrize("run", [0, 1], ids=["the first run", "the second run"])
@pytest.mark.parametrize("name", CASES["bad"])
def test_who_does_not_answer_is_told_with_what_was_met(said, run, name):
    assert problems(said["bad"][run])[name].startswith(f"is not healthy: {CASES['says'][name]}")


@pytest.mark.parametrize("name", CASES["after"])
def test_the_answer_of_another_process_does_not_count(said, name):
    problem = problems(said["strange"])[name]
    assert "is answered by process" in problem
    assert CASES["strangers"][name] in problem


def test_five_windows_take_no_longer_than_one(spans):
    _unchanged, one, five = spans
    assert five < 2 * one
