# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: Stack → Desired, the files, links and units that a host shall hold.

daemon     one daemon as its release and the sections of its units
unit_drafts entries as drafts of units: structures become text, Also= is followed
hardening  the presets of a daemon, as data
unit_checks, stack_checks: mistakes that show in the drafts alone; shell_syntax: that of shells in Exec…=
existing_units: what is asked of units that something else has defined
secrets    what does not belong into Environment=
enablement: [Install] as links; unit_file_state: a unit that lies on the host already
sysusers_tmpfiles: accounts and directories, as files that a program of systemd applies
restart_policy: what a changed directive needs; stamp: the digest of all that a restart applies
expand     the whole way
"""
