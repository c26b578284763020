# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: Desired and Observed → Plan, the actions that make the one the other.

observed   the host as _host/observe.py has read it
obstacles  what stands on the host in the way
stale      does a running unit differ from its files?
releases   which are built, which stay, which go; removal: what the stack no longer declares
provision  when accounts and directories are made; handover: when a service of somebody else gives way to sockets
asked      what is asked of units that something else has defined
file_plan, unit_plan → plan
undo       the way back when a plan has failed; leftovers: what systemd has made for units that were new
wording    lists as a person says them
"""
