# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists as a person says them."""

from __future__ import annotations

from typing import Iterable

_MOST = 4


def listed(items: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c", "a, b, c, d and 3 more"; each only once."""
    unique = list(dict.fromkeys(items))
    if len(unique) > _MOST:
        unique = [*unique[:_MOST], f"{len(unique) - _MOST} more"]
    return " and ".join([", ".join(unique[:-1]), unique[-1]]) if len(unique) > 1 else "".join(unique)
