# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What journalctl says of the end of a process → a value. Apart from parse.py, since only a failed run asks for it."""

from __future__ import annotations

import json
import re

from .._health.diagnostics import End
from .._text import lines_in
from .parse import journal_lines


def last_end(output: str) -> End | None:
    """`journalctl -o json` of argv.journal_of_last_end → the last end; EXIT_CODE is that of sigaction(2), as a word."""
    for line in reversed([line for line in lines_in(output) if line.startswith("{")]):
        entry = json.loads(line)
        code = _EXIT_CODES.get(str(entry.get("EXIT_CODE")))
        if code and str(entry.get("EXIT_STATUS")).isdigit():
            return End(str(entry.get("COMMAND", "")), code, int(entry["EXIT_STATUS"]))
    return None


def is_skipped(output: str) -> bool:
    """`journalctl -o json` of argv.journal_of_last_start: was it not started, for a condition is not met?"""
    return any(_SKIPPED.search(line) for line in journal_lines(output)[-1:])


# systemd 247, and ExecCondition= of all; 249 to 257; 258 and later.
_SKIPPED = re.compile(
    r"^Condition check resulted in .* being skipped|was skipped because (of an unmet|no trigger)|skipped, (unmet|no trigger)"
)
_EXIT_CODES = {"exited": 1, "killed": 2, "dumped": 3}
