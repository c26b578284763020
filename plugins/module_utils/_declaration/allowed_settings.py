# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings held against a table of those that there are: section → directive → what its values are."""

from __future__ import annotations

from typing import Any, Mapping

from .._unitfile import values
from .._unitfile.suggest import did_you_mean
from .._unitfile.syntax import Document
from .problems import Problems


def _number(value: str) -> values.ValueProblem | None:
    return None if value.isdigit() else values.ValueProblem("is no whole number", "Write digits only.")


def _boolean(value: str) -> values.ValueProblem | None:
    trouble = values.truth()(value)
    if trouble or value.lower() in values.TRUTH_VALUES:
        return trouble
    return values.ValueProblem("is no truth value", "Write yes or no.")


# None: the values are not looked at.
KINDS: dict[str, values.Reader | None] = {
    "text": None,
    "boolean": _boolean,
    "number": _number,
    "size": values.size,
    "span": values.span,
}


def check_known(document: Document, known: Mapping[str, Any]) -> None:
    """Raises ValidationFailed with everything that is not in the table, or has a value of another kind. An empty value resets."""
    problems = Problems()
    for section in document.sections:
        if section not in known:
            problems.add(f"[{section}]", section, "unknown section", _remedy(section, known))
    for entry in document.entries:
        table, place = known.get(entry.section), f"[{entry.section}] {entry.key}="
        if table is not None and entry.key not in table:
            problems.add(place, entry.key, "unknown setting", _remedy(entry.key, table))
        elif table is not None and entry.value:
            trouble = _trouble(entry.value, table[entry.key], place, problems)
            if trouble:
                problems.add(place, entry.value, trouble.problem, trouble.remedy)
    problems.raise_if_any()


def _trouble(value: str, kind: Any, place: str, problems: Problems) -> values.ValueProblem | None:
    if isinstance(kind, (list, tuple)):
        words = [str(word) for word in kind]
        return None if value in words else values.ValueProblem("is not one of its words", _remedy(value, words))
    if kind not in KINDS:
        problems.add(place, kind, "unknown kind of values", _remedy(str(kind), KINDS))
        return None
    reader = KINDS[kind]
    return reader(value) if reader else None


def _remedy(word: str, known: Any) -> str:
    guess = did_you_mean(word, known)
    return f"Did you mean {guess}?" if guess else f"There are: {', '.join(sorted(known))}."
