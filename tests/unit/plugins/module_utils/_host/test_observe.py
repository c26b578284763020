# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what a stack owns: read back, or refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.files import write_json
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observe import read_manifest
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.desired import Scope
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.observed import MANIFEST_VERSION, Manifest
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.problems import Refused

MANIFEST = Manifest(
    "demo", False, {"/etc/a": "f00"}, {"/etc/b": "a"}, ("/etc/demo",), {"a.service": {"stamp": "1", "invocation": "2"}}
)


def test_no_record(tmp_path: Path) -> None:
    assert read_manifest(Scope(state_directory=str(tmp_path / "none")), "demo") is None


def test_record_comes_back(tmp_path: Path) -> None:
    scope = Scope(state_directory=str(tmp_path))
    write_json(scope.manifest_path("demo"), MANIFEST.as_json())
    assert read_manifest(scope, "demo") == MANIFEST
    assert read_manifest(scope, "other") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("{", "cannot be read", id="cut off"),
        pytest.param("", "cannot be read", id="empty"),
        pytest.param("[]", "cannot be read", id="a list"),
        pytest.param("{}", "cannot be read", id="without a version"),
        pytest.param('{"version": 1, "stack": "demo"}', "cannot be read", id="incomplete"),
        pytest.param(f'{{"version": {MANIFEST_VERSION + 1}}}', "newer version of this collection", id="newer"),
    ],
)
def test_record_that_cannot_be_read(tmp_path: Path, text: str, problem: str) -> None:
    scope = Scope(state_directory=str(tmp_path))
    Path(scope.manifest_path("demo")).write_text(text)
    with pytest.raises(Refused) as refused:
        read_manifest(scope, "demo")
    (found,) = refused.value.problems
    assert found.place == scope.manifest_path("demo")
    assert problem in found.problem
