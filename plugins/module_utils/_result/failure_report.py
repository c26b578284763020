# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a transaction failed and what became of the host, for a person and for a program."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from .._dataclasses import dataclass, field, replace
from .._health.failure import Failure
from .._plan.actions import Action
from .._plan.observed import UnitState
from .._text import line, lines_of, quoted

_UNKNOWN = "nothing is known of the units"


@dataclass(frozen=True)
class RollbackOutcome:
    """What was done to put the host back. troubles: what could not be; now: unit → its state afterwards. stay: accounts.

    to: what it was put back to, a key of RETURNED.
    """

    actions: tuple[Action, ...]
    troubles: tuple[str, ...]
    now: Mapping[str, UnitState]
    stay: tuple[str, ...] = ()
    to: str = "before"

    @property
    def is_complete(self) -> bool:
        """All was put back, to a state that a run has seen healthy, or to nothing of ours."""
        return not self.troubles and self.to != "unproven"

    @property
    def text(self) -> str:
        if not self.troubles:
            but = f", but for the accounts that it made ({', '.join(self.stay)}), which stay" if self.stay else ""
            return f"{RETURNED[self.to]}{but}."
        states = ", ".join(f"{state.name} is {state.active} ({state.sub})" for state in self.now.values())
        reasons = "; ".join(line(trouble).rstrip(".") for trouble in dict.fromkeys(self.troubles))
        return f"Rollback incomplete: {reasons}. Now {states or _UNKNOWN}. Fix this and run the task again."


RETURNED = {
    "before": "Rolled back: the host is as it was before this run",
    "proven": "Rolled back: the host is as it was when it was last seen healthy, before a run that was cut off",
    "unproven": (
        "Rollback incomplete: only what this run has changed was reverted. What runs now comes from a run that was cut off, "
        "and was never seen healthy"
    ),
}


@dataclass(frozen=True)
class FailureReport:
    """failures: units that are not well; lines: unit → the last journal lines of its failed run; complaints: what programs
    said that failed. way_back: None where nothing was put back.
    """

    failures: tuple[Failure, ...] = ()
    lines: Mapping[str, list[str]] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()
    way_back: RollbackOutcome | None = None

    def put_back(
        self, actions: Iterable[Action], troubles: Iterable[str], now: Mapping[str, UnitState], stay: Iterable[str] = (),
        to: str = "before",
    ) -> FailureReport:  # fmt: skip
        return replace(self, way_back=RollbackOutcome(tuple(actions), tuple(troubles), now, tuple(stay), to))

    @property
    def was_put_back(self) -> bool:
        return self.way_back is not None and self.way_back.is_complete

    @property
    def text(self) -> str:
        parts = [self._of_unit(failure) for failure in self.failures] or [_told(each) for each in self.complaints]
        return "\n".join([*parts, *([self.way_back.text] if self.way_back else [])])

    def _of_unit(self, failure: Failure) -> str:
        journal = quoted(self.lines[failure.unit])
        return f"{failure.unit} {line(failure.problem)}." + (f" Its last lines:{journal}" if journal else "")

    def as_result(self) -> dict[str, Any]:
        return {
            "failed": True,
            "msg": self.text,
            "failures": [{"unit": f.unit, "problem": line(f.problem), "journal": self.lines[f.unit]} for f in self.failures],
            "reverted": self.was_put_back,
            "revert_actions": [action.as_result() for action in (self.way_back.actions if self.way_back else ())],
        }


def _told(complaint: str) -> str:
    """What a program has said that failed: its first line is our sentence, with the program's own words; the others are its."""
    first, *others = lines_of([complaint.strip()])
    return first + quoted(others)
