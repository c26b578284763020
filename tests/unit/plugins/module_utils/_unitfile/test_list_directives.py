# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which directives are lists: what `systemctl show` has made of two assignments and of one, on real hosts.

captured/lists-*.json: of pairs of values for each directive, "lists" where a unit with both differed from one with the last
alone, "single" where it never did.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.list_directives import added, is_list, merged, resets

VERSIONS = ("247", "252", "262")
CAPTURED = Path(__file__).parent / "captured"
# Properties of a unit that was read twice differ for other reasons; the manual says that the last assignment counts.
_LAST_COUNTS = {
    *("Service.DynamicUser", "Service.LockPersonality", "Service.Nice", "Service.NoNewPrivileges", "Service.PrivateTmp"),
    *("Service.ProtectHostname", "Service.RemoveIPC", "Service.StandardError", "Socket.Accept"),
}
# A list of a oneshot service alone, where it is one command for all others: the daemon's own replaces ours.
_REPLACED = {"Service.ExecStart"}
# No pair of values was found that `show` would tell apart.
_NOT_SHOWN = {"Service.NFTSet", "Service.RootImageOptions", "Service.SecureBits", "Service.SetCredential"}


@pytest.mark.parametrize("version", VERSIONS)
def test_lists_are_those_of_systemd(version: str) -> None:
    found = json.loads((CAPTURED / f"lists-{version}.json").read_text(encoding="utf-8"))
    assert {key for key in found["lists"] if not is_list(*key.split("."))} <= _LAST_COUNTS | _REPLACED
    assert {key for key in found["single"] if is_list(*key.split("."))} <= _NOT_SHOWN
    assert len(found["lists"]) > 60


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        pytest.param("a", "b", ["a", "b"], id="two"),
        pytest.param(["a"], ["b", "c"], ["a", "b", "c"], id="lists"),
        pytest.param({"A": 1}, {"B": 2}, [{"A": 1}, {"B": 2}], id="mappings"),
        pytest.param("a", "", "", id="reset"),
        pytest.param("a", ["b", None, "c"], [None, "c"], id="reset inside"),
        pytest.param("a", {}, "a", id="nothing"),
        pytest.param("", "b", ["", "b"], id="ours resets"),
    ],
)
def test_added(ours: Any, theirs: Any, expected: Any) -> None:
    assert added("Service", "Environment", ours, theirs) == expected


def test_a_dependency_has_no_reset_in_its_own_file() -> None:
    """systemd would ignore it."""
    assert added("Unit", "After", "a", ["", "b"]) == "b"
    assert added("Unit", "After", "a", "") == []
    assert resets(["a", ""])
    assert not resets({"A": ""})


def test_all_else_is_overridden() -> None:
    assert merged("Service", {"Nice": 1, "Environment": "A=1"}, {"Nice": 2, "Type": "exec"}) == {
        "Nice": 2,
        "Environment": "A=1",
        "Type": "exec",
    }
