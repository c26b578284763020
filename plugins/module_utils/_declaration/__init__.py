# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: task arguments → Stack, the declaration typed. Every mistake is a Problem with its place (problems.py).

arguments    the argument specs of the modules
options      readers of values; problems: what they refuse
model        the types; source, tree, application, credentials, probe, entry_point, users: its parts that have rules of their own
declaration  the whole way; unit: from the arguments of the module unit
constants    known to both sides; allowed_settings: settings held against a table of those allowed
"""
