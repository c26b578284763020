# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what is asked of systemd and its journal, and the answers as typed values.

arguments     the options of the modules
unit_query    which units are meant, checked; vocabulary: the types and states that there are
properties    what is asked of a unit: property of systemd → key and type of the answer, as data; property_values: the types
unit_properties: properties → the answer
unit_answer   what is to be shown, which of it is meant, and all of the answer
dependencies  relations → trees, in both directions
stacks        the stacks of a host: which are meant, and the answer about them
journal_query which entries are meant, checked; journal_entries: entries → the answer
"""
