# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files as text: syntax, quoting, names. Pure: text in, values out, nothing of the host."""
