# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as systemd reads them: spans of time, sizes, modes, signals, words. Each reader tells what it would not take.

What systemd cannot read it ignores with a warning in the journal (systemd.syntax(7), systemd.time(7)). A value that
systemd reads must never be refused here, whatever the version: what is not certainly wrong is left to the host.
"""

from __future__ import annotations

import re
from typing import Callable, Sequence

from .._dataclasses import dataclass
from .suggest import did_you_mean


@dataclass(frozen=True)
class ValueProblem:
    """Why a value is ignored, and what to write."""

    problem: str
    remedy: str


# A value, not empty and without specifiers → what is wrong with it.
Reader = Callable[[str], "ValueProblem | None"]

TRUTH_VALUES = ("yes", "no", "true", "false", "on", "off", "y", "n", "t", "f", "1", "0")

_NANOSECONDS = ("ns", "nsec")
# Patterns are text until they are used: compiling them takes longer than the rest of an unchanged run's checks.
# Longest first: the way in which systemd looks a unit of time up. systemd.time(7), "PARSING TIME SPANS".
_UNITS = (
    *("seconds", "second", "sec", "s", "minutes", "minute", "min", "months", "month", "M", "msec", "ms", "m"),
    *("hours", "hour", "hr", "h", "days", "day", "d", "weeks", "week", "w", "years", "year", "y"),
    *("usec", "us", "µs", "μs"),
)
_LONG = {"hours": "min", "hour": "min", "hr": "min", "h": "min", "days": "h", "day": "h", "d": "h", "weeks": "d", "week": "d"}
_LONG.update({"w": "d", "months": "d", "month": "d", "M": "d", "years": "d", "year": "d", "y": "d"})
_COMPONENT = r"\s*(\+?[0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([^\s0-9.+]*)"


def span(value: str, nanoseconds: bool = False) -> ValueProblem | None:
    """A span of time: "90", "5min 20s", "infinity". nanoseconds: for the one directive that has these units, too."""
    if value.strip() == "infinity":
        return None
    known = (*_UNITS, *_NANOSECONDS) if nanoseconds else _UNITS
    position, before = 0, ""
    while position < len(value.rstrip()):
        match = re.compile(_COMPONENT).match(value, position)
        if not match:
            return _no_span()
        unit = match.group(2)
        if unit and unit not in known:
            return _no_unit(unit, known)
        if not unit and before in _LONG:
            return _seconds_by_mistake(value, match, before)
        position, before = match.end(), unit
    return None


# systemd.time(7); a month is a twelfth of 365.25 days.
_SECONDS = {"y": 31557600, "month": 2629800, "w": 604800, "d": 86400, "h": 3600, "min": 60, "s": 1, "ms": 1e-3, "us": 1e-6}


def seconds(value: str) -> float | None:
    """A span as systemd prints it ("8h 38min 24.849338s") → seconds. None for infinity, and for 0, which is no time at all."""
    parts = re.findall(r"([0-9.]+)(\w+)", value)
    if not parts or any(unit not in _SECONDS for _amount, unit in parts):
        return None
    return sum(float(amount) * _SECONDS[unit] for amount, unit in parts) or None


def _no_span() -> ValueProblem:
    return ValueProblem("is no span of time that systemd reads", "Write for example 90, 5min 20s, 1h 30min or infinity.")


def _no_unit(unit: str, known: Sequence[str]) -> ValueProblem:
    guess = did_you_mean(unit, known)
    hint = f"Did you mean {guess}? " if guess else ""
    return ValueProblem(
        f"has the unit of time {unit!r}, which systemd does not know", f"{hint}The units are us, ms, s, min, h, d, w, M, y."
    )


def _seconds_by_mistake(value: str, match: re.Match[str], unit: str) -> ValueProblem:
    """1h30 is one hour and thirty seconds."""
    before, number = value[: match.start()].strip(), match.group(1)
    problem = f"ends in a number without a unit, which systemd takes for {number} seconds"
    return ValueProblem(problem, f"Write {before} {number}{_LONG[unit]}, or {before} {number}s if seconds are meant.")


_BYTES = r"\s*\+?[0-9]+(?:\.[0-9]*)?\s*"
_SIZE = rf"{_BYTES}(?:[EPTGMKB]{_BYTES})*[EPTGMKB]?\s*"


def size(value: str) -> ValueProblem | None:
    """Bytes, with the suffixes K, M, G, T, P, E to the base of 1024."""
    if re.fullmatch(_SIZE, value):
        return None
    short = re.fullmatch(r"\s*([0-9.]+)\s*([kmgtpe])i?b?\s*", value, re.IGNORECASE)
    remedy = f"Write {short.group(1)}{short.group(2).upper()}." if short else "Write bytes, or a number with K, M, G or T."
    return ValueProblem("is no size that systemd reads", remedy)


_PERCENTAGE = r"\s*\+?[0-9]+(?:\.[0-9]*)?\s*[%‰‱]\s*"


def memory(value: str) -> ValueProblem | None:
    """A size, a part of the memory of the host, or infinity."""
    return None if value == "infinity" or re.fullmatch(_PERCENTAGE, value) else size(value)


def quota(value: str) -> ValueProblem | None:
    """A part of one CPU, in percent."""
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", value):
        return None
    return ValueProblem("has no percent sign, so that systemd ignores it", f"Write {value}% for {value} percent of one CPU.")


_LIMIT_PART = r"\s*\+?(?:[0-9]+|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)\s*|infinity"


def count_limit(value: str) -> ValueProblem | None:
    """Of a resource that is counted: SOFT:HARD, or one number for both, or infinity."""
    if all(re.fullmatch(_LIMIT_PART, part) for part in value.split(":", 1)):
        return None
    return ValueProblem("is no limit that systemd reads", "Write a whole number without a suffix, SOFT:HARD, or infinity.")


def mode(value: str) -> ValueProblem | None:
    """Permission bits in octal digits."""
    if re.fullmatch(r"0*[0-7]{1,4}", value):
        return None
    return ValueProblem("is no octal file mode", 'Write three or four octal digits in quotes, for example "0640".')


_SIGNALS = tuple(
    """HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU
    XFSZ VTALRM PROF WINCH IO PWR SYS""".split()  # noqa: SIM905
)
_SIGNAL = r"\s*[0-9]+\s*|(?:SIG)?(?:%s|RT(?:MIN|MAX)?(?:[+-]?[0-9]+)?)" % "|".join(_SIGNALS)


def signal(value: str) -> ValueProblem | None:
    """A name with or without SIG, or a number."""
    if re.fullmatch(_SIGNAL, value):
        return None
    guess = did_you_mean(
        value.upper() if value.upper().startswith("SIG") else f"SIG{value.upper()}", [f"SIG{n}" for n in _SIGNALS]
    )
    exact = value.upper() if re.fullmatch(_SIGNAL, value.upper()) else guess
    return ValueProblem("is no signal", f"Did you mean {exact}?") if exact else None


@dataclass(frozen=True)
class Words:
    """Reads one of some words, or with `truth` a truth value in any case, too.

    Another word is an error only if it looks like one of these: newer versions know more. prefixes: of what is no word.
    """

    known: tuple[str, ...]
    truth: bool = False
    prefixes: tuple[str, ...] = ()

    def __call__(self, value: str) -> ValueProblem | None:
        if value in self.known or value.startswith(self.prefixes) or (self.truth and value.lower() in TRUTH_VALUES):
            return None
        guess = did_you_mean(value, (*self.known, *(TRUTH_VALUES if self.truth else ())))
        return ValueProblem("is not one of the values that systemd knows", f"Did you mean {guess}?") if guess else None

    @property
    def choices(self) -> str:
        """For a person."""
        return ", ".join((*(("yes", "no") if self.truth else ()), *self.known))


def word(*known: str, prefixes: tuple[str, ...] = ()) -> Words:
    return Words(known, prefixes=prefixes)


def truth(*more: str) -> Words:
    return Words(more, truth=True)


def whole(low: int, high: int) -> Reader:
    """A whole number in a range. What is no number is left to the host."""

    def reader(value: str) -> ValueProblem | None:
        if not re.fullmatch(r"-?[0-9]{1,9}", value) or low <= int(value) <= high:
            return None
        return ValueProblem("is out of range", f"Choose a number from {low} to {high}.")

    return reader


_CALENDAR_WORDS = (
    "minutely",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "yearly",
    "annually",
    "anually",
    "quarterly",
    "semiannually",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def calendar(value: str) -> ValueProblem | None:
    """A calendar event. Only a misspelt word is told here: the grammar is the host's (systemd-analyze calendar)."""
    words = (*_CALENDAR_WORDS, *_DAYS, *(day[:3] for day in _DAYS))
    if not value.isalpha() or value.lower() in {known.lower() for known in words}:
        return None
    guess = did_you_mean(value, words)
    return ValueProblem("is no calendar event", f"Did you mean {guess}?") if guess else None
