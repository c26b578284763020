# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""plan(desired, observed) → the actions that make the one the other. Pure: check mode is this, not applied."""

from __future__ import annotations

from dataclasses import dataclass

from . import removal
from .actions import (
    FILE_ACTIONS,
    Action,
    DaemonReload,
    MakeDirectory,
    MakeLink,
    Remove,
    ResetFailed,
    Restart,
    SetAttributes,
    Start,
    Stop,
    WriteFile,
)
from .desired import Desired, File, Scope, Unit
from .observed import Observed, UnitState
from .removal import ancestors
from .stale import is_stale, reason_to_restart


@dataclass(frozen=True)
class Plan:
    """actions: in the order in which they are carried out. watch: the units that must then prove to be healthy."""

    actions: tuple[Action, ...]
    watch: tuple[str, ...]


def plan(desired: Desired, observed: Observed, window: int = 0) -> Plan:
    """All that is to be done, in order: stop what goes, write, link, remove, reload once, then stop, restart, start.

    window: the settle time in µs: a unit that was restarted by systemd within it is watched though nothing changes.
    """
    gone = removal.no_longer_declared(desired, observed)
    stale_links = _stale_links(desired, observed)
    told = {action.target for action in stale_links}
    files = [*_directories(desired, observed), *_files(desired, observed), *_links(desired, observed), *stale_links]
    files += [action for action in gone.files if action.target not in told]
    units = _unit_actions(desired, observed)
    actions = [*gone.stops, *files, *_reload(files, desired, observed), *gone.resets, *units]
    started = {action.target for action in units if isinstance(action, (Start, Restart))}
    suspects = {unit.name for unit in desired.units if _is_suspect(observed.unit(unit.name), observed, window)}
    return Plan(tuple(actions), tuple(unit.name for unit in desired.units if unit.name in started | suspects))


def plan_removal(scope: Scope, observed: Observed) -> Plan:
    """Everything that the manifest says the stack owns is stopped, disabled and removed."""
    empty = Desired(observed.manifest.stack if observed.manifest else "", scope, (), (), (), ())
    return plan(empty, observed)


# Files


def _directories(desired: Desired, observed: Observed) -> list[Action]:
    missing: dict[str, str] = {}
    for path in desired.paths:
        for parent in reversed(ancestors(path)):
            if observed.path(parent).kind == "missing":
                missing.setdefault(parent, path)
    return [MakeDirectory(parent, f"{path} will be in it") for parent, path in missing.items()]


def _files(desired: Desired, observed: Observed) -> list[Action]:
    actions: list[Action] = []
    for file in desired.files:
        state = observed.path(file.path)
        if state.kind == "missing":
            actions.append(WriteFile(file.path, "does not exist yet", file))
        elif state.sha256 != file.source.sha256:
            actions.append(WriteFile(file.path, _why_differs(file, observed), file))
        else:
            differing = _attributes(file, observed)
            if differing:
                actions.append(SetAttributes(file.path, differing, file))
    return actions


def _why_differs(file: File, observed: Observed) -> str:
    """A file that an earlier run wrote and that is not what it wrote any more was changed by somebody else."""
    written = observed.manifest.files.get(file.path) if observed.manifest else None
    if written and written != observed.path(file.path).sha256:
        return "was changed by hand since the last run"
    return "its content differs"


def _attributes(file: File, observed: Observed) -> str:
    state = observed.path(file.path)
    wanted = (("owner", state.owner, file.owner), ("group", state.group, file.group))
    parts = [f"{name} is {now}, not {want}" for name, now, want in wanted if want is not None and now != want]
    if file.mode is not None and state.mode != file.mode:
        parts.append(f"mode is {state.mode:04o}, not {file.mode:04o}")
    return "; ".join(parts)


def _links(desired: Desired, observed: Observed) -> list[Action]:
    actions: list[Action] = []
    for link in desired.links:
        state = observed.path(link.path)
        if state.kind == "link" and state.target == link.target:
            continue
        reason = f"{link.reason}; it points to {state.target}" if state.kind == "link" else link.reason
        actions.append(MakeLink(link.path, reason, link.target))
    return actions


def _stale_links(desired: Desired, observed: Observed) -> list[Action]:
    """Links that enable a unit of the stack and that its [Install] section does not ask for."""
    wanted = {link.path for link in desired.links}
    units = {unit.path: unit for unit in desired.units}
    actions: list[Action] = []
    for path, target in observed.links.items():
        unit = units.get(target)
        if unit and path not in wanted:
            why = "does not ask for it any more" if unit.enabled else "is not to be enabled"
            actions.append(Remove(path, f"{unit.name} {why}"))
    return actions


