# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.pictures import KINDS, picture, pictures
from hypothesis import given
from hypothesis import strategies as st

from .fleets import answer, report, unit

NAMES = st.sampled_from([f"unit{number}.service" for number in range(12)] + [f"{'long' * 15}.socket"])
STACKS = st.dictionaries(NAMES, st.dictionaries(st.sampled_from([*KINDS, "unknown"]), st.lists(NAMES, max_size=4), max_size=4))


def boxes_of(drawn: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {box["unit"]: box for box in drawn["boxes"]}


def arrows_of(drawn: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(arrow["source"], arrow["kind"], arrow["target"]) for arrow in drawn["arrows"]]


@given(STACKS)
def test_boxes_are_apart_and_arrows_end_at_them(units: dict[str, dict[str, list[str]]]) -> None:
    drawn = picture(units)
    boxes = boxes_of(drawn)
    assert set(boxes) == set(units)
    for box in boxes.values():
        assert 0 <= box["x"] <= box["x"] + box["width"] <= drawn["width"]
        assert 0 <= box["y"] <= box["y"] + box["height"] <= drawn["height"]
    for a, b in combinations(boxes.values(), 2):
        is_beside = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
        assert is_beside or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
    for arrow in drawn["arrows"]:
        for point, unit_name in ((arrow["points"][0], arrow["source"]), (arrow["points"][-1], arrow["target"])):
            box = boxes[unit_name]
            assert point[0] in (box["x"], box["x"] + box["width"])
            assert box["y"] < point[1] < box["y"] + box["height"]
        for x, y in arrow["points"][1:-1]:  # past the boxes between them, not through
            assert not any(b["x"] <= x <= b["x"] + b["width"] and b["y"] <= y <= b["y"] + b["height"] for b in boxes.values())
        assert len({x for x, _y in arrow["points"]}) == len(arrow["points"])


@given(STACKS)
def test_two_units_have_one_arrow_at_most(units: dict[str, dict[str, list[str]]]) -> None:
    pairs = [frozenset((source, target)) for source, _kind, target in arrows_of(picture(units))]
    assert len(pairs) == len(set(pairs))
    related = {
        frozenset((source, target))
        for source, relations in units.items()
        for relation, targets in relations.items()
        for target in targets
        if relation in KINDS and target in units and target != source
    }
    assert set(pairs) == related


CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "the socket triggers, whatever the service says": (
        {"a.socket": {"triggers": ["a.service"]}, "a.service": {"requires": ["a.socket"], "after": ["a.socket"]}},
        [("a.socket", "triggers", "a.service")],
    ),
    "order alone": ({"a": {"after": ["b"]}, "b": {}}, [("a", "after", "b")]),
    "a need says more than order": ({"a": {"after": ["b"], "binds_to": ["b"]}, "b": {}}, [("a", "requires", "b")]),
    "from the whole to its part": ({"a": {"part_of": ["b"]}, "b": {}}, [("b", "wants", "a")]),
    "a circle": (
        {"a": {"requires": ["b"]}, "b": {"requires": ["c"]}, "c": {"requires": ["a"]}},
        [("a", "requires", "b"), ("b", "requires", "c"), ("c", "requires", "a")],
    ),
    "itself, strangers and what is not drawn": ({"a": {"wants": ["a", "elsewhere"], "before": ["b"]}, "b": {}}, []),
}


@pytest.mark.parametrize(("units", "arrows"), CASES.values(), ids=CASES)
def test_arrows(units: dict[str, Any], arrows: list[tuple[str, str, str]]) -> None:
    assert arrows_of(picture(units)) == arrows


def test_what_is_needed_stands_on_the_right() -> None:
    units = {"site.target": {"wants": ["web", "db"]}, "web": {"requires": ["db"]}, "db": {}, "lone": {}}
    boxes = boxes_of(picture(units))
    assert boxes["site.target"]["x"] < boxes["web"]["x"] < boxes["db"]["x"]
    assert boxes["lone"]["y"] > max(boxes[name]["y"] for name in ("site.target", "web", "db"))


def test_every_relation_is_told() -> None:
    (arrow,) = picture(CASES["the socket triggers, whatever the service says"][0])["arrows"]
    assert arrow["relations"] == [
        "a.socket triggers a.service",
        "a.service requires a.socket",
        "a.service after a.socket",
    ]


def test_stacks_that_are_alike_are_drawn_once() -> None:
    def host(**relations: list[str]) -> Any:
        return answer(web=unit(relations=relations), db=unit())

    found = report(a=host(), b=host(wants=["db.service"]), c=host(), d=host(conflicts=["elsewhere.service"]))
    assert [(each["stack"], each["hosts"]) for each in pictures(found["units"])] == [("shop", ["a", "c", "d"]), ("shop", ["b"])]


def test_nothing() -> None:
    assert picture({})["boxes"] == picture({})["arrows"] == []
    assert pictures([]) == []
