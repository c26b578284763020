# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person must know of an attribute that does not mean the same with systemd."""

from __future__ import annotations

from .._dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Note:
    """effect: as in attribute_table.py. reason: why; remedy: what can be done. place: file and line. service: "" for defaults."""

    service: str
    attribute: str
    value: str
    place: str
    effect: str
    reason: str
    remedy: str

    def as_result(self) -> dict[str, str]:
        return asdict(self)
