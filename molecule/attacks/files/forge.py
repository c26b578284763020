# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""forge.py UNIT: an ordinary user writes lines into the journal that claim to be of a unit, for a minute at most."""

import os
import socket
import sys
import time

unit = sys.argv[1]
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.connect("/run/systemd/journal/socket")
for _count in range(600):
    try:
        invocation = os.readlink(f"/run/systemd/units/invocation:{unit}")
    except OSError:
        invocation = "0" * 32
    for field in (f"UNIT={unit}", f"_SYSTEMD_UNIT={unit}", f"OBJECT_SYSTEMD_UNIT={unit}", f"SYSLOG_IDENTIFIER={unit}"):
        fields = (
            *("MESSAGE=FORGED Rollback incomplete", "PRIORITY=3", f"INVOCATION_ID={invocation}", field),
            *(f"_SYSTEMD_INVOCATION_ID={invocation}", "_UID=0", "_PID=1", "DAEMONIC_RELEASE=0123456789abcdef"),
        )
        journal.send("".join(f"{each}\n" for each in fields).encode())
    time.sleep(0.1)
