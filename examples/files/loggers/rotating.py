#!/usr/bin/env python3
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log to the journal, and to a file that rotates by its size, until SIGTERM.

The file is ``rotating.log`` in the directory that systemd made for ``LogsDirectory=``, else in the current one. Full ones
are kept as ``rotating.log.1`` to ``rotating.log.3``. The environment configures it:

INTERVAL
    Seconds between two records, default 1; may be fractional.
MAX_BYTES
    The size at which the file rotates, default 1000000.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal

import journal_formatter

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
LOG = logging.getLogger("rotating")


def file_handler() -> logging.Handler:
    directory = os.environ.get("LOGS_DIRECTORY", ".").split(":")[0]
    path = os.path.join(directory, "rotating.log")
    made = logging.handlers.RotatingFileHandler(
        path, maxBytes=int(os.environ.get("MAX_BYTES", "1000000")), backupCount=3, encoding="utf-8"
    )
    made.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return made


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    logging.basicConfig(level=logging.INFO, handlers=[journal_formatter.handler(), file_handler()])
    interval = float(os.environ.get("INTERVAL", "1"))
    count = 0
    while signal.sigtimedwait(STOP_SIGNALS, interval) is None:
        count += 1
        LOG.log(logging.INFO if count % 10 else logging.WARNING, "record %d", count)


if __name__ == "__main__":
    main()
