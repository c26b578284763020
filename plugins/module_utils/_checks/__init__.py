# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what is wrong with the units that are about to be written, judged by what this host knows and holds.

written_units: the units in question, and where each line of them comes from
directives    what this host's systemd knows; directive_versions: since when
dependencies  units that are named and exist nowhere
needs         accounts, directories and files that a unit needs; trusted_paths: what it executes and reads
safety        what others could write to
verify        what systemd-analyze has to say; exposure: how exposed it finds a service
"""
