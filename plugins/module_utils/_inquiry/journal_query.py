# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries of the journal are asked for: read from the options, and checked."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Mapping, Pattern

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .._unitfile.suggest import did_you_mean
from .unit_query import read_names
from .vocabulary import PRIORITIES

MOST = 10_000
_ID = re.compile(r"[0-9a-f]{32}")
_RELEASE = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Invocation:
    """One start of a unit: by its ID, or counted back from the last one, which is 0."""

    id: str = ""
    back: int = 0


@dataclass(frozen=True)
class JournalQuery:
    """units: names and globs, none for all. priorities: numbers, most urgent and least; None for all.

    since, until: seconds since the epoch, or what systemd.time(7) calls a timestamp, "" for none.
    """

    units: tuple[str, ...]
    invocation: Invocation | None
    release: str
    priorities: tuple[int, int] | None
    since: float | str
    until: float | str
    boot: str
    pattern: Pattern[str] | None
    count: int
    is_for_nothing: bool = False


def journal_query(params: Mapping[str, Any]) -> JournalQuery:
    """Raises ValidationFailed with all that is wrong."""
    problems = Problems()
    given = params.get("unit")
    names, patterns = read_names("unit", given, problems)
    query = JournalQuery(
        units=(*names, *patterns),
        invocation=_invocation(params.get("invocation"), names, patterns, problems),
        release=_release(params.get("release") or "", problems),
        priorities=_priorities(params.get("priority"), problems),
        since=timestamp(params.get("since") or ""),
        until=timestamp(params.get("until") or ""),
        boot=_boot(params.get("boot") or "", problems),
        pattern=_pattern(params.get("pattern"), problems),
        count=params.get("count") or 0,
        is_for_nothing=given is not None and not given,
    )
    if not 1 <= query.count <= MOST:
        problems.add("count", params.get("count"), "is out of range", f"Choose a number from 1 to {MOST}, and narrow the time.")
    problems.raise_if_any()
    return query


def _invocation(given: str | None, names: tuple[str, ...], patterns: tuple[str, ...], problems: Problems) -> Invocation | None:
    """journalctl(1), --invocation= of systemd 257, which older versions have not got."""
    if not given:
        return None
    compact = given.replace("-", "").lower()
    if _ID.fullmatch(compact):
        return Invocation(compact)
    if given != "last" and not re.fullmatch(r"0|-[0-9]{1,4}", given):
        problems.add("invocation", given, "is no invocation", "Give its ID, or last (0), -1 for the one before, and so on.")
    elif len(names) != 1 or patterns:
        problems.add("invocation", given, "counts the starts of one unit", "Name that one in unit.")
    else:
        return Invocation(back=0 if given == "last" else -int(given))
    return None


def _release(given: str, problems: Problems) -> str:
    if given and not _RELEASE.fullmatch(given):
        remedy = "Give all of its 16 hexadecimal digits, as the result of a deployment and unit_info have them."
        problems.add("release", given, "is no digest of a release", remedy)
    return given


def _priorities(given: str | None, problems: Problems) -> tuple[int, int] | None:
    """One stands for itself and all that is more urgent; a range has two dots."""
    if given in (None, ""):
        return None
    first, dots, last = str(given).partition("..")
    found = [_priority(each.strip(), given, problems) for each in ((first, last) if dots else (first,))]
    numbers = [number for number in found if number is not None]
    if len(numbers) != len(found):
        return None
    return (min(numbers), max(numbers)) if dots else (0, numbers[0])


def _priority(word: str, given: Any, problems: Problems) -> int | None:
    aliases = {**{name: number for number, name in enumerate(PRIORITIES)}, **_ALIASES}
    if re.fullmatch(r"[0-7]", word):
        return int(word)
    if word.lower() in aliases:
        return aliases[word.lower()]
    guess = did_you_mean(word.lower(), aliases)
    hint = f"Did you mean {guess}? " if guess else ""
    remedy = f"{hint}Give one of {', '.join(PRIORITIES)}, a number from 0 to 7, or a range such as err..warning."
    problems.add("priority", given, "is no priority", remedy)
    return None


# What Python's logging calls them, and what syslog(3) did.
_ALIASES = {"critical": 2, "error": 3, "warn": 4, "panic": 0}


def _boot(given: str, problems: Problems) -> str:
    if given and not (re.fullmatch(r"[+-]?[0-9]{1,6}", given) or _ID.fullmatch(given.replace("-", ""))):
        problems.add("boot", given, "is no boot", "Give its ID, or 0 for this one, -1 for the one before, and so on.")
    return given if re.fullmatch(r"[+-]?[0-9]{1,6}", given) else given.replace("-", "")


def _pattern(given: str | None, problems: Problems) -> Pattern[str] | None:
    if not given:
        return None
    try:
        return re.compile(given)
    except re.error as error:
        problems.add("pattern", given, f"is no regular expression: {error}", "Write it as Python's re does.")
        return None


_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?")


def timestamp(given: str) -> float | str:
    """ISO 8601, which older versions of systemd do not read, is read here; all else is left to the host's."""
    text = given.strip()
    match = _ISO.fullmatch(text)
    if not match:
        return text
    zone = match.group(1) or ""
    if not zone:  # in the zone of the host
        return text.replace("T", " ")
    moment = text[: -len(zone)].replace("T", " ")
    form = "%Y-%m-%d %H:%M" + (":%S" if moment.count(":") == 2 else "") + (".%f" if "." in moment else "")
    try:
        return datetime.strptime(f"{moment}{'+0000' if zone == 'Z' else zone}", f"{form}%z").astimezone(timezone.utc).timestamp()
    except ValueError:
        return text
