# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of unit names, as systemctl(1) takes them: glob(7)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from .names import UNIT_TYPES, BadUnitName
from .suggest import did_you_mean

_GLOB = re.compile(r"[*?[]")
_PATTERN = re.compile(r"[A-Za-z0-9:_.\\@*?!^\[\]-]+")


def is_pattern(name: str) -> bool:
    return _GLOB.search(name) is not None


def checked_pattern(pattern: str) -> str:
    """The pattern in the form that systemctl takes. Raises `BadUnitName` for one that no unit can fit.

    [^a] becomes [!a]: glob(7) takes both, but systemctl takes ^ for a character to be escaped.
    """
    pattern = pattern.replace("[^", "[!")
    if "/" in pattern:
        raise BadUnitName(pattern, "a unit name holds no '/'", "write a pattern of names, for example app-*.service")
    if not _PATTERN.fullmatch(pattern):
        remedy = "use letters, digits, :-_.\\@ and the globs *, ? and []"
        raise BadUnitName(pattern, "a character that no unit's name has", remedy)
    suffix = pattern.rpartition(".")[2] if "." in pattern else ""
    guess = None if is_pattern(suffix) or suffix in UNIT_TYPES else did_you_mean(suffix, UNIT_TYPES)
    if guess:
        remedy = f"did you mean {pattern[: -len(suffix)]}{guess}?"
        raise BadUnitName(pattern, f"'.{suffix}' is no type of unit", remedy)
    return pattern


def fits(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern)
