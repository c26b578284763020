# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stacks of a host, and what they are made of: which are asked for, and the answer of stack_info."""

from __future__ import annotations

import hashlib
from typing import Any, Iterable, Mapping, Sequence

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .._unitfile.names import UNIT_TYPES
from .properties import RELATIONS
from .property_values import words
from .unit_properties import Clock, Known, Shown, answer_of
from .unit_query import is_template

MOST_LINES = 100
MOST_JOURNALS = 20  # units of a host whose journal is read: where more have failed, it is not the units that are to be looked at
LONGEST_LINE = 500  # characters

# What is told of a unit, of all that answer_of knows; those keys that its type has.
KEYS = (
    *("description", "load_state", "load_error", "active_state", "sub_state", "result", "since", "unit_file_state"),
    *("needs_daemon_reload", "condition_met", "triggered_by", "service_type", "restarts", "exit_code", "exit_status"),
    *("status_text", "release", "stale", "stale_because", "exposure", "listen", "schedule", "next_elapse", "last_trigger"),
)
# Relations that say what a unit needs, wants, waits for or starts; the others are the same from the other end.
TOLD = ("requires", "requisite", "binds_to", "wants", "upholds", "part_of", "after", "conflicts", "on_failure", "on_success")


@dataclass(frozen=True)
class StackQuery:
    """names: none for all stacks. lines: of the journal, of each unit that has failed."""

    names: tuple[str, ...]
    lines: int


def stack_query(params: Mapping[str, Any]) -> StackQuery:
    """Raises ValidationFailed."""
    problems, lines = Problems(), params.get("journal_lines")
    if not isinstance(lines, int) or not 0 <= lines <= MOST_LINES:
        problems.add("journal_lines", lines, "is out of range", f"Choose a number from 0 to {MOST_LINES}.")
    problems.raise_if_any()
    return StackQuery(tuple(params.get("name") or ()), lines or 0)


@dataclass(frozen=True)
class Record:
    """What is on record of a stack. complete: its last run has come to its end. modified: paths that are not as it left them."""

    stack: str
    complete: bool
    units: tuple[str, ...]
    modified: tuple[str, ...]


def units_in(names: Iterable[str]) -> tuple[str, ...]:
    """Those that are units: a stack may also have drop-ins for systemd's own configuration, or for all units of a type."""
    return tuple(sorted(name for name in names if "." in name.strip(".") and name.rpartition(".")[2] in UNIT_TYPES))


def to_show(records: Iterable[Record]) -> tuple[list[str], list[str]]:
    """Names, and patterns for the instances of templates."""
    names = list(dict.fromkeys(name for record in records for name in record.units))
    patterns = [name.replace("@.", "@*.") for name in names if is_template(name)]
    return [name for name in names if not is_template(name)], patterns


def has_failed(shown: Shown) -> bool:
    """Or ends again and again."""
    is_looping = shown.get("SubState", "").startswith("auto-restart") and shown.get("Result") != "success"
    return shown.get("ActiveState") == "failed" or is_looping


def digest_of(files: Iterable[tuple[str, bytes]], ignored: Sequence[bytes]) -> str:
    """Of a unit file and its drop-ins, (name, content) each; equal wherever the same was declared.

    ignored: what makes a line one of ours that may differ from host to host (a stamp covers secrets under a key of the host).
    """
    found = hashlib.sha256()
    for name, content in files:
        kept = [line for line in content.splitlines() if not any(mark in line for mark in ignored)]
        found.update(b"\0".join([name.encode("utf-8", "surrogateescape"), b"\n".join(kept), b""]))
    return found.hexdigest()[:16]


def unit_answer(
    name: str, shown: Shown, known: Known, clock: Clock, siblings: frozenset[str], digest: str | None,
    journal: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """siblings: the units of its stack, of which alone its relations tell."""
    every = answer_of(name, shown, known, clock)
    relations = {key: [unit for unit in words(shown.get(RELATIONS[key], "")) if unit in siblings] for key in TOLD}
    relations["triggers"] = [unit for unit in every["triggers"] if unit in siblings]
    return {
        "type": every["type"],
        **{key: every[key] for key in KEYS if key in every},
        "digest": digest,
        "relations": {key: units for key, units in relations.items() if units},
        "journal": [_line(entry) for entry in journal],
    }


def _line(entry: Mapping[str, Any]) -> dict[str, Any]:
    message = entry["message"]
    is_long = len(message) > LONGEST_LINE
    return {
        "time": entry["time"],
        "priority": entry["priority"],
        "message": message[:LONGEST_LINE],
        "cut": is_long or entry["cut"],
    }


def members(record: Record, shown: Iterable[str]) -> list[str]:
    """Of the units that were shown: those on record, and the instances of its templates."""
    templates = [name.split("@.") for name in record.units if is_template(name)]
    return sorted(
        name
        for name in shown
        if name in record.units or any(name.startswith(f"{start}@") and name.endswith(f".{end}") for start, end in templates)
    )
