# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what a host remembers of a stack: its manifest before and after a run, and its history of deployments."""
