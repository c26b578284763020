# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says "tick" when it starts, and "again" at each SIGHUP."""

import signal

SIGNALS = {signal.SIGHUP}

signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
print("tick", flush=True)
while True:
    signal.sigwait(SIGNALS)
    print("again", flush=True)
