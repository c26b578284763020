# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: Desired and Observed → Plan, the actions that make the one the other.

observed   the host as _host/observation/observe.py has read it
conflicts  what stands on the host in the way
unit_changes: does a running unit differ from its files? staleness: does its process run what a restart would run?
releases   which are built, which stay, which go; removal: what the stack no longer declares
sysusers_tmpfiles: when accounts and directories are made; port_takeover: when a foreign service gives way to sockets
existing_units: what is asked of units that something else has defined
file_plan, unit_plan → plan
rollback   what reverts a plan that has failed; exec_directories: what systemd has made for units that were new
propagation what systemd stops and restarts along
"""
