# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder in which units are looked at before they are put into their places."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.staging import RUNTIME, staged


@pytest.fixture(autouse=True)
def below(tmp_path: Path, monkeypatch: Any) -> Path:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_staged(below: Path) -> None:
    with staged({"a.service": b"[Unit]\n", "a.service.d/x.conf": b"x"}, None) as directory:
        assert Path(directory, "a.service").read_bytes() == b"[Unit]\n"
        assert Path(directory, "a.service.d", "x.conf").read_bytes() == b"x"
        assert Path(directory, RUNTIME).is_dir()
        assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
    assert list(below.iterdir()) == []


def test_nothing_is_left_after_an_error(below: Path) -> None:
    with pytest.raises(ValueError, match="oops"), staged({"a.service": b""}, None):
        raise ValueError("oops")
    assert list(below.iterdir()) == []
