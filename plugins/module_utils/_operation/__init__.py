# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: single acts that no transaction is needed for, decided from what is asked and what is.

target_names    the names of targets: runlevels, those that take the host down
isolation       what a target pulls in, and what its isolation stops
connection      the units that keep the connection of the task alive
default_target  whether the link changes, and whether the target is isolated
target_groups   targets that group units → the units of a stack
signals         the names of signals; whether one may be sent, and whether its effect is there
"""
