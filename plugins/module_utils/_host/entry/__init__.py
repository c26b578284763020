# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ways in which a module comes to the host, and the frame of those that are no transaction."""
