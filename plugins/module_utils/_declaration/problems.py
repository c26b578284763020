# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a declaration: the place, the value, the problem, the remedy."""

from __future__ import annotations

from typing import Any, Iterable

from .._dataclasses import dataclass
from .._text import line

_LONGEST = 4000  # characters: a remedy may hold all that there is to choose from


@dataclass(frozen=True)
class Problem:
    """One mistake of a declaration, told so that the reader can fix it without opening the documentation.

    place: the way to the option in the task ("daemons.echo.script"); value: what stood there; problem: what is wrong
    with it; remedy: what to write instead.
    """

    place: str
    value: Any
    problem: str
    remedy: str

    def __str__(self) -> str:
        return line(f"{self.place}: {self.problem} (got {_short(self.value)}). {self.advice}", _LONGEST)

    @property
    def advice(self) -> str:
        """The remedy as a sentence."""
        sentence = self.remedy[:1].upper() + self.remedy[1:]
        return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."

    def as_result(self) -> dict[str, Any]:
        found = {"place": self.place, "value": _short(self.value), "problem": self.problem, "remedy": self.advice}
        return {key: line(value, _LONGEST) for key, value in found.items()}


class ValidationFailed(Exception):
    """The declaration cannot be carried out; nothing was touched. Holds every problem that was found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.message)

    @property
    def message(self) -> str:
        if len(self.problems) == 1:
            return f"{self.problems[0]} Nothing was changed."
        listed = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1))
        return f"{len(self.problems)} problems, nothing was changed:\n{listed}"


class Problems:
    """Collects problems while a declaration is read, so that one run reports all of them."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, place: str, value: Any, problem: str, remedy: str) -> None:
        self._found.append(Problem(place, value, problem, remedy))

    @property
    def found(self) -> tuple[Problem, ...]:
        return tuple(self._found)

    def by_policy(self, unsafe: str, refused: Problems) -> tuple[str, ...]:
        """What is unsafe, by the task's option of that name: error adds it to `refused`, warn returns it as warnings."""
        if unsafe == "error":
            for problem in self._found:
                remedy = f"{problem.advice} Or let it pass with unsafe: warn"
                refused.add(problem.place, problem.value, problem.problem, remedy)
        return tuple(str(problem) for problem in self._found) if unsafe == "warn" else ()

    def raise_if_any(self) -> None:
        if self._found:
            raise ValidationFailed(self._found)


def _short(value: Any, limit: int = 120) -> str:
    return line(repr(str(value)) if isinstance(value, str) else str(value), limit)
