# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what came of a run. health: are the units well? ledger: the record of what the stack owns; report: the result."""
