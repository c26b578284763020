# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What journalctl says of the end of a process → a value. Apart from parse.py, since only a failed run asks for it."""

from __future__ import annotations

import json

from .._outcome.evidence import End


def last_end(output: str) -> End | None:
    """`journalctl -o json` of argv.journal_of_last_end → the last end; EXIT_CODE is that of sigaction(2), as a word."""
    for line in reversed([line for line in output.splitlines() if line.startswith("{")]):
        entry = json.loads(line)
        code = _EXIT_CODES.get(str(entry.get("EXIT_CODE")))
        if code and str(entry.get("EXIT_STATUS")).isdigit():
            return End(str(entry.get("COMMAND", "")), code, int(entry["EXIT_STATUS"]))
    return None


_EXIT_CODES = {"exited": 1, "killed": 2, "dumped": 3}
