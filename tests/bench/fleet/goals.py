# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be reached, as ratios of one run, so that it holds on any machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

# (hosts, daemons, contender, step) → median seconds, None where it was not measured.
Median = Callable[[int, int, str, str], "float | None"]
SETTLE = 3.0  # seconds, of the step `proven`
STEP_NAMES = {"first": "first deployment", "same": "no change"}


@dataclass(frozen=True)
class Goal:
    """is_least: the ratio shall be at least the bound, else at most.
    limit: what the ratio would be if our task took no time at all, where that says something.
    """

    what: str
    bound: float
    is_least: bool
    ratio: Callable[[Median], float | None]
    limit: Callable[[Median], float | None] = lambda _median: None

    def is_reached(self, ratio: float) -> bool:
        return ratio >= self.bound if self.is_least else ratio <= self.bound

    @property
    def wanted(self) -> str:
        return f"{'≥' if self.is_least else '≤'} {self.bound:g}"


def _quotient(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def _times_faster(hosts: int, daemons: int, other: str, step: str, bound: float) -> Goal:
    place = f"{hosts} host{'s' * (hosts > 1)}, {daemons} daemons"
    names = {"idiomatic": "tasks and handlers", "pyinfra": "pyinfra"}
    return Goal(
        f"{STEP_NAMES[step]}, {place}, against {names[other]}: times faster",
        bound,
        True,
        lambda median: _quotient(median(hosts, daemons, other, step), median(hosts, daemons, "ours", step)),
        lambda median: _quotient(median(hosts, daemons, other, step), median(hosts, daemons, "empty", "same")),
    )


def _against_ping(hosts: int) -> Goal:
    return Goal(
        f"no change, {hosts} host{'s' * (hosts > 1)}, 2 daemons, against one `ping` task",
        1.0,
        False,
        lambda median: _quotient(median(hosts, 2, "ours", "same"), median(hosts, 2, "ping", "same")),
        lambda median: _quotient(median(hosts, 2, "empty", "same"), median(hosts, 2, "ping", "same")),
    )


def _windows(daemons: int) -> Goal:
    """How often the settle time is waited for."""

    def ratio(median: Median) -> float | None:
        proven, unproven = median(1, daemons, "ours", "proven"), median(1, daemons, "ours", "first")
        return None if proven is None or unproven is None else (proven - unproven) / SETTLE

    return Goal(f"settle times that {daemons} daemons cost: the longest, not the sum", 1.5, False, ratio)


GOALS = (
    *map(_against_ping, (1, 10, 20)),
    *(_times_faster(hosts, 2, "idiomatic", "first", 12) for hosts in (1, 10, 20)),
    *(_times_faster(hosts, 2, "idiomatic", "same", 15) for hosts in (1, 10, 20)),
    *(_times_faster(20, 2, "pyinfra", step, 1) for step in STEP_NAMES),
    *(_times_faster(1, 10, "idiomatic", step, 14) for step in STEP_NAMES),
    *(_times_faster(1, 10, "pyinfra", step, 4) for step in STEP_NAMES),
    Goal(
        "no change, 50 daemons against 1",
        1.5,
        False,
        lambda median: _quotient(median(1, 50, "ours", "same"), median(1, 1, "ours", "same")),
    ),
    *map(_windows, (10, 50)),
)
