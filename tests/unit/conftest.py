# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties are about what is right, not about how fast a busy machine is."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("any machine", deadline=None, database=None)
settings.load_profile("any machine")
