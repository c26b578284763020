# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial reads of the host."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.daemonic.systemd.plugins.module_utils._desired.trial import EnvironmentFile
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build.trial import _contents


def test_files_are_read_in_order_and_what_is_written_now_wins(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.env").write_bytes(f"NAME={name}".encode())
    file = EnvironmentFile(f"{tmp_path}/*.env", True, {f"{tmp_path}/b.env": b"NAME=new"})
    assert list(_contents(file)) == [b"NAME=a", b"NAME=new"]


def test_a_pipe_that_somebody_has_put_there_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.env")
    assert list(_contents(EnvironmentFile(f"{tmp_path}/a.env", True))) == []
