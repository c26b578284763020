# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the variables of the playbooks may say, and what is told where they do not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.settings import (
    Settings,
    check_names,
    check_same,
    settings_of,
)


def read(**given: Any) -> tuple[Settings, list[str]]:
    problems = Problems()
    settings = settings_of({f"deploy_{name}": value for name, value in given.items()}, "deploy", problems)
    return settings, [str(problem) for problem in problems.found]


def test_defaults() -> None:
    settings, problems = read(target=None, pause=None)
    assert not problems
    assert settings == Settings(batches=("1", "10%", "50%"))
    assert settings_of({}, "rollback", Problems()).batches == ("50%",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"batches": 5}, {"batches": ("5",)}, id="a number"),
        pytest.param({"batches": "25%"}, {"batches": ("25%",)}, id="a text"),
        pytest.param({"batches": [1, "100%"]}, {"batches": ("1", "100%")}, id="a list"),
        pytest.param({"pause": "2min"}, {"pause": 120.0}, id="a span"),
        pytest.param({"pause": 5}, {"pause": 5.0}, id="seconds"),
        pytest.param({"abort": "rollback"}, {"abort": "rollback"}, id="a choice"),
        pytest.param({"before": "a.yml", "after": "b.yml"}, {"before": "a.yml", "after": "b.yml"}, id="hooks"),
    ],
)
def test_read(given: dict[str, Any], expected: dict[str, Any]) -> None:
    settings, problems = read(**given)
    assert not problems
    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param({"batches": 0}, "deploy_batches: 0 is no size of a batch (got 0). Write a list", id="no host"),
        pytest.param({"batches": []}, "deploy_batches: names no batch", id="empty"),
        pytest.param({"batches": [1, "ten"]}, "'ten' is no size of a batch", id="a word"),
        pytest.param({"batches": "1,10%"}, "'1,10%' is no size of a batch", id="a list as a text"),
        pytest.param({"batches": "110%"}, "110% is more than all hosts", id="more than all"),
        pytest.param({"batches": "12.5%"}, "'12.5%' is no size of a batch", id="what Ansible cannot read"),
        pytest.param({"batches": True}, "True is no size of a batch", id="a truth value"),
        pytest.param({"abort": "rolback"}, "is not one of the choices (got 'rolback'). Did you mean", id="misspelt"),
        pytest.param({"pause": "soon"}, "deploy_pause: is no span of time (got 'soon')", id="no span"),
        pytest.param({"before": "a.yml"}, "deploy_before: nothing puts a host into service again", id="half a pair"),
        pytest.param({"gate": ["a.yml"]}, "deploy_gate: must be a string, not a list", id="two files"),
    ],
)
def test_refused(given: dict[str, Any], told: str) -> None:
    _settings, problems = read(**given)
    assert len(problems) == 1
    assert told in problems[0]


def test_one_run_has_one_value() -> None:
    problems = Problems()
    check_same({"a": {"deploy_pause": 1}, "b": {"deploy_pause": 1}, "c": {"deploy_pause": 2}, "d": {}}, problems)
    (problem,) = problems.found
    assert str(problem).startswith("deploy_pause of c: a has 1, and one run has one value for all of its hosts (got 2).")


def test_a_variable_that_there_is_not() -> None:
    """One that is like ours, or that was said for this run, is meant for it; others are somebody's own."""
    problems = Problems()
    names = ["deploy_abourt", "deploy_user", "deploy_abort", "abort", "deploy_batch", "deploy_colour", "deploy_held"]
    told = check_names(names, ["deploy_colour", "deploy_batch"], ["deploy_batch", "deploy_held"], problems)
    assert told == ["deploy_user is no variable of this playbook, and is left to your hooks."]
    assert [(problem.place, problem.remedy.partition(".")[0].partition(":")[0]) for problem in problems.found] == [
        ("deploy_abourt", "Did you mean deploy_abort?"),
        ("deploy_batch", "Did you mean deploy_batches?"),
        ("deploy_colour", "There are"),
    ]
