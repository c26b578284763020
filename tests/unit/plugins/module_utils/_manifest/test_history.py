# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on record of deployments, and what a return means."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._manifest.history import History, with_secrets


def declared(number: int, **more: Any) -> dict[str, Any]:
    return {"daemons": {"a": {"script": {"name": "a.py", "content": str(number)}, **more}}, "units": {}, "files": {}, "users": {}}


ONE, TWO, THREE = declared(1), declared(2), declared(3)


@pytest.mark.parametrize(
    ("deployments", "interrupted", "expected"),
    [
        pytest.param([], False, None, id="nothing was deployed"),
        pytest.param([ONE], False, None, id="nothing was before it"),
        pytest.param([ONE, TWO], False, ONE, id="the one before"),
        pytest.param([ONE, TWO, TWO], False, ONE, id="what is deployed again counts once"),
        pytest.param([ONE, TWO, THREE], False, TWO, id="one step only"),
        pytest.param([ONE, TWO], True, TWO, id="a third that was interrupted"),
        pytest.param([ONE, TWO, "back"], False, ONE, id="again: where we are"),
        pytest.param([ONE, TWO, "back", "back"], False, ONE, id="and again"),
        pytest.param([ONE, TWO, "back", THREE], False, ONE, id="back from what came after a return"),
        pytest.param([ONE, TWO, "back", TWO], False, ONE, id="back from a second try"),
    ],
)
def test_return(deployments: list[Any], interrupted: bool, expected: Any) -> None:
    history = History()
    for each in deployments:
        history = history.returned(False) if each == "back" else history.deployed(each)
    assert history.return_to(interrupted) == expected


@pytest.mark.parametrize(
    ("before", "then", "was_deployed", "expected"),
    [
        pytest.param([], ONE, False, "absent", id="the first"),
        pytest.param([], ONE, True, None, id="the first that is on record, but not the first"),
        pytest.param([ONE], TWO, True, "rolled_back", id="a second"),
        pytest.param([ONE, TWO], TWO, True, None, id="the same, on a host that had changed"),
        pytest.param([ONE, TWO, "back"], THREE, True, "rolled_back", id="after a return"),
        pytest.param([ONE, TWO, "back"], ONE, True, None, id="the same after a return"),
        pytest.param([ONE, TWO], "back", True, None, id="a return"),
        pytest.param([ONE], None, True, None, id="nothing on record"),
    ],
)
def test_way_back(before: list[Any], then: Any, was_deployed: bool, expected: str | None) -> None:
    history = History()
    for each in before:
        history = history.returned(False) if each == "back" else history.deployed(each)
    after = None if then is None else history.returned(False) if then == "back" else history.deployed(then)
    assert history.rollback_state(after, was_deployed) == expected


def test_it_survives_its_file() -> None:
    history = History().deployed(ONE).deployed(TWO).returned(False)
    assert History.from_json(json.loads(json.dumps(history.as_json()))) == history
    assert History.from_json(None) == History()


def test_where_a_large_file_lay_is_forgotten() -> None:
    source = {"name": "a.py", "sha256": "00", "size": 1}
    there = {"daemons": {"a": {"script": {**source, "upload": "/tmp/x"}}}}
    assert History().deployed(there).live == {"daemons": {"a": {"script": source}}, "units": {}, "files": {}, "users": {}}
    named = {"files": {"/etc/a": {"content": "upload", "upload": "kept"}}}
    assert History().deployed(named).live["files"] == named["files"]  # type: ignore[index]


def test_no_secret_is_on_record() -> None:
    history = History().deployed(declared(1, credentials={"token": "hunter2"}))
    assert "hunter2" not in json.dumps(history.as_json())
    filled = with_secrets(history.live or {}, lambda daemon, credential: f"{credential} of {daemon}")
    assert filled["daemons"]["a"]["credentials"] == {"token": "token of a"}


def test_a_rotated_secret_is_the_same_deployment() -> None:
    history = History().deployed(declared(1, credentials={"token": "old"}))
    assert history.deployed(declared(1, credentials={"token": "new"})) == history


def test_record_of_a_release_that_knew_no_users() -> None:
    live = {part: entries for part, entries in declared(1).items() if part != "users"}
    history = History(live, declared(0))
    assert history.deployed(declared(1)) is history
