# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only doors to the host: its files, programs, accounts and service manager. Knows nothing of plans or units' meaning."""
