# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many examples a property tries."""

from __future__ import annotations

import os


def examples(number: int) -> int:
    """All of them on one Python, a tenth with DAEMONIC_EXAMPLES=few: `./dev units` sets it for the other Pythons.

    DAEMONIC_EXAMPLES=10000 tries so many of each property that is run.
    """
    wanted = os.environ.get("DAEMONIC_EXAMPLES", "")
    return max(number // 10, 5) if wanted == "few" else int(wanted) if wanted.isdigit() else number
