#!/usr/bin/env python3
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Append ``Timestamp: <now>`` to a file at a steady interval, until SIGTERM.

The environment configures it:

INTERVAL
    Seconds between two lines, default 1; may be fractional.
LOG_FILE
    The file. Default: ``date_logger.log`` in the directory that systemd made for ``LogsDirectory=``,
    else in ``/var/log``.

Exit codes: 0 after SIGTERM or SIGINT, 1 when the file cannot be written, 2 for a bad INTERVAL.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import datetime

LONGEST_INTERVAL = 86400.0
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def parse_interval(text: str) -> float:
    """Return the seconds that ``text`` says; raise ValueError unless a timer can use them."""
    seconds = float(text)
    if not 0 < seconds <= LONGEST_INTERVAL:  # False for NaN, too
        raise ValueError(text)
    return seconds


def log_file() -> str:
    """Return the path to append to."""
    # systemd separates several LogsDirectory= by colons (systemd.exec(5)).
    directory = os.environ.get("LOGS_DIRECTORY", "").split(":")[0] or "/var/log"
    return os.environ.get("LOG_FILE") or os.path.join(directory, "date_logger.log")


def append_timestamp(path: str) -> None:
    """Append one line with the local time and its offset, ISO 8601."""
    now = datetime.now().astimezone().isoformat(timespec="milliseconds")
    # Opened again for each line: closing flushes it, and logrotate may move the file away at any time.
    with open(path, "a", encoding="utf-8") as log:
        log.write(f"Timestamp: {now}\n")


def run(path: str, interval: float) -> None:
    """Append a line each ``interval`` seconds; return at the first stop signal."""
    due = time.monotonic()
    while True:
        append_timestamp(path)
        # Counted from the last due time, so that writing does not add up to a drift; a late line is not made up for.
        due = max(due + interval, time.monotonic())
        if signal.sigtimedwait(STOP_SIGNALS, max(0.0, due - time.monotonic())) is not None:
            return


def main() -> int:
    # Blocked, a stop signal stays pending until sigtimedwait() takes it: it ends the wait at once, never cuts
    # a line in two, and cannot slip in between a check and a sleep.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)

    text = os.environ.get("INTERVAL", "1")
    try:
        interval = parse_interval(text)
    except ValueError:
        print(
            f"date_logger: INTERVAL={text!r}: expected seconds, more than 0 and at most {LONGEST_INTERVAL:g}",
            file=sys.stderr,
        )
        return 2

    path = log_file()
    print(f"date_logger: appending to {path} every {interval:g} s", flush=True)
    try:
        run(path, interval)
    except OSError as error:
        print(f"date_logger: cannot append to {path}: {error.strerror}", file=sys.stderr)
        return 1
    print("date_logger: stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
