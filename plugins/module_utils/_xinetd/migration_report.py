# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A migration in lines for a person: what moves, what stays, and what is different then."""

from __future__ import annotations

from .attribute_table import SAME
from .migrate import Migration


def report(migration: Migration) -> list[str]:
    """A line for each service, and one for each attribute that does not mean quite the same."""
    lines = [f"{each.service.id}: served by {' and '.join(each.units)}" for each in migration.carried]
    meant = {each.service.id for each in migration.converted}
    lines += [
        f"{service.id}: stays with xinetd{'' if service.id in meant else ', as it is not named'}" for service in migration.left
    ]
    for note in migration.notes:
        if note.effect != SAME:
            what = f"{note.service}: " if note.service else ""
            lines.append(f"{what}{note.attribute} = {note.value} ({note.place}, {note.effect}): {note.reason} {note.remedy}")
    return lines
