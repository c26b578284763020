# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units: the least that makes each run what its files say, in the state that is declared."""

from __future__ import annotations

from typing import Iterable

from .._desired import unit_checks
from .._desired.desired import Desired, Unit
from .._unitfile.syntax import Document
from .actions import Action, Reload, ResetFailed, Restart, Start, Stop
from .observed import Observed, UnitState
from .propagation import going_on
from .unit_changes import Needs, has_run_as_declared, needs_of, notice_due

# Each kind is one call of systemctl, in this order.
_ORDER = (ResetFailed, Stop, Restart, Reload, Start)
_TRY = ("try-restarted", "try-reload-or-restarted")
_AGAIN = ("restarted", "reload-or-restarted", *_TRY)
# Why a oneshot that runs is not restarted: killed in its midst it may leave its work half done, and begun again do it twice.
LEFT_TO_END = "runs now; the next run has the new definition"


def early_stops(desired: Desired, observed: Observed) -> list[Action]:
    """What is declared stopped or masked is stopped before its files change: with the ExecStop= that it was started with."""
    actions: list[Action] = []
    for unit in desired.units:
        state = observed.unit(unit.name)
        if not unit.is_template and unit.state == "stopped" and (state.is_up or state.is_looping):
            actions.append(Stop(unit.name, "is to be masked" if unit.masked else "is declared stopped"))
    return actions


def late_stops(desired: Desired, observed: Observed, actions: Iterable[Action]) -> list[Action]:
    """What is declared stopped, but is pulled in by a unit that this run starts, is started with it by systemd."""
    started = {action.target for action in actions if isinstance(action, (Start, Restart))}
    pulled = _pulled_in(started, desired.units)
    stops = [
        Stop(unit.name, f"is declared stopped, and {pulled[unit.name]} has started it")
        for unit in desired.units
        if unit.name in pulled and unit.state == "stopped" and not unit.is_template
    ]
    return going_on(stops, [stop.target for stop in stops], desired, observed)


def _pulled_in(started: set[str], units: Iterable[Unit]) -> dict[str, str]:
    """Unit → the one that pulls it in, of all that start with these, directly or not."""
    wanting = {unit.name: {link.path.split("/")[-2].rpartition(".")[0] for link in unit.links} for unit in units}
    for unit in units:
        for wanted in unit.stamps.wants:
            wanting.setdefault(wanted, set()).add(unit.name)
    found: dict[str, str] = {}
    waiting = sorted(started)
    while waiting:
        cause = waiting.pop()
        pulled = sorted(name for name, by in wanting.items() if cause in by and name not in found and name not in started)
        found.update(dict.fromkeys(pulled, cause))
        waiting += pulled
    return found


def actions_for(desired: Desired, observed: Observed, stopped: Iterable[str]) -> tuple[list[Action], list[tuple[str, str]]]:
    """The actions, and what on_change: keep leaves as it is: unit → reason. stopped: units that are stopped before."""
    running = [u for u in desired.units if not u.is_template and not u.masked and u.state != "stopped"]
    needs = {unit.name: needs_of(unit, desired, observed) for unit in running}
    pending: list[tuple[str, str]] = []
    sockets = _Sockets(running, needs, observed)
    pending += sockets.restart_pending
    actions: list[Action] = []
    for unit in running:
        if unit.name not in dict(sockets.restart_pending):
            actions += sockets.actions_for(unit) or _for_unit(unit, needs[unit.name], observed, pending)
    actions += _notified(desired, observed, {action.target for action in actions}, pending)
    actions = going_on(actions, stopped, desired, observed)
    return sorted(actions, key=_place_in_order), pending


def _place_in_order(action: Action) -> tuple[int, bool]:
    """Sockets first: while its service runs, a socket cannot be started."""
    return _ORDER.index(type(action)), not action.target.endswith(".socket")


