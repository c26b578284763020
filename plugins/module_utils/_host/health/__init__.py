# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches units until they have settled, probes them, and collects the facts of a failure. Its pure half is _health."""
