# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a configuration file with some of its services disabled, and everything else as it is."""

from __future__ import annotations

from typing import Iterable

from .config_syntax import ConfigEntry


def with_disabled(text: str, entries: Iterable[ConfigEntry], why: str) -> str:
    """entries: of this text. why: a comment. The first `disable` of an entry counts, so it goes right behind the {."""
    lines = text.split("\n")
    for entry in sorted(entries, key=lambda each: -each.begin):
        for assignment in entry.assignments:
            if assignment.attribute == "disable":
                lines[assignment.place.line - 1] = f"#{lines[assignment.place.line - 1]}"
        lines[entry.begin : entry.begin] = [f"\t# {why}", "\tdisable\t\t= yes"]
    return "\n".join(lines)
