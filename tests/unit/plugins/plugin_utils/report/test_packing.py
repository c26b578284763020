# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any, Mapping

from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.packing import packed
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["", "a", "1"]), st.lists(st.integers(0, 1), max_size=2)
)


def unpacked(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As assets/data.js does it."""
    rows: list[dict[str, Any]] = [{} for _row in range(table["count"])]
    for key, column in table["columns"].items():
        for number, row in enumerate(rows):
            row[key] = column["all"] if "all" in column else column["each"][number] if "each" in column else _at(column, number)
    return rows


def _at(column: Mapping[str, Any], number: int) -> Any:
    return column["values"][column["at"][number]]


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=20))
def test_nothing_is_lost(rows: list[dict[str, Any]]) -> None:
    # As JSON, for which 1 and true are not equal.
    assert json.dumps(unpacked(packed(rows)), sort_keys=True) == json.dumps(rows, sort_keys=True)


def test_each_way() -> None:
    rows = [{"all": "x", "few": number % 2, "own": number, **({"some": 1} if number else {})} for number in range(6)]
    assert {key: set(column) for key, column in packed(rows)["columns"].items()} == {
        "all": {"all"},
        "few": {"values", "at"},
        "own": {"each"},
        "some": {"values", "at"},
    }
    assert [row["some"] for row in unpacked(packed(rows))] == [None, 1, 1, 1, 1, 1]
