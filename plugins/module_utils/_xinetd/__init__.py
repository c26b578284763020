# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the configuration of xinetd → units. xinetd.conf(5)

config_syntax text, with what it includes → entries with their places
resolve    entries → services, their defaults merged as xinetd merges them
attribute_table: the policy: attribute → directives, or why there is no equal
attribute_values, networks: readers of values
convert    a service → its units and notes: service_draft on the way, listening, running and access its parts
migrate    a whole configuration
notes      what a person must know; migration_report: all of it in lines
declare    what a stack declares that takes over
rewrite    the text of a configuration with services disabled in it
audit      who else could change the configuration, or read it
"""