def _reload(files: list[Action], desired: Desired, observed: Observed) -> list[Action]:
    """One daemon-reload when the manager does not know what lies on the disk."""
    below = f"{desired.scope.unit_directory}/"
    changed = [a.target for a in files if a.target.startswith(below) and not isinstance(a, (MakeDirectory, SetAttributes))]
    if changed:
        names = [path[len(below) :] for path in changed]
        return [DaemonReload("systemd", f"changed: {', '.join(names)}")]
    if observed.manifest and not observed.manifest.complete:
        return [DaemonReload("systemd", "the last run of this stack did not come to its end")]
    for unit in desired.units:
        state = observed.unit(unit.name)
        if state.needs_reload:
            return [DaemonReload("systemd", f"{unit.name} was changed on the disk since systemd read it")]
        if state.load == "not-found" and not unit.is_template:
            return [DaemonReload("systemd", f"systemd does not know {unit.name} yet")]
    return []


# Units


def _unit_actions(desired: Desired, observed: Observed) -> list[Action]:
    """Stops first, then restarts, then starts: each kind is one call of systemctl."""
    reopened = _sockets_to_reopen(desired, observed)
    actions: list[Action] = []
    for unit in desired.units:
        if not unit.is_template:
            actions += _for_unit(unit, observed, reopened)
    order = (ResetFailed, Stop, Restart, Start)
    return sorted(actions, key=lambda action: order.index(type(action)))  # type: ignore[arg-type]


def _sockets_to_reopen(desired: Desired, observed: Observed) -> dict[str, str]:
    """Socket → why its listener must be opened anew."""
    sockets = [unit for unit in desired.units if unit.name.endswith(".socket") and unit.state != "stopped"]
    reasons = {unit.name: reason_to_restart(unit, observed) for unit in sockets if observed.unit(unit.name).is_up}
    return {name: reason for name, reason in reasons.items() if reason}


def _for_unit(unit: Unit, observed: Observed, reopened: dict[str, str]) -> list[Action]:
    state = observed.unit(unit.name)
    if unit.state == "stopped":
        return [Stop(unit.name, "is declared stopped")] if state.is_up or state.is_looping else []
    if unit.name in reopened:
        # While its service runs, a socket can neither be restarted nor started; the service must go with it.
        reason = reopened[unit.name]
        return [Stop(unit.name, f"{reason}: the listener is closed"), Start(unit.name, f"{reason}: the listener is opened anew")]
    if unit.socket in reopened and state.is_up:
        stop = Stop(unit.name, f"its socket {unit.socket} is opened anew")
        return [stop, Start(unit.name, "it was running")] if unit.state == "started" else [stop]
    if state.is_looping:
        return _restart(unit, f"is between two automatic restarts, after {describe_exit(state)}")
    if state.is_up:
        reason = reason_to_restart(unit, observed)
        return _restart(unit, reason) if reason else []
    return _start(unit, state, observed) if unit.state == "started" else []


def _restart(unit: Unit, reason: str) -> list[Action]:
    # The fifth restart within ten seconds is refused, deliberate or not, unless the counter is cleared.
    return [ResetFailed(unit.name, "a deliberate restart must not count towards its start limit"), Restart(unit.name, reason)]


def _start(unit: Unit, state: UnitState, observed: Observed) -> list[Action]:
    if state.has_failed:
        return [ResetFailed(unit.name, "it is failed"), Start(unit.name, f"has failed ({describe_exit(state)})")]
    if unit.runs_once:
        return [Start(unit.name, "has not run with this configuration")] if is_stale(unit, state, observed) else []
    return [Start(unit.name, "is not running")]


def _is_suspect(state: UnitState, observed: Observed, window: int) -> bool:
    """Running only since a moment ago, after an automatic restart: it may be in a crash loop."""
    return state.is_looping or (state.is_up and state.restarts > 0 and observed.now - state.started < window)


def describe_exit(state: UnitState) -> str:
    """The end of a unit's main process in plain words. exit_code: si_code of sigaction(2)."""
    if state.exit_code == 1:
        return f"exit status {state.exit_status}"
    if state.exit_code in (2, 3):
        return f"signal {state.exit_status}"
    return state.result or "an unknown end"
