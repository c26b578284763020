# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `systemd-analyze verify` says, line by line: read by _systemd_cli/parse.py, judged by verify.py."""

from __future__ import annotations

from .._dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One line. path: relative to where the units were staged, with a line that counts from 1; or the unit; or neither."""

    text: str
    path: str = ""
    line: int = 0
    unit: str = ""
