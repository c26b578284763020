# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of molecule/declarable: the host does what systemd makes of such a declaration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

CASES = yaml.safe_load((Path(__file__).parents[3] / "molecule/declarable/cases.yml").read_text())


@pytest.fixture(scope="module")
def done(host) -> dict[str, Any]:
    return json.loads(host.file("/run/declarable.json").content_string)


@pytest.fixture(scope="module")
def said(host) -> dict[str, Any]:
    return json.loads(host.file("/run/declarable.said").content_string)


def restarted(result: dict[str, Any]) -> list[str]:
    return sorted(action["target"] for action in result["actions"] if action["action"] in ("restart", "start", "stop"))


def test_arguments_arrive_as_they_are(said):
    assert said["arguments"] == CASES["arguments"]


def test_a_daemons_own_variables_add_to_its_environment(said):
    found = said["environment"]
    wanted = {"LITERAL": "5%i $HOME", "OWN": "declarable_says", "LEFT": "2", "FILE": "1", "PYTHONUNBUFFERED": "1"}
    assert {key: found[key] for key in wanted} == wanted


def test_drop_ins_for_all_services_reach_ours(said, done):
    assert said["environment"]["DECLARABLE"] == "all"
    assert done["before"][-1].count("DECLARABLE=all") == 1


def test_services_of_others_are_named_and_left_alone(done):
    (warning,) = [warning for warning in done["first"]["warnings"] if "units.service" in warning]
    assert "which this stack does not have" in warning
    assert not [action for action in done["first"]["actions"] if "foreign" in action["target"]]
    assert done["before"][5] == done["after"][5] != ""


def test_a_drop_in_enables(done):
    assert done["before"][6:9] == ["enabled", "enabled", "enabled"]
    links = done["before"][9:-2]
    assert "multi-user.target.wants/declarable_own.service" in links
    assert "multi-user.target.wants/declarable_package.service" in links
    assert any(link.startswith("declarable_on-") and "%" not in link for link in links)


def test_one_instance_has_its_own_drop_in(done):
    assert done["before"][-2] == "5"
    assert restarted(done["instance"]) == ["declarable_w@a.service"]
    assert done["before"][1] != done["after"][1]


def test_a_prefix_reaches_its_units(done):
    assert "P=declarable_web-a" in done["before"][-1]
    assert "declarable_web-a.service" in restarted(done["prefix"])
    assert done["before"][0] == done["after"][0]
    assert done["before"][2] == done["after"][2]
    assert done["before"][4] == done["after"][4]


def test_a_job_is_left_to_its_timer(host, done):
    assert not host.file("/run/declarable.job").exists
    assert "declarable_job.service" not in restarted(done["first"])


@pytest.mark.parametrize("run", ["predicted", "first"])
def test_a_timer_that_never_elapses_is_told(done, run):
    (warning,) = [warning for warning in done[run]["warnings"] if "never elapse" in warning]
    assert warning.startswith("declarable_never.timer")


def test_a_backslash_that_is_no_escape_is_told_and_handed_on(host, done):
    assert any("unknown escape" in warning for warning in done["first"]["warnings"])
    assert host.file("/run/declarable.escape").content_string.strip() in ("\\d", "d")


def test_a_socket_is_asked_where_it_listens(done):
    assert done["first"]["units"]["declarable_answers.service"]["active_state"] == "active"


def test_nothing_is_left(host):
    assert host.file("/run/declarable.left").content_string.split() == ["active", "static"]
