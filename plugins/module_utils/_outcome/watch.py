# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settle window of all units at once. Pure: takes looks at the host as they come, and says what they mean.

A unit is well when it has been up for the whole window and its probe has answered. That no crash loop passes needs no
longer window for a longer RestartSec=: an end leaves its trace (failed, waiting for its restart, a higher count of
restarts, another invocation) until somebody starts the unit anew. So a daemon that runs for less than the window before
it ends is found out by the last look at the latest, whenever systemd restarts it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Collection, Mapping, Sequence

from .._declaration.probe import Probe
from .._desired.desired import Desired, Unit
from .._plan.observed import Observed, UnitState
from .._plan.plan import Plan
from .evidence import Evidence
from .health import Background, Failure, judge

# How much longer than its timeout an attempt is waited for that does not come to its end, in seconds.
_PATIENCE = 2


@dataclass(frozen=True)
class Subject:
    """Somebody who is asked. service: what must run when it has answered, "" where each connection starts its own one.

    sockets: those of the stack that start it. is_apart: it has a network of its own, so that who answers to us cannot
    be told to be the unit.
    """

    probe: Probe
    service: str
    sockets: tuple[str, ...] = ()
    is_apart: bool = False

    @property
    def unit(self) -> str:
        """Of whom a failure is told."""
        return self.service or self.sockets[0]


@dataclass(frozen=True)
class Answer:
    """What came of asking so far. is_well: it has answered as it should. met: what was met last instead. is_last: its
    time is over.
    """

    is_well: bool = False
    met: str = ""
    is_last: bool = False


@dataclass(frozen=True)
class Watched:
    """What is watched. names: units that were acted on. window: seconds.

    run_once: those that may end by themselves. restarts_before: automatic restarts of those that were not started now.
    """

    names: tuple[str, ...]
    window: float
    run_once: Collection[str] = ()
    restarts_before: Mapping[str, int] = field(default_factory=dict)
    subjects: tuple[Subject, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict)


def watched(desired: Desired, observed: Observed, plan: Plan, window: float) -> Watched:
    """What must prove to be healthy after a plan was carried out."""
    acted_on = {action.target for action in plan.actions}
    subjects = [_subject(unit, desired) for unit in desired.units if unit.health and not unit.masked and unit.state != "stopped"]
    due = [subject for subject in subjects if _is_due(subject, desired, observed, plan, acted_on)]
    names = dict.fromkeys([*plan.watch, *(name for subject in due for name in _at_once(subject, observed))])
    return Watched(
        names=tuple(names),
        window=window,
        run_once={unit.name for unit in desired.units if unit.runs_once},
        restarts_before={name: observed.unit(name).restarts for name in names if name not in acted_on},
        subjects=tuple(due),
        units={unit.name: unit for unit in desired.units},
    )


def _subject(unit: Unit, desired: Desired) -> Subject:
    if unit.health is None:
        raise TypeError(f"{unit.name} has no probe")
    if unit.name.endswith(".socket"):
        started = [other.name for other in desired.units if unit.name in other.sockets and not other.is_template]
        return Subject(unit.health, started[0] if started else "", (unit.name,))
    service = "" if unit.per_connection else unit.name
    apart = any(unit.document.values("Service", key) for key in ("PrivateNetwork", "NetworkNamespacePath"))
    return Subject(unit.health, service, unit.sockets, apart)


def _at_once(subject: Subject, observed: Observed) -> list[str]:
    """Those of its units that must be up now; a service that its socket starts may sleep."""
    awake = subject.service and (not subject.sockets or observed.unit(subject.service).is_up)
    return [*subject.sockets, *([subject.service] if awake else [])]


def _is_due(subject: Subject, desired: Desired, observed: Observed, plan: Plan, acted_on: Collection[str]) -> bool:
    """It was acted on; or an earlier run has not seen it well; or it sleeps, and is about to be woken with a new definition."""
    own = [name for name in (subject.service, *subject.sockets) if name]
    if set(own) & set(plan.watch):
        return True
    if observed.was_interrupted and any(observed.unit(name).is_up for name in own):
        return True
    awaited = any(observed.unit(name).is_up for name in subject.sockets)
    return awaited and not observed.unit(subject.service).is_up and _is_changed(subject, desired, acted_on)


def _is_changed(subject: Subject, desired: Desired, acted_on: Collection[str]) -> bool:
    for unit in desired.units:
        if unit.name == subject.service or (unit.per_connection and set(unit.sockets) & set(subject.sockets)):
            folder = desired.scope.path_of(f"{unit.name}.d/")
            paths = {unit.path, *unit.inputs, *([unit.release.path] if unit.release else [])}
            return any(target in paths or target.startswith(folder) for target in acted_on)
    return False


class Watch:
    """Takes looks at the host until it is over, or has found failures."""

    def __init__(self, watched: Watched, evidence: Evidence | None = None) -> None:
        self._watched = watched
        self._evidence = evidence or Evidence()
        # Those that sleep until a client comes: they may end again, too.
        self._sleepers = {subject.service for subject in watched.subjects if subject.service} - set(watched.names)
        self._asleep: dict[str, UnitState] = {}
        self._first: dict[str, UnitState] = {}
        self._since: dict[str, float] = {}
        self._known: dict[str, int] = {}
        self._end_well: set[str] = set()
        self.is_over = False

    @property
    def names(self) -> list[str]:
        """The units to look at."""
        return [*self._watched.names, *sorted(self._sleepers)]

    def look(self, now: float, states: Mapping[str, UnitState], answers: Sequence[Answer] = ()) -> list[Failure]:
        """now: seconds since the beginning. answers: of the subjects, in their order; the states were read after them."""
        for name in self.names:
            if name not in self._first and self._is_awake(states[name]):
                self._admit(name, states[name], now)
        self._end_well |= {name for name in self._first if states[name].loops_well}
        crashed = [found for found in (self._judge(states[name]) for name in self._first) if found]
        unanswered, is_waiting = self._look_at_answers(now, states, answers, {failure.unit for failure in crashed})
        self.is_over = not is_waiting and all(now >= self._since[name] + self._window_of(name) for name in self._first)
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

    def _window_of(self, name: str) -> float:
        """Only what has a process can end by itself: for targets, timers and sockets one look is enough."""
        return self._watched.window if name.endswith(".service") else 0

    def _judge(self, now: UnitState) -> Failure | None:
        name = now.name
        may_end = name in self._watched.run_once or name in self._sleepers
        background = Background(self._watched.units.get(name), self._evidence)
        return judge(self._first[name], now, may_end, self._known[name], name in self._end_well, background)

    def _missing(self, subject: Subject, answer: Answer) -> str:
        """What is still to come of a subject, as it is told when it does not come."""
        if not answer.is_well:
            return answer.met or "there was no answer"
        if subject.service and subject.service not in self._first:
            return "it was reached, but this did not start the service"
        return ""

    def _unanswered(self, subject: Subject, met: str, states: Mapping[str, UnitState]) -> Failure:
        state = states[subject.service if subject.service in self._first else subject.unit]
        probe = subject.probe
        did = f"the command {probe.address} did not succeed" if probe.kind == "command" else f"no good answer at {probe.address}"
        problem = f"is not healthy: {did} within {probe.timeout:g} s: {met}"
        return Failure(state.name, problem, state.invocation, state.started, state.stamp)
