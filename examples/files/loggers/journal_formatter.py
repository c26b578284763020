# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's levels as priorities of the journal, without a dependency.

systemd takes ``<N>`` at the beginning of a line on standard output or error for the priority of that line
(sd-daemon(3)). So each line of a record gets it, those of a traceback too. Two lines set it up::

    import logging, journal_formatter
    logging.basicConfig(level=logging.DEBUG, handlers=[journal_formatter.handler()])
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TextIO

# The lowest level of Python that has this priority of syslog(3).
PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (25, 5), (logging.INFO, 6))


def priority_of(level: int) -> int:
    """Return the priority for a level, also for one that is not among Python's own five."""
    return next((priority for lowest, priority in PRIORITIES if level >= lowest), 7)


class JournalFormatter(logging.Formatter):
    """Formats as its base does, and puts the priority before each line."""

    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{priority_of(record.levelno)}>"
        # A NUL character would end the line for journald.
        lines = super().format(record).replace("\0", "\\0").split("\n")
        return "\n".join(prefix + line for line in lines)


def is_journal(stream: TextIO) -> bool:
    """Tell whether what is written to the stream goes to the journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # it has no file
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def handler(stream: TextIO = sys.stderr) -> logging.Handler:
    """Return a handler for the stream: with priorities for the journal, with time and level for a person."""
    made = logging.StreamHandler(stream)
    if is_journal(stream):
        made.setFormatter(JournalFormatter("%(message)s"))
    else:
        made.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return made
