# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of wrong arguments, and that nothing of it is a value. tests/unit/plugins/action/test_secrets.py runs Ansible."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import DAEMON, STACK, UNIT
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.options import deprecated_names, without_aliases
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.plugin_utils.arguments import checked, refusal
from hypothesis import given
from hypothesis import strategies as st

SECRET = "TOPSECRET"

CASES = {
    "a misspelt choice": ({"name": "a", "state": "strated", "credentials": {"pw": SECRET}}, DAEMON, ["state"], "'started'"),
    "no choice at all": ({"name": "a", "state": SECRET}, DAEMON, ["state"], "Choose one of: "),
    "a list for a choice": ({"name": "a", "state": [SECRET]}, DAEMON, ["state"], "must be a string"),
    "no name": ({"credentials": {"pw": SECRET}}, DAEMON, ["name"], "required"),
    "an empty name": ({"name": None, "credentials": {"pw": SECRET}}, DAEMON, ["name"], "required"),
    "a text for credentials": ({"name": "a", "credentials": SECRET}, DAEMON, ["credentials"], "must be a mapping"),
    "a text for a truth value": (
        {"name": "a", "rollback_on_failure": SECRET},
        STACK,
        ["rollback_on_failure"],
        "must be true or false",
    ),
    "a text for a number": ({"name": "a", "keep_releases": SECRET}, STACK, ["keep_releases"], "must be a whole number"),
    "empty units": ({"name": "a", "units": None, "files": {"/x": {"content": SECRET}}}, STACK, ["units"], "must be a mapping"),
    "several": ({"units": SECRET, "state": SECRET}, STACK, ["name", "state", "units"], "3 problems"),
    "an option that there is not": ({"name": "a", "contnet": SECRET}, UNIT, ["contnet"], "'content'"),
}


@pytest.mark.parametrize(("args", "spec", "places", "words"), CASES.values(), ids=CASES)
def test_what_is_wrong_is_told_without_its_value(args: dict[str, Any], spec: Any, places: list[str], words: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        checked(args, spec)
    result = refusal(refused.value)
    assert result["failed"] is True
    assert [problem["place"] for problem in result["problems"]] == places
    assert words in result["msg"]
    assert SECRET not in str(result)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(SECRET),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from("ab"), below, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(sorted(DAEMON)), ANYTHING))
def test_whatever_stands_there_is_taken_or_refused_without_it(args: dict[str, Any]) -> None:
    try:
        result = checked(args, DAEMON)
    except ValidationFailed as refused:
        result = refusal(refused)
    assert set(result) == set(DAEMON) or (result["failed"] and SECRET not in str(result))


def test_defaults_and_types_are_those_of_the_module() -> None:
    args = checked({"name": "a", "rollback_on_failure": "no", "imports": "a,b"}, DAEMON)
    assert (args["rollback_on_failure"], args["imports"], args["state"], args["max_exposure"]) == (
        False,
        ["a", "b"],
        "started",
        None,
    )


@pytest.mark.parametrize("spec", [STACK, DAEMON, UNIT], ids=["stack", "daemon", "unit"])
def test_old_name_of_an_option_still_counts(spec: dict[str, Any]) -> None:
    given = {"name": "a", "rollback": False}
    assert deprecated_names(given, spec) == {"rollback": ("rollback_on_failure", "2.0.0")}
    assert checked(without_aliases(given, spec, {}), spec)["rollback_on_failure"] is False
    assert deprecated_names({"name": "a", "rollback_on_failure": False}, spec) == {}


def test_what_an_older_release_has_recorded_is_read() -> None:
    assert stack_of({"name": "a", "state": "present", "settle": "3s", "rollback": False}).rollback_on_failure is False
