# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a release could not be built, in plain words: what installers say, and what it means. Pure."""

from __future__ import annotations

import re

from .._text import lines_in, lines_of, quoted

_LAST_LINES = 8

# What pip and uv say of a requirement that comes as source only, or not at all; the first group is its name.
_NO_WHEEL = (
    re.compile(r"No matching distribution found for (\S+)"),
    re.compile(r"Because (?:all versions of )?(\S+?)(?:==\S+)? ha(?:s|ve) no (?:usable )?wheels"),
    re.compile(r"Wheels are required for `([^`]+)`"),
    re.compile(r"Because (\S+) was not found"),
)

# What pip and uv print → what it means. The first that fits.
_MEANINGS = (
    ("No space left on device|Disk quota exceeded", "the disk is full"),
    ("HASHES|[Hh]ash mismatch|--require-hashes|hash-checking", "a package is not the one whose hash is required"),
    (
        "Failed to establish a new connection|name resolution|Network is unreachable|dns error|Connection refused",
        "the package index cannot be reached; name a wheelhouse for a host without one",
    ),
    (
        "No matching distribution|Could not find a version|No solution found|not found in the",
        "a requirement cannot be had, or not for this Python",
    ),
    ("conflicting dependencies|ResolutionImpossible", "its requirements contradict each other"),
    ("which is not installed|has requirement|requires .* but", "its requirements do not fit together"),
    ("is not a supported wheel|not compatible", "a wheel is not for this Python or machine"),
    ("Permission denied", "it may not reach something that it needs; it is not root, so that this must be readable by all"),
    ("No module named '?(ensurepip|venv)", "the interpreter cannot make virtual environments"),
    ("No module named|ModuleNotFoundError", "a module that it imports is not there"),
)


# How systemd says that it could not run something: systemd.exec(5), "Process Exit Codes".
_EXITS = {
    217: "there is no such user",
    226: "systemd cannot make a sandbox on this host (NAMESPACE); a container must be allowed to mount",
}


def meaning(output: str) -> str:
    """ "" where nothing is known of it."""
    return next((words for pattern, words in _MEANINGS if re.search(pattern, output)), "")


def remedy(output: str, from_source: bool) -> str:
    """For a requirement that is not there as a wheel. pip does not tell whether it is there as source."""
    names = [match.group(1) for match in (pattern.search(output) for pattern in _NO_WHEEL) if match]
    if from_source or not names:
        return ""
    return f" Only wheels are installed: if {names[0]} comes as source alone, say build_from_source: true."


def story(place: str, task: str, rc: int, output: str, from_source: bool = True) -> str:
    """The message of a task whose release could not be made. task: what was tried ("install its requirements").

    from_source: source distributions may be built.
    """
    shown = quoted(lines_of((each for each in lines_in(output) if each.strip()), _LAST_LINES))
    why = meaning(output) or _EXITS.get(rc) or (f"it ended with {rc}" if rc >= 0 else f"it was ended by signal {-rc}")
    said = f" Its last lines:{shown}" if shown else ""
    return (
        f"{place}: could not {task}: {why}. Nothing was changed; what ran before still runs.{remedy(output, from_source)}{said}"
    )
