# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.target_groups import units_of


def test_a_member_of_two_targets() -> None:
    units = units_of(
        {"a.target": {"members": ["x.service", "b.target"]}, "b.target": {"members": "x.service", "unit": {"Nice": 1}}}
    )
    assert list(units) == ["a.target", "x.service", "b.target"]
    assert units["a.target"] == {"Unit": {"Description": "a", "Wants": ["x.service", "b.target"]}}
    assert units["x.service"] == {"dropins": {f"{n}.target": {"Unit": {"PartOf": f"{n}.target"}} for n in "ab"}}
    assert units["b.target"] == {
        "dropins": {"a.target": {"Unit": {"PartOf": "a.target"}}},
        "Unit": {"Description": "b", "Wants": ["x.service"], "Nice": 1},
    }


def test_a_target_without_members() -> None:
    assert units_of({"a.target": None}) == {"a.target": {"Unit": {"Description": "a"}}}


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        pytest.param(["a.target"], "no mapping of names to targets", id="list"),
        pytest.param({"a.service": {}}, "is no target", id="service"),
        pytest.param({"a": {}}, "Write a.service", id="no-type"),
        pytest.param({"a.target": {"member": []}}, "Did you mean 'members'", id="misspelt-option"),
        pytest.param({"a.target": {"members": ["x"]}}, "a.target.members.*ends in its type", id="member-without-type"),
        pytest.param({"a.target": {"members": ["x@.service"]}}, "such as x@1.service", id="template"),
    ],
)
def test_refused(targets: Any, said: str) -> None:
    with pytest.raises(ValidationFailed, match=said):
        units_of(targets)
