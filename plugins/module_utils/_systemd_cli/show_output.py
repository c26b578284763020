# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `systemctl show` prints of several units: a block each, lines of Property=value, blank lines between the blocks."""

from __future__ import annotations

from typing import Mapping


def blocks(output: str) -> list[dict[str, str]]:
    """One for each unit, in the order in which they are shown; each was asked for its Id.

    A block without an Id is the rest of a value that has blank lines itself. The lines of a property that stands there
    several times are in one value.
    """
    found = [_properties(part) for part in output.split("\n\n")]
    return [properties for properties in found if "Id" in properties]


def _properties(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in block.split("\n"):
        key, equals, value = line.partition("=")
        if equals and key.isalnum():
            found[key] = f"{found[key]}\n{value}" if key in found else value
    return found


def number(shown: Mapping[str, str], key: str) -> int:
    value = shown.get(key, "")
    return int(value) if value.isdigit() else 0
