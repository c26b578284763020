# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure core: values in, values out. The way of the data, and the room of each line:

task arguments   problems, options, model → declaration               Stack: the declaration, typed
                 daemon, drafts, install, stamp, policy → expand      Desired: files, links, units of a host
                 checks, installed                                    what shows to be wrong on the way
the host         observed                                             Observed: what _host/observe.py has read
both             stale, removal → file_plan, unit_plan → plan         Plan: actions with reasons
                 obstacles                                            what forbids it
after            ledger, health, report                               record, judgement, result
anywhere         wording                                              lists as a person says them
"""
