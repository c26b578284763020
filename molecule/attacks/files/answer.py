# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The python of a host that somebody else has taken over: whatever it is to run, it answers what the file beside it says."""

import os
import sys

sys.stdin.buffer.read()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "answer.json")) as stream:
    sys.stdout.write(stream.read())
