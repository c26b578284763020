# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units are asked for: read from the options, checked, and held against what there is."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .._unitfile.names import UNIT_TYPES, BadUnitName, check_unit_name, completed
from .._unitfile.patterns import checked_pattern, fits, is_pattern
from .._unitfile.suggest import did_you_mean
from .vocabulary import ACTIVE_STATES, FILE_STATES, LOAD_STATES, STATES

DEEPEST = 10


@dataclass(frozen=True)
class UnitQuery:
    """names: units; patterns: of units that systemd has loaded. types, states: none for all."""

    names: tuple[str, ...]
    patterns: tuple[str, ...]
    types: frozenset[str]
    states: frozenset[str]
    include: frozenset[str]
    depth: int

    @property
    def is_for_nothing(self) -> bool:
        """An empty list is no units, not all of them: it is one that somebody has computed."""
        return not self.names and not self.patterns

    @property
    def templates(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if is_template(name))

    @property
    def asks_for_files(self) -> bool:
        """Of a template systemd knows the file alone."""
        return "unit_files" in self.include or bool(self.templates)

    @property
    def wants_relations(self) -> bool:
        return "dependencies" in self.include

    def matches(self, name: str) -> bool:
        return name in self.names or any(fits(pattern, name) for pattern in self.patterns)

    def wants_type(self, name: str) -> bool:
        return not self.types or name.rpartition(".")[2] in self.types

    def wants_state(self, *states: Any) -> bool:
        return not self.states or not self.states.isdisjoint(state for state in states if state)


def unit_query(params: Mapping[str, Any]) -> UnitQuery:
    """Raises ValidationFailed with all that is wrong."""
    problems = Problems()
    given = params.get("name")
    types = _known("type", params.get("type") or (), UNIT_TYPES, f"The types are {', '.join(UNIT_TYPES)}.", problems)
    states = _known("state", params.get("state") or (), STATES, _STATES_HINT, problems)
    names, patterns = read_names("name", given, problems)
    if given is None:
        patterns = tuple(f"*.{kind}" for kind in types) or ("*",)
    depth = params.get("depth")
    if not isinstance(depth, int) or not 1 <= depth <= DEEPEST:
        problems.add("depth", depth, "is out of range", f"Choose a number from 1 to {DEEPEST}.")
    problems.raise_if_any()
    return UnitQuery(names, patterns, frozenset(types), frozenset(states), frozenset(params.get("include") or ()), depth or 1)


_STATES_HINT = (
    f"Active states are {', '.join(ACTIVE_STATES)}; load states {', '.join(LOAD_STATES)}; states of files "
    f"{', '.join(FILE_STATES)}; and the sub-states of each type, such as running, exited, dead, listening or waiting."
)


def read_names(place: str, given: Iterable[str] | None, problems: Problems) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and patterns. A name without a type is that of a service, a path the unit that mounts it."""
    names, patterns = [], []
    for each in given or ():
        try:
            if is_pattern(each):
                patterns.append(checked_pattern(each))
            else:
                names.append(_checked_name(each))
        except BadUnitName as error:
            problems.add(place, each, f"is no unit's name: {error.problem}", error.remedy)
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(patterns))


def is_template(name: str) -> bool:
    return "@." in name


def _checked_name(name: str) -> str:
    name = completed(name)
    check_unit_name(name)
    return name


def _known(place: str, given: Iterable[str], known: Iterable[str], hint: str, problems: Problems) -> list[str]:
    for each in given:
        if each not in known:
            guess = did_you_mean(each, known)
            problems.add(place, each, f"is no {place} that units have", f"Did you mean {guess}?" if guess else hint)
    return list(dict.fromkeys(given))
