# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what came of a run.

watched, watch   who is watched and asked after a run, and what the looks mean
health           is a unit well? causes: why not, in words of its definition; evidence, listeners: what they ask of the host
replies          does a port still answer as it did? building: why a release could not be built
ledger           the record of what the stack owns; history: of what was declared
report, story    the result of a task, and of one that failed
"""
