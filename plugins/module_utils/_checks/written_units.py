# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit files and drop-ins that a run is about to write: what the checks of the host are about."""

from __future__ import annotations

import posixpath
from typing import Iterator

from .._dataclasses import dataclass
from .._declaration.model import Stack
from .._declaration.source import Source, content_of
from .._desired.desired import Desired, Unit
from .._desired.stack_checks import in_words_of_the_user
from .._plan.actions import Remove, SetAttributes, WriteFile
from .._plan.plan import Plan
from .._unitfile.syntax import Document, Entry, parse


@dataclass(frozen=True)
class Text:
    """One unit file or drop-in, as it is written. place: that of its entry in the declaration."""

    path: str
    place: str
    document: Document


@dataclass(frozen=True)
class Written:
    """A unit with its texts, the unit file first."""

    unit: Unit
    texts: tuple[Text, ...]
    stack: Stack

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Every assignment with its place in the declaration."""
        for text in self.texts:
            for entry in text.document.entries:
                yield self.place_of(text, entry), entry

    def place_of(self, text: Text, entry: Entry) -> str:
        return in_words_of_the_user(f"{text.place}.{entry.section}.{entry.key}", self.stack)

    def place(self, section: str, key: str, value: str = "") -> str:
        """Where a directive stands, the assignment with this word of its value if there is one."""
        found = [(place, entry) for place, entry in self.entries() if (entry.section, entry.key) == (section, key)]
        named = [place for place, entry in found if value in entry.value] or [place for place, _entry in found]
        return named[-1] if named else in_words_of_the_user(f"{self.unit.place}.{section}.{key}", self.stack)


def units_of(stack: Stack, desired: Desired) -> tuple[Written, ...]:
    """All units of the stack that have texts, and its drop-ins for several units."""
    texts = {file.path: file.source for file in desired.files}
    found = []
    for unit in (*desired.units, *desired.shared):
        folder = desired.scope.path_of(f"{unit.name}.d/")
        own = [Text(unit.path, unit.place, _parsed(texts[unit.path]))] if unit.has_file else []
        own += [
            Text(path, f"{unit.place}.dropins.{path[len(folder) : -len('.conf')]}", _parsed(texts[path]))
            for path in sorted(texts)
            if path.startswith(folder)
        ]
        if own:
            found.append(Written(unit, tuple(own), stack))
    return tuple(found)


def about_to_be_written(units: tuple[Written, ...], planned: Plan) -> tuple[Written, ...]:
    """Those of which at least one text changes, or a file that their processes read; and those that name what goes."""
    paths = {action.target for action in planned.actions if isinstance(action, (WriteFile, SetAttributes))}
    gone = {name for path in removed_by(planned) for name in (path, posixpath.basename(path))}
    return tuple(
        unit
        for unit in units
        if any(path in paths for path in (*(text.path for text in unit.texts), *unit.unit.inputs))
        or any(word.lstrip("-@:+!|") in gone for _place, entry in unit.entries() for word in entry.value.split())
    )


def removed_by(planned: Plan) -> frozenset[str]:
    """The files and links that will not be there any more."""
    return frozenset(action.target for action in planned.actions if isinstance(action, Remove))


def _parsed(source: Source) -> Document:
    return parse(content_of(source).decode("utf-8", "surrogateescape"))
