# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script that Python 3.9 cannot compile."""

import time

# The statement came with Python 3.10 (Debian 12).
while True:
    match time.sleep(1):
        case None:
            print("slept", flush=True)
