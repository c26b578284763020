# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: unit files as text: text in, values out, nothing of the host.

syntax    the text of a unit file → its lines; quoting, values, exec_lines: what stands in them
render    structure → text; structure: the reverse
names     names of units and their parts; patterns: of names; escaping: what systemd-escape makes of texts
suggest   the word that was probably meant
"""
