# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the command lines of systemd's programs, and what they print, as values. Both are made and read here alone.

argv, parse       of every deployment; show_output: what `systemctl show` prints, for all of them
process_ends      what journalctl says of the end of a process
unit_queries      of unit_info; journal: of journal_info; operations: of default_target and unit_signal
"""
