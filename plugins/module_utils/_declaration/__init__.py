# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: task arguments → Stack, the declaration typed. Every mistake is a Problem with its place (problems.py)."""