class _Sockets:
    """Sockets that must be opened, or opened again, while their services run: neither is possible without the other.

    While a service runs, its socket can neither be started nor restarted. Where the service requires the socket both
    are restarted in one transaction, which loses the fewest connections (docs/sockets.md); else both are stopped and
    the socket is started. restart_pending: those that stay as they are, since their service is not to be ended.
    """

    def __init__(self, running: list[Unit], needs: dict[str, Needs], observed: Observed) -> None:
        self._observed = observed
        self._services = [unit for unit in running if unit.sockets and observed.unit(unit.name).is_up]
        reasons = {unit.name: self._reason(unit, needs[unit.name]) for unit in running if unit.name.endswith(".socket")}
        held = {unit.name: why for unit in running if reasons.get(unit.name) and (why := holder_of(unit, running, observed))}
        self.restart_pending = [(name, f"{reasons[name]}, but {why}") for name, why in held.items()]
        self._reasons = {name: reason for name, reason in reasons.items() if name not in held}

    def _reason(self, socket: Unit, needs: Needs) -> str:
        """Why the socket must be opened; "" when it need not."""
        if socket.state in _AGAIN and self._observed.unit(socket.name).is_up:
            return f"is declared {socket.state}"
        if needs.restart:
            return needs.restart if socket.on_change in ("auto", "restart", "stop-start") else ""
        is_held_back = any(socket.name in service.sockets for service in self._services)
        is_down = not self._observed.unit(socket.name).is_up
        return "is not open while its service runs" if is_down and is_held_back and socket.wants_to_run else ""

    def actions_for(self, unit: Unit) -> list[Action]:
        """Those of a socket that is opened again, or of a running service with such a socket; none for others."""
        if self._reasons.get(unit.name):
            return self._open(unit, f"{self._reasons[unit.name]}: its listener is opened again")
        opened = [socket for socket in unit.sockets if self._reasons.get(socket)]
        if opened and unit in self._services:
            return self._with(unit, opened[0], f"its socket {opened[0]} is opened again")
        return []

    def _open(self, socket: Unit, reason: str) -> list[Action]:
        services = [service for service in self._services if socket.name in service.sockets]
        if all(_requires(service, socket.name) for service in services):
            return _restart(socket, reason)
        stop = [Stop(socket.name, reason)] if self._observed.unit(socket.name).is_up else []
        return [*stop, Start(socket.name, reason)]

    def _with(self, service: Unit, socket: str, reason: str) -> list[Action]:
        if _requires(service, socket):
            return _restart(service, reason)
        goes_on = service.wants_to_run or service.is_companion
        return [Stop(service.name, reason), *([Start(service.name, "it was running")] if goes_on else [])]


def _for_unit(unit: Unit, needs: Needs, observed: Observed, pending: list[tuple[str, str]]) -> list[Action]:
    state = observed.unit(unit.name)
    if unit.is_left_alone:
        return []
    if state.is_looping and not state.loops_well and (unit.wants_to_run or unit.state == "unmanaged"):
        return _restart(unit, f"is between two automatic restarts, after {describe_exit(state)}")
    if state.is_up or state.loops_well:
        return _while_up(unit, state, needs, pending) or _while_starting(unit, state, observed)
    return _while_down(unit, state, observed)


def _requires(service: Unit, socket: str) -> bool:
    return socket in _words(service.document, ("Requires", "BindsTo"))


def _words(document: Document, keys: Iterable[str]) -> list[str]:
    return [word for key in keys for value in document.values("Unit", key) for word in value.split()]


def _while_up(unit: Unit, state: UnitState, needs: Needs, pending: list[tuple[str, str]]) -> list[Action]:
    if unit.state in ("restarted", "try-restarted"):
        return _restart(unit, f"is declared {unit.state}")
    if is_left_to_end(unit, state):
        reason = needs.restart or needs.reload or needs.start
        pending += [(unit.name, f"{reason}, but it {LEFT_TO_END}")] if reason else []
        return []
    if needs.restart or needs.reload:
        return _apply(unit, state, needs, pending)
    if unit.state == "reloaded":
        return _reload(unit.name, state, "is declared reloaded")
    if unit.state in ("reload-or-restarted", "try-reload-or-restarted"):
        can_reload = unit_checks.can_reload(unit.name, unit.document) if unit.has_file else state.can_reload
        reason = f"is declared {unit.state}"
        return _reload(unit.name, state, reason) if can_reload else _restart(unit, reason)
    return [Start(unit.name, needs.start)] if needs.start else []


def holder_of(socket: Unit, units: Iterable[Unit], observed: Observed) -> str:
    """Why a running service of this socket must not be ended for it; "" where it may."""
    if socket.state in _AGAIN:
        return ""
    for service in units:
        state = observed.unit(service.name)
        if socket.name in service.sockets and state.is_up:
            if is_kept_running(service):
                return f"on_change of {service.name} is keep"
            if observed.unit(socket.name).is_up and is_left_to_end(service, state):
                return f"{service.name} {LEFT_TO_END}"
    return ""


def is_kept_running(unit: Unit) -> bool:
    """It is not to be ended for anything that changes; unless it is declared to be restarted in any case."""
    return unit.on_change == "keep" and unit.state not in _AGAIN


def is_left_to_end(unit: Unit, state: UnitState) -> bool:
    """A job that runs, and is a job by its new definition, too; unless somebody says how it is to be ended."""
    return state.is_job and (unit.runs_once or not unit.has_file) and unit.on_change in ("auto", "keep", "reload")


