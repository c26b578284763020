# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what a stack owns: read back, or refused with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import Scope, scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation import observe
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.observe import are_of_this_start, read_manifest
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import MANIFEST_VERSION, Manifest

MANIFEST = Manifest(
    "demo",
    complete=False,
    files={"/etc/a": "f00"},
    links={"/etc/b": "a"},
    originals={"/etc/a": ""},
    directories=("/etc/demo",),
    owned=("a.service",),
    units={"a.service": {"invocation": "2", "stamp": "1", "reload": "", "wants": ""}},
    pending=("a.service",),
)


def scope_at(directory: Path) -> Scope:
    return replace(scope_of("system"), state_directory=str(directory))


def test_no_record(tmp_path: Path) -> None:
    assert read_manifest(Disk(), scope_at(tmp_path / "none"), "demo") is None


def test_record_comes_back(tmp_path: Path) -> None:
    scope = scope_at(tmp_path)
    Disk().write_json(scope.manifest_path("demo"), MANIFEST.as_json())
    assert read_manifest(Disk(), scope, "demo") == MANIFEST
    assert read_manifest(Disk(), scope, "other") is None


def test_record_of_an_older_release(tmp_path: Path) -> None:
    """What it did not know has its default."""
    scope = scope_at(tmp_path)
    old = {name: value for name, value in MANIFEST.as_json().items() if name in ("version", "stack", "files", "links")}
    Disk().write_json(scope.manifest_path("demo"), old)
    assert read_manifest(Disk(), scope, "demo") == Manifest("demo", files=MANIFEST.files, links=MANIFEST.links)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("{", "cannot be read", id="cut off"),
        pytest.param("", "cannot be read", id="empty"),
        pytest.param("[]", "cannot be read", id="a list"),
        pytest.param("{}", "cannot be read", id="without a version"),
        pytest.param('{"version": 1}', "cannot be read", id="of no stack"),
        pytest.param(f'{{"version": {MANIFEST_VERSION + 1}}}', "newer version of this collection", id="newer"),
    ],
)
def test_record_that_cannot_be_read(tmp_path: Path, text: str, problem: str) -> None:
    scope = scope_at(tmp_path)
    Path(scope.manifest_path("demo")).write_text(text)
    with pytest.raises(ValidationFailed) as refused:
        read_manifest(Disk(), scope, "demo")
    (found,) = refused.value.problems
    assert found.place == scope.manifest_path("demo")
    assert problem in found.problem


@pytest.mark.parametrize(
    ("written", "started", "expected"),
    [
        pytest.param(100.0, 100.0, True, id="at this start"),
        pytest.param(100.0, 100.004, True, id="the clock of the file system has ticked"),
        pytest.param(100.0, 130.0, False, id="at an earlier start, of a unit of ours that has this name no more"),
        pytest.param(100.0, None, True, id="it has stopped"),
        pytest.param(None, 100.0, True, id="no fields"),
    ],
)
def test_fields_that_another_unit_of_this_name_has_left(
    written: float | None, started: float | None, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As seen on systemd 252: the file stays when the unit stops, and when one without LogExtraFields= is started."""
    monkeypatch.setattr(observe, "_UNITS", str(tmp_path))
    if written is not None:
        (tmp_path / "log-extra-fields:a.service").write_text("x")
        os.utime(tmp_path / "log-extra-fields:a.service", (written, written))
    if started is not None:
        (tmp_path / "invocation:a.service").symlink_to("0123")
        os.utime(tmp_path / "invocation:a.service", (started, started), follow_symlinks=False)
    assert are_of_this_start("a.service") is expected
