# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""login.py GREETING…: what a telnet server is to xinetd. Asks for a name, then answers line by line."""

import os
import sys


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


say(f"{' '.join(sys.argv[1:])} {os.environ.get('WHERE')} {os.getuid()} {os.umask(0):03o}\r\nlogin: ")
for line in sys.stdin:
    say(f"{line.strip()}!\r\nlogin: ")
