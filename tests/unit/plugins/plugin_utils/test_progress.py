# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run shows of itself while it lasts, read from the locks of its host."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils import progress

ME = f"process {os.getpid()}, since 2026-01-01 00:00:00 UTC"


@pytest.mark.parametrize(
    ("locks", "shown"),
    [
        pytest.param({"a": f"stack shop, {ME}\nsettle shop.service"}, "settle shop.service", id="its step"),
        pytest.param({"a": f"stack shop, {ME}"}, "", id="it has not begun"),
        pytest.param(
            {"a": f"stack other, {ME}\nsettle other.service"},
            f"waits for stack other, {ME}: settle other.service",
            id="another run, which it waits for",
        ),
        pytest.param(
            {"a": "stack shop, process 999999999, since x\nsettle dead.service", "b": f"stack shop, {ME}\nsettle shop.service"},
            "settle shop.service",
            id="what a run that was killed has left",
        ),
        pytest.param({"a": ""}, "", id="nobody"),
    ],
)
def test_what_is_shown(tmp_path: Path, locks: dict[str, str], shown: str) -> None:
    for name, text in locks.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = progress._READ % f"{tmp_path}/*".encode()
    said = subprocess.run(["/bin/sh"], input=command, capture_output=True, check=True).stdout.decode()
    assert progress._step(said, "stack shop, ") == shown
