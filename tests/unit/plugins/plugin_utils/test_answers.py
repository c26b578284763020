# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts answer is read through a schema. What the schema knows is what the documentation of the module says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.daemonic.systemd.plugins.plugin_utils.answers import modules, shapes
from ansible_collections.daemonic.systemd.plugins.plugin_utils.answers.modules import MODULES, accepted, discreet
from ansible_collections.daemonic.systemd.plugins.plugin_utils.answers.shapes import Each, Record, Shape, Table
from hypothesis import given
from hypothesis import strategies as st

PLUGINS = Path(modules.__file__).parents[2]
DEEP = ("dependencies", "dependents")  # trees, which have no end that a table could name


def documented(module: str) -> dict[str, Any]:
    text = (PLUGINS / "modules" / f"{module}.py").read_text(encoding="utf-8")
    return yaml.safe_load(text.partition('RETURN = r"""')[2].partition('"""')[0])


def check(shape: Shape, keys: dict[str, Any], undocumented: set[str]) -> None:
    while isinstance(shape, (Each, Table)):
        shape = shape.item if isinstance(shape, Each) else shape.value
    assert isinstance(shape, Record)
    assert set(shape.keys) - undocumented == set(keys) - undocumented
    for name, described in keys.items():
        if "contains" in described and name not in DEEP:
            check(shape.keys[name], described["contains"], undocumented)


@pytest.mark.parametrize("module", MODULES)
def test_what_is_documented_is_let_through_and_nothing_else(module: str) -> None:
    check(MODULES[module], documented(module), {"proven", "release"} if module == "unit" else set())


def test_each_module_that_asks_a_host_has_an_action_that_reads_the_answer() -> None:
    actions = {path.stem for path in (PLUGINS / "action").glob("*.py")}
    assert set(MODULES) == {path.stem for path in (PLUGINS / "modules").glob("*.py")} - {"carrier", "fleet_report", "rollout"}
    assert set(MODULES) <= actions


def test_what_ansible_would_heed_is_left_out() -> None:
    hostile = {"ansible_facts": {"a": 1}, "add_host": {}, "_ansible_x": 1, "unreachable": True, "results": [], "skipped": True}
    assert accepted("stack", {"changed": True, "actions": [], **hostile}) == {"changed": True, "actions": []}


MISFITS = {
    "a list of units": ("stack", {"units": []}, "units is no mapping"),
    "a unit that is none": ("stack", {"units": {"a.service": 1}}, "units.a.service is no mapping"),
    "a text for a truth value": ("stack", {"changed": "yes"}, "changed is neither true nor false"),
    "a number for a text": ("unit_info", {"failed_units": [1]}, "failed_units[0] is no text"),
    "an action without a reason": ("stack", {"actions": [{"action": "a", "target": "b"}]}, "actions[0].reason is missing"),
    "no version": ("stack_info", {"systemd": None}, "systemd is no whole number"),
    "a unit that lacks its state": ("stack_info", {"stacks": {"a": {"complete": True}}}, "stacks.a.modified is missing"),
    "a name with an escape sequence": ("stack", {"units": {"\x1b[2J\n": 1}}, r"units.\x1b[2J\n is no mapping"),
    "too many": ("stack", {"condition_not_met": ["a"] * (shapes.MOST + 1)}, "condition_not_met has more than"),
}


@pytest.mark.parametrize(("module", "result", "words"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_a_failure_of_that_host(module: str, result: dict[str, Any], words: str) -> None:
    found = accepted(module, result)
    assert found["failed"] is True
    assert words in found["msg"]
    assert "look at the host" in found["msg"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=6),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=6), below, max_size=3),
    max_leaves=8,
)
KEYS = sorted({key for record in MODULES.values() for key in record.keys} | {"msg", "changed", "warnings", "exception"})


@given(st.sampled_from(sorted(MODULES)), st.dictionaries(st.sampled_from(KEYS), JSON))
def test_whatever_comes_is_read_or_refused_and_can_be_printed(module: str, result: dict[str, Any]) -> None:
    found = accepted(module, result)
    assert set(found) <= {*MODULES[module].keys, "msg", "changed", "failed", "warnings", "exception"}
    assert all(each.isprintable() or set(each) & set("\t\n") for each in texts_in(found) if each.isascii())
    "".join(texts_in(found)).encode()


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *texts_in(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) else []


def test_words_of_the_host() -> None:
    found = accepted(
        "stack",
        {"msg": "a\x1b[31m\nb", "warnings": ["one\ntwo\x07"], "restart_pending": [{"unit": "u", "reason": "r\nRolled back"}]},
    )
    assert found["msg"] == "a\\x1b[31m\nb"
    assert found["warnings"] == ["one\\ntwo\\x07"]
    assert found["restart_pending"] == [{"unit": "u", "reason": "r\\nRolled back"}]


def test_under_no_log_a_message_holds_our_own_words_alone() -> None:
    problem = {"place": "a.b", "value": "'T0P'", "problem": "is odd", "remedy": "Fix it."}
    result = {"msg": "a.b: is odd (got 'T0P'). Fix it.\n    | T0P\nRolled back.", "problems": [problem]}
    assert discreet(result)["msg"] == "a.b: is odd. Fix it.\nRolled back."
    assert discreet({"changed": True}) == {"changed": True}


@pytest.mark.parametrize(
    "result",
    [
        {"changed": True, "started": ["a.service"], "stopped": []},
        {"changed": True, "started": 1, "finished": 0, "ansible_job_id": "j1", "results_file": "/root/.ansible_async/j1"},
    ],
    ids=["ours", "a job in the background"],
)
def test_what_ansible_and_we_both_have_a_word_for(result: dict[str, Any]) -> None:
    assert accepted("default_target", result) == result
