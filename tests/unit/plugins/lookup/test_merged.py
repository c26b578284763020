# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of groups and hosts become one mapping, in an order that a person can foretell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.daemonic.systemd.plugins.lookup.merged import merged, merged_variable, names_of, without_null
from hypothesis import given
from hypothesis import strategies as st

TREES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=2), st.lists(st.integers(), max_size=2)),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)


def looked_up(name: str, variables: dict[str, Any]) -> dict[str, Any]:
    """With the templates in them."""
    return merged_variable(name, variables, Templar(loader=DataLoader(), variables=variables).template)


def test_names() -> None:
    assert names_of("a", ["a__z", "a_x", "a__b", "b__a", "a", "aa__b"]) == ["a", "a__b", "a__z"]


def test_groups_and_host_add_and_change() -> None:
    variables = {
        "d": {"clock": {"environment": {"A": 1, "B": 1}, "args": [1, 2]}},
        "d__all": {"echo": {"port": 1}},
        "d__host": {"clock": {"environment": {"B": 2}, "args": [3]}},
        "d_other": {"no": {}},
    }
    assert looked_up("d", variables) == {
        "clock": {"environment": {"A": 1, "B": 2}, "args": [3]},
        "echo": {"port": 1},
    }
    assert variables["d"] == {"clock": {"environment": {"A": 1, "B": 1}, "args": [1, 2]}}


def test_variables_may_name_others() -> None:
    plain = {"port": 9000, "ports__of": 1}
    assert looked_up("d", {**plain, "d": {"a": {}}, "d__host": {"a": trust_as_template("{{ {'port': port} }}")}}) == {
        "a": {"port": 9000}
    }


def test_nothing_is_empty() -> None:
    assert looked_up("d", {}) == {}
    assert looked_up("d", {"d": None, "d__host": None}) == {}


def test_null() -> None:
    variables = {"d": {"a": {"x": 1}, "b": None}, "d__host": {"a": None}}
    assert looked_up("d", variables) == {"a": None, "b": None}
    assert without_null(looked_up("d", variables)) == {}
    assert without_null(looked_up("d", {**variables, "d__later": {"a": {"y": 1}}})) == {"a": {"y": 1}}


def test_what_is_no_mapping_is_named() -> None:
    with pytest.raises(AnsibleError, match="d__web must be a mapping to be merged into d, not a list"):
        looked_up("d", {"d": {}, "d__web": [1]})


@given(MAPPINGS, MAPPINGS)
def test_the_later_wins(one: dict[str, Any], other: dict[str, Any]) -> None:
    both = merged([one, other])
    assert set(both) == set(one) | set(other)
    assert merged([one]) == one
    assert merged([both, other]) == both
    for key, value in other.items():
        assert both[key] == value or (isinstance(value, dict) and isinstance(one.get(key), dict))
