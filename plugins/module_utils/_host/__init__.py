# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only package that touches the host. A room may import those below it:

entry         how a module comes to the host, and its frame
xinetd        the module `xinetd`: a transaction that reads the configuration of xinetd first
transaction   run (task → result), decide (reads and plans), carry_out (apply, settle, record or roll back)
inquiry, operation   modules that only ask, and single acts; each mirrors a pure package of the same name
health        settle, probe and diagnostics
preflight     what the checks need to know of the host
build         makes releases and tries them
observation   reads files, units and processes
io            files, programs, accounts, the service manager, the lock
"""
