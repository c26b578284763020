# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only rooms that touch the host. They decide nothing.

entry        the transactions: a task → its result; xinetd: one that reads xinetd's configuration first
task         what a module has of Ansible; module, carried: the two ways in which it comes to the host; spawn: runs programs
asked        the frame of what is no transaction; tools: what every run works with, and the lock
decide       read, plan, check: all is decided before anything is touched
carry_out    apply, settle, record, or put back
observe, facts, version, releases, trails, evidence, processes, journal   read
patterns, status, connection                                              read: units that fit, properties, who has started us
checks, staging, exposure, installers                                     ask the host's own programs
disk, kept, accounts, build, credentials, history                         files
commands, manager                                                         programs; apply: all that a plan may do
unit_info, journal_info, stack_info                                       answer what is asked; known: what they share
default_target, unit_signal                                               single acts that are no transaction
settle, probe, replies                                                    watch and ask
handover                                                                  has xinetd give up its ports
"""
