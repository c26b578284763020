# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settle window of all units at once. Pure: takes looks at the host as they come, and says what they mean.

A unit is well when it has been up for the whole window and its probe has answered. That no crash loop passes needs no
longer window for a longer RestartSec=: an end leaves its trace (failed, waiting for its restart, a higher count of
restarts, another invocation) until somebody starts the unit again. So a daemon that runs for less than the window before
it ends is found out by the last look at the latest, whenever systemd restarts it.
"""

from __future__ import annotations

from typing import Collection, Mapping, Sequence

from .._dataclasses import dataclass, replace
from .._plan.observed import UnitState
from .diagnostics import Diagnostics
from .failure import Failure
from .skipped import with_skipped
from .unit_health import Background, judge
from .watched import Subject, Watched

# How much longer than its timeout an attempt is waited for that does not come to its end, in seconds.
_PATIENCE = 2
# How long a unit without a limit of its own is waited for that is on its way up: systemd's own default, in seconds.
_START_TIMEOUT = 90


@dataclass(frozen=True)
class Answer:
    """What came of asking so far. is_well: it has answered as it should. met: what was met last instead. is_last: its
    time is over.
    """

    is_well: bool = False
    met: str = ""
    is_last: bool = False


class Watch:
    """Takes looks at the host until it is over, or has found failures."""

    def __init__(self, watched: Watched, evidence: Diagnostics | None = None) -> None:
        self._watched = watched
        self._evidence = evidence or Diagnostics()
        # Those that sleep until a client comes: they may end again, too.
        self._sleepers = {subject.service for subject in watched.subjects if subject.service} - set(watched.names)
        self._asleep: dict[str, UnitState] = {}
        self._first: dict[str, UnitState] = {}
        self._since: dict[str, float] = {}
        self._known: dict[str, int] = {}
        self._end_well: set[str] = set()
        self._was_skipped: dict[str, bool] = {}
        self.is_over = False

    @property
    def names(self) -> list[str]:
        """The units to look at."""
        return [*self._watched.names, *sorted(self._sleepers)]

    def look(self, now: float, states: Mapping[str, UnitState], answers: Sequence[Answer] = ()) -> list[Failure]:
        """now: seconds since the beginning. answers: of the subjects, in their order; the states were read after them."""
        states = self._with_skipped(states)
        for name in self.names:
            is_new = name not in self._first or self._first[name].is_queued
            if is_new and self._is_awake(states[name]):
                self._admit(name, states[name], now)
        self._end_well |= {name for name in self._first if states[name].loops_well}
        crashed = [found for found in (self._judge(states[name]) for name in self._first) if found]
        starting = [states[name] for name in self._first if self._is_on_its_way(states[name])]
        for state in starting:
            self._since[state.name] = now  # the window begins when it is up
        crashed += [_never_up(state) for state in starting if now > (state.start_timeout or _START_TIMEOUT) + _PATIENCE]
        unanswered, is_waiting = self._look_at_answers(now, states, answers, {failure.unit for failure in crashed})
        ends = {name: self._since[name] + (0 if states[name].is_skipped else self._window_of(name)) for name in self._first}
        self.is_over = not is_waiting and not starting and all(now >= end for end in ends.values())
        return crashed + unanswered

    def _look_at_answers(
        self, now: float, states: Mapping[str, UnitState], answers: Sequence[Answer], crashed: Collection[str]
    ) -> tuple[list[Failure], bool]:
        """The subjects that are given up; and whether any is waited for. Those whose time ends together are told together."""
        failures = []
        waiting = []
        for subject, answer in zip(self._watched.subjects, answers):
            missing = self._missing(subject, answer)
            is_over = answer.is_last or now >= subject.probe.timeout + (0 if answer.is_well else _PATIENCE)
            if missing and not is_over:
                waiting.append(subject.probe)
            elif missing and not {subject.service, *subject.sockets}.intersection(crashed):
                failures.append(self._unanswered(subject, missing, states))
        if any(probe.timeout <= now + probe.interval for probe in waiting):
            failures = []
        return failures, bool(waiting)

    def _with_skipped(self, states: Mapping[str, UnitState]) -> Mapping[str, UnitState]:
        """The journal is asked once for each unit."""
        unknown = [name for name in self._watched.names if name not in self._was_skipped and states[name].is_forgotten]
        asked = with_skipped(states, unknown, self._watched.units, self._evidence)
        self._was_skipped.update({name: asked[name].is_skipped for name in unknown})
        known = {name: replace(states[name], condition_met=False) for name, was in self._was_skipped.items() if was}
        return {**states, **{name: state for name, state in known.items() if states[name].is_forgotten}}

    def _is_awake(self, state: UnitState) -> bool:
        """A unit that sleeps counts from when it is first up, or has been up since the last look."""
        if state.name not in self._sleepers or state.is_up:
            return True
        return state.invocation != self._asleep.setdefault(state.name, state).invocation

    def _admit(self, name: str, state: UnitState, now: float) -> None:
        self._first[name] = state
        self._since[name] = now
        if name in self._sleepers:
            self._known[name] = state.restarts if now == 0 else 0
        else:
            # A restart of ours that meets an automatic one may be counted as such: only what comes later is a crash.
            self._known[name] = state.restarts if self._watched.window else self._watched.restarts_before.get(name, 0)

    def _is_on_its_way(self, state: UnitState) -> bool:
        """Neither up nor failed yet; a job that runs is on its way all the time."""
        return state.is_queued or (state.is_starting and not state.is_job)

    def _window_of(self, name: str) -> float:
        """What has a process can end by itself, and a path may start its unit until the limit: for others one look is enough."""
        return self._watched.window if name.endswith((".service", ".path")) else 0

    def _judge(self, now: UnitState) -> Failure | None:
        if now.is_queued:
            return None
        name = now.name
        may_end = name in self._watched.run_once or name in self._sleepers
        background = Background(self._watched.units.get(name), self._evidence)
        return judge(self._first[name], now, may_end, self._known[name], name in self._end_well, background)

    def _missing(self, subject: Subject, answer: Answer) -> str:
        """What is still to come of a subject, as it is told when it does not come."""
        if not answer.is_well:
            return answer.met or ("it had not ended" if subject.probe.kind == "command" else "no answer in time")
        if subject.service and subject.service not in self._first:
            return "it was reached, but this did not start the service"
        return ""

    def _unanswered(self, subject: Subject, met: str, states: Mapping[str, UnitState]) -> Failure:
        state = states[subject.service if subject.service in self._first else subject.unit]
        probe = subject.probe
        did = f"the command {probe.address} did not succeed" if probe.kind == "command" else f"no good answer at {probe.address}"
        problem = f"is not healthy: {did} within {probe.timeout:g} s: {met}"
        return Failure(state.name, problem, state.invocation, state.began, state.stamp)


def _never_up(state: UnitState) -> Failure:
    limit = state.start_timeout or _START_TIMEOUT
    hint = "has it told systemd that it is ready (Type=notify), or does its start wait for something?"
    problem = f"is still starting ({state.sub}) after {limit:g} s: {hint}"
    return Failure(state.name, problem, state.invocation, state.began, state.stamp)
