# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what is wrong with the units that are about to be written, judged by what this host knows and holds."""
