# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each step of molecule/instances did, and what ran after it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

STEPS = yaml.safe_load((Path(__file__).parents[3] / "molecule/instances/steps.yml").read_text())["steps"]
NUMBERS = pytest.mark.parametrize("number", range(len(STEPS)), ids=[step["name"] for step in STEPS])


@NUMBERS
def test_what_is_done(records, number):
    assert sorted(records[number].done) == sorted(STEPS[number]["does"])


@NUMBERS
def test_what_runs(records, number):
    workers = {name for name in records[number].running if name.startswith("instances_worker@")}
    assert workers == {f"instances_worker@{instance}.service" for instance in STEPS[number]["runs"]}
    assert len(records[number].running) - len(workers) == STEPS[number].get("connections", 0)


@NUMBERS
def test_a_second_run_changes_nothing(records, number):
    assert (records[number].second["changed"], records[number].second["actions"]) == (False, [])


@pytest.mark.parametrize("number", range(1, len(STEPS)), ids=[step["name"] for step in STEPS[1:]])
def test_only_what_is_restarted_is_another_process(records, number):
    before, after = records[number - 1].running, records[number].running
    stayed = before.keys() & after.keys()
    acted_on = {did.split()[1] for did in records[number].done}
    assert {name for name in stayed if before[name] != after[name]} == stayed & acted_on


@NUMBERS
def test_the_instances_of_the_stack_are_enabled(records, number):
    links = {path for path in records[number].links if path.startswith("multi-user.target.wants/")}
    declared = {instance for instance in STEPS[number]["runs"] if instance != "hand"}
    assert links == {f"multi-user.target.wants/instances_worker@{instance}.service" for instance in declared}
    assert all(records[number].links[path] == "/etc/systemd/system/instances_worker@.service" for path in links)


def test_units_of_the_result_are_the_instances(records):
    assert sorted(records[0].first["units"]) == [f"instances_worker@{number}.service" for number in (1, 2, 3)]


def test_a_connection_outlives_the_change_of_its_template(records):
    assert records[-1].said == ["hello old"]


def test_nothing_is_left(host):
    assert host.check_output("systemctl list-units --all --plain --no-legend 'instances_*'") == ""
    assert host.check_output("find /etc /var/lib -name '*instances_*'") == ""