def _while_starting(unit: Unit, state: UnitState, observed: Observed) -> list[Action]:
    """Its job goes on though the run was cut off that wanted it: to start it is to wait for the end of that job."""
    is_under_way = state.active == "activating" and observed.is_unproven(unit.name)
    return [Start(unit.name, "a run that was cut off has begun to start it")] if is_under_way else []


def _apply(unit: Unit, state: UnitState, needs: Needs, pending: list[tuple[str, str]]) -> list[Action]:
    """The way that on_change names; by itself a restart where one is needed, else a reload."""
    reason = needs.restart or needs.reload
    if unit.on_change == "keep":
        pending.append((unit.name, f"{reason}, but on_change is keep"))
        return []
    if needs.restart and needs.is_foreign:
        return _restart(unit, reason)
    if needs.missed:
        pending.append((unit.name, f"it could not be started again without {needs.missed}"))
        return []
    if unit.on_change == "stop-start":
        return [Stop(unit.name, reason), Start(unit.name, f"{reason}; it was stopped for that")]
    can_do = needs.is_reloadable or not needs.restart
    if (unit.on_change == "reload" and can_do) or (unit.on_change == "auto" and not needs.restart):
        return [*_reload(unit.name, state, reason), *([Start(unit.name, needs.start)] if needs.start else [])]
    if unit.on_change == "reload":
        reason += ", which a reload cannot bring"
    return _restart(unit, reason)


def _while_down(unit: Unit, state: UnitState, observed: Observed) -> list[Action]:
    """What an administrator has stopped stays so unless it is declared to run; what our own interrupted run stopped does not."""
    interrupted = observed.was_interrupted and observed.manifest is not None and unit.name in observed.manifest.pending
    if not unit.wants_to_run and not interrupted:
        return []
    if state.has_failed:
        return [ResetFailed(unit.name, "it is failed"), Start(unit.name, f"has failed ({describe_exit(state)})")]
    if unit.runs_once and not unit.installed:
        done = has_run_as_declared(unit, observed) and unit.state == "started"
        return [] if done else [Start(unit.name, "has not run with this configuration yet")]
    if state.is_skipped and unit.wants_to_run:
        return [Start(unit.name, "is not running, since a condition of it was not met")]
    return [Start(unit.name, "is not running" if unit.wants_to_run else "an interrupted run has stopped it")]


def _restart(unit: Unit, reason: str) -> list[Action]:
    return _restart_of(unit.name, reason)


def _restart_of(name: str, reason: str) -> list[Action]:
    # The fifth restart within ten seconds is refused, deliberate or not, unless the counter is cleared.
    return [ResetFailed(name, "a deliberate restart must not count towards its start limit"), Restart(name, reason)]


def _reload(name: str, state: UnitState, reason: str) -> list[Action]:
    """What has not come to the end of its last reload takes no other one, but can be restarted."""
    if state.is_stuck:
        return _restart_of(name, f"{reason}; it is still {state.active} since its last reload, and is restarted instead")
    return [Reload(name, reason)]


def _notified(desired: Desired, observed: Observed, acted_on: Iterable[str], pending: list[tuple[str, str]]) -> list[Action]:
    """Units that run and must take notice of a changed file, unless they are started again in any case."""
    actions: list[Action] = []
    for notice in desired.notices:
        if notice.unit in acted_on or not observed.unit(notice.unit).is_up:
            continue
        due = notice_due(notice, observed)
        if due and observed.unit(notice.unit).is_job:
            pending.append((notice.unit, f"{due}, but it {LEFT_TO_END}"))
        elif due and notice.action == "reload":
            actions += _reload(notice.unit, observed.unit(notice.unit), due)
        elif due:
            actions += _restart_of(notice.unit, due)
    return actions


def is_suspect(unit: Unit, observed: Observed, window: int) -> bool:
    """Still on its way up, or running only since a moment ago, after an automatic restart: it may be in a crash loop.

    A job that runs is on its way all the time.
    """
    state = observed.unit(unit.name)
    if state.is_looping:
        return not state.loops_well
    if state.is_starting:
        return not state.is_job
    return state.is_up and state.restarts > 0 and observed.now - state.started < window


def must_be_proven(unit: Unit, observed: Observed) -> bool:
    """A run that was cut off did not see it healthy. What it has ended since, or sleeps, proves nothing."""
    state = observed.unit(unit.name)
    return observed.is_unproven(unit.name) and unit.state != "stopped" and not unit.masked and (state.is_up or state.is_looping)


def describe_exit(state: UnitState) -> str:
    """The end of a unit's main process in plain words. exit_code: si_code of sigaction(2)."""
    if state.exit_code == 1:
        return f"exit status {state.exit_status}"
    if state.exit_code in (2, 3):
        return f"signal {state.exit_status}"
    return state.result or "an unknown end"
