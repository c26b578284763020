# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drop-ins that the stack has not made, and what of its declaration they override: for the warnings of a task."""

from __future__ import annotations

import re
from typing import Iterator, Mapping

from .._desired import stamp
from .._desired.desired import Desired, Unit
from .._plan.observed import Foreign, Observed
from .._plan.staleness import DROP_IN
from .._unitfile.names import dropin_folders
from .._unitfile.quoting import environment_of
from .._unitfile.syntax import NEVER_RESET, Document, UnitSyntaxError, parse

_SHOWN = 100  # characters of a value
# Directives that add to what stands before them, unless an empty value resets it: systemd.exec(5) and the like.
_LISTS = re.compile(
    "Environment|EnvironmentFile|PassEnvironment|UnsetEnvironment|Exec.*|Documentation|Condition.*|Assert.*|Listen.*|On.*Sec"
    "|OnCalendar|Path.*|DirectoryNotEmpty|.*Credential.*|.*Paths|SupplementaryGroups|.*Directory|.*Capabilit.*|SystemCall.*"
    "|Restrict.*|IPAddress.*|.*Allow|LogExtraFields|Sockets|Symlinks|.*Image.*|.*Device.*|.*Status|"
    + "|".join(sorted(NEVER_RESET))
)
_NO_LISTS = re.compile(
    "(?:Root|Working)Directory|RootImage|DirectoryMode|RestrictSUIDSGID|RestrictRealtime|DevicePolicy|PrivateDevices"
)


def warnings_of_drop_ins(unit: Unit, desired: Desired, observed: Observed) -> list[str]:
    """A unit that the stack only adds to may have any; what they override of it is told all the same."""
    found = [each for each in observed.foreign.get(unit.name, ()) if each.kind == DROP_IN]
    if not found:
        return []
    folders = dropin_folders(unit.name)  # not that of its type: what holds for all services is a policy of the host
    strange = [each.path for each in found if not each.stack and each.path.split("/")[-2] in folders]
    warnings = []
    if strange and unit.has_file:
        warnings.append(f"{unit.name} has drop-ins that no stack has made: {', '.join(strange)}.")
    return [*warnings, *_overridden(unit, found, desired)]


def _overridden(unit: Unit, foreign: list[Foreign], desired: Desired) -> Iterator[str]:
    """In the order in which systemd reads them: the last one counts."""
    folder = desired.scope.path_of(f"{unit.name}.d/")
    own = {file.path: _document(file.source.data or b"") for file in desired.files if file.path.startswith(folder)}
    parts = [*own.items(), *((each.path, each.document or parse("")) for each in foreign)]
    parts.sort(key=lambda part: part[0].rpartition("/")[2])
    main = [_document(file.source.data or b"") for file in desired.files if file.path == unit.path]
    declared: dict[tuple[str, str], tuple[str, ...]] = dict(stamp.meaning(main[0])) if main else {}
    by_whom: dict[tuple[str, str], tuple[Foreign, tuple[str, ...]]] = {}
    theirs = {each.path: each for each in foreign}
    for path, document in parts:
        for place, values in stamp.meaning(document).items():
            if path not in theirs:
                declared[place] = _added(place, declared.get(place, ()), values)
                by_whom.pop(place, None) if not _is_list(place) or values[0] == "" else None
            elif place in declared and _takes(place, values, declared[place]):
                by_whom[place] = theirs[path], values
    for (section, key), (each, values) in sorted(by_whom.items(), key=lambda item: item[0]):
        yield _told(unit.name, key, each, values, declared[section, key])


def _document(content: bytes) -> Document:
    try:
        return parse(content.decode("utf-8", "replace"))
    except UnitSyntaxError:  # it was checked; nothing is told of it here
        return parse("")


def _is_list(place: tuple[str, str]) -> bool:
    return _LISTS.fullmatch(place[1]) is not None and _NO_LISTS.fullmatch(place[1]) is None


def _added(place: tuple[str, str], before: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    return (*before, *values) if _is_list(place) and values[0] != "" else values


def _takes(place: tuple[str, str], values: tuple[str, ...], declared: tuple[str, ...]) -> bool:
    """What only adds to a list takes nothing away, but a variable that it sets to another value."""
    if place[1] == "Environment" and values[0] != "":
        return bool(_variables(values, declared))
    return values[0] == "" if _is_list(place) else values[-1] != declared[-1]


def _variables(values: tuple[str, ...], declared: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    ours, theirs = environment_of(declared), environment_of(values)
    return {name: (text, ours[name]) for name, text in theirs.items() if ours.get(name, text) != text}


def _told(unit: str, key: str, each: Foreign, values: tuple[str, ...], declared: tuple[str, ...]) -> str:
    whose = f" of the stack {each.stack}" if each.stack else ""
    pairs: Mapping[str, tuple[str, str]] = {"": (_one(values), _one(declared))}
    if key == "Environment" and values[0] != "":
        pairs = _variables(values, declared)
    said = [
        f"{_shown(key, name, theirs, each.is_secret)} against {_shown(key, name, ours)}" for name, (theirs, ours) in pairs.items()
    ]
    return f"{unit}: the drop-in {each.path}{whose} overrides what is declared: {', '.join(said)}."


def _one(values: tuple[str, ...]) -> str:
    return " ".join(value for value in values if value)


def _shown(key: str, name: str, value: str, is_secret: bool = False) -> str:
    text = "(not shown)" if is_secret else value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"
    return f"{key}={name}={text}" if name else f"{key}={text}"
