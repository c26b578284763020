# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down what systemd has handed to it, and stays."""

import json
import os
import signal
import sys

with open("/run/declarable.said.new", "w", encoding="utf-8") as stream:
    json.dump({"arguments": sys.argv[1:], "environment": dict(os.environ)}, stream)
os.rename("/run/declarable.said.new", "/run/declarable.said")
signal.pause()
