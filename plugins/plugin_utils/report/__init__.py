# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the answers of the hosts of a fleet → its report, as JSON, as a page and as a table. Runs on the controller alone.

fleet      answers → the report; verdicts: what is well and what is not; drift: what differs between hosts
pictures   the units of a stack → boxes and arrows
packing    the report in few bytes; page: the HTML page (its sources are in assets/); table: the table of the terminal
"""
