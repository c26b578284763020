# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only rooms that touch the host. They decide nothing.

entry        parameters in, result out, for transactions; module: for all, and what is no transaction
decide       read, plan, check: all is decided before anything is touched
carry_out    apply, settle, record, or put back
observe, facts, version, releases, trails, evidence, processes, journal   read
checks, staging, exposure, installers                                     ask the host's own programs
disk, kept, accounts, build, credentials, history                         files
commands, manager                                                         programs; apply: all that a plan may do
unit_info, journal_info                                                   answer what is asked
settle, probe                                                             watch and ask
"""
