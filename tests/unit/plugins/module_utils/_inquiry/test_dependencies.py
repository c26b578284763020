# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relations as trees: bounded, whatever cycles there are."""

from __future__ import annotations

from typing import Any

from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.dependencies import dependencies, dependents
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.properties import PULLED_IN_BY, PULLS_IN
from hypothesis import given
from hypothesis import strategies as st

SHOWN = {
    "a": {"Requires": "b c", "Wants": "b", "After": "z", "ActiveState": "active"},
    "b": {"BindsTo": "a d", "ActiveState": "failed"},
    "c": {"Wants": "d"},
    "d": {"Wants": "a", "WantedBy": "b c", "RequiredBy": "b"},
}


def plain(tree: list[dict[str, Any]]) -> dict[str, Any]:
    return {node["unit"]: plain(node["units"]) for node in tree}


def test_both_directions() -> None:
    tree = dependencies("a", SHOWN, 2)
    assert plain(tree) == {"b": {"a": {}, "d": {}}, "c": {"d": {}}}
    assert tree[0]["relations"] == ["requires", "wants"]
    assert (tree[0]["active_state"], tree[0]["expanded"]) == ("failed", True)
    assert tree[0]["units"][0] == {
        "unit": "a",
        "relations": ["binds_to"],
        "active_state": "active",
        "expanded": False,
        "units": [],
    }
    assert plain(dependents("d", SHOWN, 1)) == {"b": {}, "c": {}}
    assert dependents("d", SHOWN, 1)[0]["relations"] == ["required_by", "wanted_by"]


def test_what_is_not_loaded_is_an_end() -> None:
    (node,) = dependencies("x", {"x": {"Wants": "y"}}, 9)
    assert (node["active_state"], node["units"]) == (None, [])


UNITS = st.sampled_from("abcdefgh")


@given(
    st.dictionaries(
        UNITS, st.dictionaries(st.sampled_from([*PULLS_IN.values(), *PULLED_IN_BY.values()]), st.lists(UNITS).map(" ".join))
    ),
    UNITS,
    st.integers(1, 10),
)
def test_each_unit_is_expanded_once(shown: dict[str, dict[str, str]], unit: str, depth: int) -> None:
    def expanded(tree: list[dict[str, Any]], left: int) -> list[str]:
        assert tree == [] or left > 0
        return [name for node in tree for name in ([node["unit"]] * node["expanded"] + expanded(node["units"], left - 1))]

    for tree in (dependencies(unit, shown, depth), dependents(unit, shown, depth)):
        found = expanded(tree, depth)
        assert len(found) == len(set(found))
        assert unit not in found
