# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: is what was started healthy? Judges states of units as they are looked at, and explains failures.

watched says who is watched and probed after a run, watch goes through the settle window, unit_health judges a unit, last_look
holds the whole host against the declaration. causes explains a failure with the facts in diagnostics.
"""
