# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units are asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.unit_query import UnitQuery, read_names, unit_query
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.patterns import fits
from hypothesis import given
from hypothesis import strategies as st


def query(**params: Any) -> UnitQuery:
    return unit_query({"depth": 2, **params})


@pytest.mark.parametrize(
    ("given", "names", "patterns"),
    [
        pytest.param(["a"], ("a.service",), (), id="a service needs no type"),
        pytest.param(["python3.11"], ("python3.11.service",), (), id="a dot is no type"),
        pytest.param(["a.socket", "a.socket"], ("a.socket",), (), id="once"),
        pytest.param(["/var/lib", "/"], ("var-lib.mount", "-.mount"), (), id="of a path the mount"),
        pytest.param(["-x", "-.mount"], ("-x.service", "-.mount"), (), id="what looks like an option"),
        pytest.param(["a\\x2db.service"], ("a\\x2db.service",), (), id="escaped"),
        pytest.param(["a@.service", "a@1"], ("a@.service", "a@1.service"), (), id="template and instance"),
        pytest.param(["a*", "b@*.service", "[^a]?.timer"], (), ("a*", "b@*.service", "[!a]?.timer"), id="globs"),
        pytest.param([], (), (), id="none"),
    ],
)
def test_names(given: list[str], names: tuple[str, ...], patterns: tuple[str, ...]) -> None:
    asked = query(name=given)
    assert (asked.names, asked.patterns) == (names, patterns)
    assert asked.is_for_nothing is (given == [])


def test_all_by_default() -> None:
    assert query().patterns == ("*",)
    assert query(type=["timer", "socket"]).patterns == ("*.timer", "*.socket")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        pytest.param({"name": ["echo.servce"]}, "name .*echo.service", id="type of a name"),
        pytest.param({"name": ["*.tmier"]}, "name .*\\*.timer", id="type of a glob"),
        pytest.param({"name": ["var/lib"]}, "name .*no '/'", id="relative path"),
        pytest.param({"name": ["/var/*"]}, "name .*no '/'", id="glob of paths"),
        pytest.param({"name": ["a b*"]}, "name .*character", id="space"),
        pytest.param({"name": [""]}, "name .*empty", id="empty"),
        pytest.param({"name": ["a\nb*"]}, "name .*character", id="line break"),
        pytest.param({"name": ["a" * 300]}, "name .*308 characters", id="too long"),
        pytest.param({"type": ["sevice"]}, "type .*Did you mean service", id="type"),
        pytest.param({"type": ["daemon"]}, "type .*The types are", id="another word"),
        pytest.param({"state": ["runing"]}, "state .*Did you mean running", id="state"),
        pytest.param({"state": ["happy"]}, "state .*Active states are", id="no state"),
        pytest.param({"depth": 0}, "depth .*from 1 to 10", id="no depth"),
        pytest.param({"depth": 11}, "depth .*from 1 to 10", id="too deep"),
    ],
)
def test_refused(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        query(**params)
    (problem,) = refused.value.problems
    assert re.match(said, f"{problem.place} {problem.problem} {problem.advice}")


def test_all_mistakes_at_once() -> None:
    with pytest.raises(ValidationFailed) as refused:
        query(name=["a.servce"], type=["x"], state=["y"], depth=0)
    assert sorted(problem.place for problem in refused.value.problems) == ["depth", "name", "state", "type"]


@pytest.mark.parametrize(
    ("pattern", "name", "fitting"),
    [
        ("a*", "ab.service", True),
        ("[!a]*", "b.service", True),
        ("[!a]*", "a.service", False),
        ("a\\x2d*", "a\\x2db.service", True),
        ("A*", "a.service", False),
    ],
)
def test_fits(pattern: str, name: str, fitting: bool) -> None:
    assert fits(pattern, name) is fitting


def test_types_and_states() -> None:
    asked = query(type=["service"], state=["failed", "masked"])
    assert asked.wants_type("a.service")
    assert not asked.wants_type("a.socket")
    assert asked.wants_state("loaded", "failed", "failed", "")
    assert not asked.wants_state("loaded", "active", "running", None)
    assert query().wants_state()
    assert query().wants_type("a.socket")


@given(st.lists(st.text()))
def test_any_name_is_read_or_refused(given: list[str]) -> None:
    """What is read can stand in a command line: it has no blank, and a type."""
    problems = Problems()
    names, patterns = read_names("name", given, problems)
    assert not any(re.search(r"\s|/", each) for each in (*names, *patterns))
    assert len(given) == 0 or names or patterns or problems
