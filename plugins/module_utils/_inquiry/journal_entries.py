# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the journal → the answer of journal_info. Source: systemd.journal-fields(7).

A field of an entry is text, a list of numbers where it is no UTF-8, a list where the entry has it several times, or None
where it is too long to be shown unasked.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping

from .journal_query import Invocation
from .property_values import precise_instant
from .vocabulary import PRIORITIES

Entry = Mapping[str, Any]

LONGEST = 65536  # characters of a message
# What is read of an entry, but for its release, whose field is the collection's own.
FIELDS = (
    *("MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "_COMM", "_PID", "SYSLOG_PID", "_SYSTEMD_UNIT", "UNIT", "_SYSTEMD_USER_UNIT"),
    *("USER_UNIT", "_SYSTEMD_INVOCATION_ID", "INVOCATION_ID", "USER_INVOCATION_ID", "_UID"),
)


def answer_of(entry: Entry, release: str, invocation: str | None = None) -> dict[str, Any]:
    """invocation: where it is known better than the entry tells it."""
    message = text(entry.get("MESSAGE")) or ""
    priority = number(entry.get("PRIORITY"))
    return {
        "time": precise_instant(microseconds(entry)),
        "priority": priority,
        "priority_name": PRIORITIES[priority] if priority is not None and 0 <= priority < len(PRIORITIES) else None,
        "unit": unit_of(entry),
        "message": message[:LONGEST],
        "cut": len(message) > LONGEST,
        "pid": number(entry.get("_PID")) or number(entry.get("SYSLOG_PID")),
        "identifier": text(entry.get("SYSLOG_IDENTIFIER")) or text(entry.get("_COMM")),
        "invocation_id": invocation or invocation_of(entry),
        "release": release or None,
    }


def microseconds(entry: Entry) -> int:
    return number(entry.get("__REALTIME_TIMESTAMP")) or 0


def is_too_long(entry: Entry) -> bool:
    """Its message was left out."""
    return "MESSAGE" in entry and entry["MESSAGE"] is None


def unit_of(entry: Entry) -> str | None:
    """The unit that it is about, where a manager tells of one, or whose process it comes from."""
    return next(
        (text(entry[name]) for name in ("USER_UNIT", "UNIT", "_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT") if entry.get(name)), None
    )


def invocation_of(entry: Entry) -> str | None:
    """That of the unit, and not of the manager that tells of it."""
    names = ("USER_INVOCATION_ID", "INVOCATION_ID", "_SYSTEMD_INVOCATION_ID")
    if (entry.get("UNIT") or entry.get("USER_UNIT")) and not any(entry.get(name) for name in names[:2]):
        return None
    return next((text(entry[name]) for name in names if entry.get(name)), None)


_PATIENCE = 10_000  # entries


def attributed(entries: Iterable[Entry]) -> Iterator[tuple[Entry, str | None]]:
    """Entries of one unit, newest first, with the start of it that they belong to.

    A line that journald reads when its process has ended already tells the unit, but not the invocation. That is the one
    of the line before it, since a start begins with a line of the manager.
    """
    waiting: list[Entry] = []
    for entry in entries:
        invocation = invocation_of(entry)
        waiting.append(entry)
        if invocation or len(waiting) > _PATIENCE:
            yield from ((each, invocation) for each in waiting)
            waiting = []
    yield from ((each, None) for each in waiting)


_STRANGERS = 200  # entries


def of_invocation(entries: Iterable[Entry], wanted: Invocation) -> Iterator[tuple[Entry, str | None]]:
    """Those of one start. Of two that follow each other some lines may stand crosswise, but not many."""
    met: dict[str, None] = {}
    target, begun, strangers = wanted.id, False, 0
    for entry, invocation in attributed(entries):
        if invocation and not target:
            met[invocation] = None
            target = invocation if len(met) > wanted.back else ""
        if target and invocation == target:
            begun, strangers = True, 0
            yield entry, invocation
        elif begun:
            strangers += 1
        if strangers > _STRANGERS:
            return


def has_priority(entry: Entry, priorities: tuple[int, int] | None) -> bool:
    found = number(entry.get("PRIORITY"))
    return priorities is None or (found is not None and priorities[0] <= found <= priorities[1])


def text(value: Any) -> str | None:
    """Bytes that are no UTF-8 are written as \\xff."""
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, list):
        return "; ".join(text(item) or "" for item in value)
    return None if value is None else str(value)


def number(value: Any) -> int | None:
    """Of a field that an entry has several times, the first."""
    first = value[0] if isinstance(value, list) and value and isinstance(value[0], str) else value
    return int(first) if isinstance(first, (str, int)) and str(first).isascii() and str(first).isdigit() else None
