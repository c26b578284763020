# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves with xinetd alone: only that sets this variable."""

import os

print("welcome,", os.environ["REMOTE_HOST"], flush=True)
