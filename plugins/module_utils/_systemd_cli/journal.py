# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines and outputs of journalctl for journal_info."""

from __future__ import annotations

import json
import re
from typing import Sequence

from .._dataclasses import dataclass
from .._desired.stamp import RELEASE
from .._inquiry.journal_entries import FIELDS, Entry, text
from .._inquiry.journal_query import JournalQuery
from .unit_queries import release_in


@dataclass(frozen=True)
class Selection:
    """What journalctl is to choose of the journal. uid: of the user whose units are meant, None for the system's.

    since, until: seconds since the epoch, 0 for no limit; invocation, an ID.
    """

    query: JournalQuery
    uid: int | None
    invocation: str = ""
    since: float = 0
    until: float = 0

    @property
    def tells_release(self) -> bool:
        """journald adds the fields of a unit to its lines, but knows those of the system's manager alone."""
        return self.uid is None


def read(selection: Selection, lines: int, before: str = "", at: str = "", complete: bool = False) -> list[str]:
    """The newest lines first. before, at: the cursor of an entry, to go on below it or with it. complete: long ones, too.

    journalctl takes either a time or a cursor to begin with: the caller of what goes on looks at the time itself.
    """
    query = selection.query
    command = ["journalctl", "--no-pager", "--output=json", "--reverse", f"--lines={lines}"]
    command += [f"--output-fields={','.join((*FIELDS, RELEASE, '_CMDLINE'))}", *(["--all"] if complete else [])]
    if before or at:
        command += [f"--after-cursor={before}" if before else f"--cursor={at}"]
    elif selection.since:
        command += [f"--since=@{selection.since:.6f}"]
    command += [f"--until=@{selection.until:.6f}"] if selection.until else []
    command += [f"--boot={query.boot}"] if query.boot else []
    command += [f"--priority={query.priorities[0]}..{query.priorities[1]}"] if query.priorities else []
    return [*command, *_matches(selection)]


def _matches(selection: Selection) -> list[str]:
    """Fields of different names are all to be met, "+" stands for or; --unit is to be met besides.

    --user-unit knows the units of who calls alone, so those of another user are told by fields.
    """
    query = selection.query
    units = [] if selection.uid is None else list(query.units)
    common = [f"_UID={selection.uid}"] if selection.uid is not None else []
    common += [f"{RELEASE}={query.release}"] if query.release and selection.tells_release else []
    manager = "INVOCATION_ID" if selection.uid is None else "USER_INVOCATION_ID"
    sources = [("_SYSTEMD_USER_UNIT", "_SYSTEMD_INVOCATION_ID"), ("USER_UNIT", manager)]
    terms = [
        [*([f"{place}={unit}"] if unit else []), *_of(identity, selection), *common]
        for unit in units or [""]
        for place, identity in sources
    ]
    distinct = [term for index, term in enumerate(terms) if term and term not in terms[:index]]
    fields = [word for term in distinct for word in ("+", *term)][1:]
    return [*(f"--unit={unit}" for unit in query.units if selection.uid is None), *fields]


def _of(identity: str, selection: Selection) -> list[str]:
    """Only root's own words count of the system's units: anybody may write to the journal, with any field without a "_"."""
    if not selection.invocation:
        return []
    by_root = ["_UID=0"] if selection.uid is None and not identity.startswith("_") else []
    return [f"{identity}={selection.invocation}", *by_root]


def trusted(entry: Entry, for_user: bool) -> Entry:
    """Without what anybody may have written into it: which unit it tells of, if no manager does, and whose release it is.

    for_user: only entries of one user are read. Else all units are the system's: what a user's manager calls a unit is none.
    """
    if for_user:
        is_of_manager = text(entry.get("_SYSTEMD_USER_UNIT")) == "init.scope"
    else:
        is_of_manager = text(entry.get("_PID")) == "1" or text(entry.get("_UID")) == "0"
    left_out = set() if is_of_manager else set(_OF_MANAGERS)
    if not for_user:
        left_out.update(("USER_UNIT", "USER_INVOCATION_ID", "_SYSTEMD_USER_UNIT"))
        unit = text(entry.get("_SYSTEMD_UNIT")) or ""
        if not is_of_manager and (not unit or unit.startswith(("user@", "session-"))):
            left_out.update((RELEASE, "_CMDLINE"))
    return {name: value for name, value in entry.items() if name not in left_out}


_OF_MANAGERS = ("UNIT", "USER_UNIT", "INVOCATION_ID", "USER_INVOCATION_ID")


def units_of_users() -> list[list[str]]:
    """All that the journal has ever named, a line each: by their processes, and by their manager."""
    return [["journalctl", "--no-pager", "--quiet", f"--field={name}"] for name in ("_SYSTEMD_USER_UNIT", "USER_UNIT")]


@dataclass(frozen=True)
class Page:
    """entries: as they stand in the journal; words: what journalctl has to say itself."""

    entries: list[Entry]
    words: tuple[str, ...] = ()


def page(output: str) -> Page:
    lines = [line for line in output.split("\n") if line]
    entries: list[Entry] = [json.loads(line) for line in lines if line.startswith("{")]
    words = [_COLOR.sub("", line).strip() for line in lines if not line.startswith(("{", "-- "))]
    return Page(entries, tuple(word for word in words if word and not word.startswith("Pass -q")))


_COLOR = re.compile(r"\x1b\[[0-9;]*m")  # of what 247 says itself, whatever SYSTEMD_COLORS= says


def finds_nothing(words: Sequence[str]) -> bool:
    """A glob that fits no unit of the journal is an error of journalctl, and to us an answer."""
    return any(word.startswith("Failed to add filter for units: No data available") for word in words)


def cursor(entry: Entry) -> str:
    return str(entry["__CURSOR"])


def release_of(entry: Entry) -> str:
    """Its field, or what the command line of its process tells."""
    return text(entry.get(RELEASE)) or release_in(text(entry.get("_CMDLINE")) or "")


def when(timestamp: str) -> list[str]:
    """What systemd takes a time for; 5 ms."""
    return ["systemd-analyze", "timestamp", "--", timestamp]


def epoch(output: str) -> float | None:
    match = re.search(r"UNIX seconds: @([0-9.]+)", output)
    return float(match.group(1)) if match else None


# What journalctl says of its options → the option of ours.
_COMPLAINTS: Sequence[tuple[str, str, str]] = (
    ("Data from the specified boot", "boot", "the journal has no such boot"),
    ("No journal boot entry found", "boot", "the journal has no such boot"),
)


def complaint(words: Sequence[str]) -> tuple[str, str] | None:
    """Option and problem, of a command line that journalctl does not take."""
    return next(((option, problem) for start, option, problem in _COMPLAINTS for word in words if word.startswith(start)), None)
