# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links and masks after each step of molecule/enabling."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

STEPS = yaml.safe_load((Path(__file__).parents[3] / "molecule/enabling/steps.yml").read_text())["steps"]
NUMBERS = pytest.mark.parametrize("number", range(len(STEPS)), ids=[step["name"] for step in STEPS])
REFUSED = [number for number, step in enumerate(STEPS) if "says" in step]


def full(target: str) -> str:
    """/etc/a.service stands for /etc/systemd/system/a.service, so does /lib."""
    folder, _slash, name = target.rpartition("/")
    return f"{folder}/systemd/system/{name}" if folder in ("/etc", "/lib") else target


@NUMBERS
def test_the_links_are_these_and_no_others(records, number):
    links = {path: target.replace("/usr/lib/", "/lib/") for path, target in records[number].links.items()}
    assert links == {path: full(target) for path, target in STEPS[number]["links"].items()}


@NUMBERS
def test_what_systemd_says(records, number):
    said = {unit: "" if state == "not-found" else state for unit, state in records[number].is_enabled.items()}
    assert said == STEPS[number].get("is_enabled", {})


@NUMBERS
def test_what_is_done(records, number):
    assert sorted(records[number].done) == sorted(STEPS[number]["does"])


@NUMBERS
def test_what_runs(records, number):
    assert sorted(records[number].running) == sorted(STEPS[number].get("runs", []))


@NUMBERS
def test_a_second_run_changes_nothing(records, number):
    assert (records[number].second["changed"], records[number].second.get("actions", [])) == (False, [])


@NUMBERS
def test_what_is_printed(records, number):
    assert records[number].said == STEPS[number].get("prints", [])


@pytest.mark.parametrize("number", REFUSED, ids=[STEPS[number]["name"] for number in REFUSED])
def test_a_refusal_names_the_place_the_value_and_the_remedy(records, number):
    (problem,) = records[number].first["problems"]
    assert problem["place"] == STEPS[number]["says"][0]
    assert all(problem[part] for part in ("value", "problem", "remedy"))


def test_units_of_others_are_as_they_were(host):
    assert host.file("/etc/systemd/system/enabling_real.service").content_string.startswith("# By hand\n")
    assert "Also=enabling_package.socket" in host.file("/lib/systemd/system/enabling_package.service").content_string


def test_nothing_of_the_stack_is_left(host):
    found = host.check_output("find /etc/systemd/system /var/lib -name '*enabling_*'").splitlines()
    assert sorted(found) == [f"/etc/systemd/system/enabling_{name}.service" for name in ("linked", "real")]
