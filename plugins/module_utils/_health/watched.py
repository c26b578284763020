# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is watched and asked after a plan was carried out. Pure."""

from __future__ import annotations

from typing import Collection, Mapping

from .._dataclasses import dataclass, field, replace
from .._declaration.probe import Probe
from .._desired.desired import Desired, Unit
from .._desired.identity import THROW_AWAY, Identity, identity_of
from .._plan.observed import Observed
from .._plan.plan import Plan


@dataclass(frozen=True)
class Subject:
    """Somebody who is asked. service: what must run when it has answered, "" where each connection starts its own one.

    sockets: those of the stack that start it. is_apart: it has a network of its own, so that who answers to us cannot
    be told to be the unit. who: as whom it runs, and a command that asks it.
    """

    probe: Probe
    service: str
    sockets: tuple[str, ...] = ()
    is_apart: bool = False
    who: Identity = field(default_factory=Identity)

    @property
    def unit(self) -> str:
        """Of whom a failure is told."""
        return self.service or self.sockets[0]


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
        started = [other for other in desired.units if unit.name in other.sockets]
        services = [other.name for other in started if not other.is_template]
        who = _who(started[0]) if started else Identity()
        return Subject(unit.health, services[0] if services else "", (unit.name,), who=who)
    service = "" if unit.per_connection else unit.name
    apart = any(unit.document.values("Service", key) for key in ("PrivateNetwork", "NetworkNamespacePath"))
    return Subject(unit.health, service, unit.sockets, apart, _who(unit))


def _who(unit: Unit) -> Identity:
    """A dynamic user has the name of the unit: who is that one runs beside it, not as somebody else."""
    who = identity_of(unit.document)
    if "%" in who.user:
        return THROW_AWAY
    is_shared = who.is_dynamic and not who.user and not unit.is_template and "@" not in unit.name
    return replace(who, user=unit.name.rpartition(".")[0]) if is_shared else who


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
    is_asleep = not observed.unit(subject.service).is_up
    return awaited and is_asleep and _is_changed(subject.service, subject.sockets, desired, acted_on)


def _is_changed(service: str, sockets: Collection[str], desired: Desired, acted_on: Collection[str]) -> bool:
    for unit in desired.units:
        if unit.name == service or (unit.per_connection and set(unit.sockets) & set(sockets)):
            folder = desired.scope.path_of(f"{unit.name}.d/")
            paths = {unit.path, *unit.inputs, *([unit.release.path] if unit.release else [])}
            return any(target in paths or target.startswith(folder) for target in acted_on)
    return False


def untried(desired: Desired, observed: Observed, plan: Plan) -> list[str]:
    """Services that sleep until a client comes, have changed, and have no probe that wakes them."""
    acted_on = {action.target for action in plan.actions}
    probed = {name for unit in desired.units if unit.health for name in (unit.name, *unit.sockets)}
    found = []
    for unit in desired.units:
        is_probed = unit.name in probed or set(unit.sockets) & probed
        is_asleep = unit.sockets and unit.has_file and unit.state == "unmanaged" and not observed.unit(unit.name).is_up
        if is_asleep and not is_probed and _is_changed(unit.name, unit.sockets, desired, acted_on):
            found.append(unit.name)
    return found
