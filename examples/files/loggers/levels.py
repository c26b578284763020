#!/usr/bin/env python3
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log one record of each level, and a traceback, at a steady interval, until SIGTERM.

INTERVAL in the environment: seconds between two rounds, default 10; may be fractional.
"""

from __future__ import annotations

import logging
import os
import signal

import journal_formatter

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
LOG = logging.getLogger("levels")


def log_all_levels() -> None:
    LOG.debug("a debug message")
    LOG.info("an info message")
    LOG.warning("a warning")
    LOG.error("an error")
    LOG.critical("a critical message")
    try:
        {}["missing"]
    except KeyError:
        LOG.exception("an exception")


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    logging.basicConfig(level=logging.DEBUG, handlers=[journal_formatter.handler()])
    interval = float(os.environ.get("INTERVAL", "10"))
    log_all_levels()
    while signal.sigtimedwait(STOP_SIGNALS, interval) is None:
        log_all_levels()


if __name__ == "__main__":
    main()
