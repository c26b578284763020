# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""plan(desired, observed) → the actions that make the one the other. Pure: check mode is this, not applied."""

from __future__ import annotations

from typing import Collection

from .._dataclasses import dataclass, replace
from .._desired.desired import Desired, Unit
from .._desired.generators import is_input
from .._text import listed
from . import (
    existing_units,
    file_plan,
    hidden_units,
    port_takeover,
    propagation,
    releases,
    removal,
    socket_nodes,
    staleness,
    sysusers_tmpfiles,
    unit_plan,
)
from .actions import (
    LAST_ACTIONS,
    Action,
    CreateAccounts,
    DaemonReexec,
    DaemonReload,
    Disable,
    DisableLinger,
    Enable,
    EnableLinger,
    MakeDirectory,
    Reload,
    Remove,
    Restart,
    SetAside,
    SetAttributes,
    Start,
    StartManager,
    Stop,
)
from .observed import Observed


@dataclass(frozen=True)
class Plan:
    """actions: in the order in which they are carried out. watch: the units that must then prove to be healthy.

    restart_pending: unit → why it ought to be restarted and is not, because on_change says keep.
    """

    actions: tuple[Action, ...]
    watch: tuple[str, ...] = ()
    restart_pending: tuple[tuple[str, str], ...] = ()

    @property
    def ahead(self) -> tuple[Action, ...]:
        """What makes accounts: not even a file can be written for one that is not there."""
        last = max((n for n, action in enumerate(self.actions, 1) if isinstance(action, CreateAccounts)), default=0)
        return self.actions[:last]

    @property
    def first(self) -> tuple[Action, ...]:
        """What can be put back, after that."""
        return tuple(action for action in self.actions[len(self.ahead) :] if not isinstance(action, LAST_ACTIONS))

    @property
    def last(self) -> tuple[Action, ...]:
        """What is done when the units have proven to be healthy."""
        return tuple(action for action in self.actions if isinstance(action, LAST_ACTIONS))

    def without_removal_of(self, releases: Collection[str]) -> Plan:
        """Those stay, with the directories above them."""
        stay = {*releases, *(parent for path in releases for parent in removal.ancestors(path))}
        actions = (action for action in self.actions if not (isinstance(action, LAST_ACTIONS) and action.target in stay))
        return replace(self, actions=tuple(actions)) if releases else self


def plan(desired: Desired, observed: Observed, window: int = 0) -> Plan:
    """All that is to be done, in order: stop what goes, change files and links, reload systemd once, the units, clear up.

    window: the settle time in µs: a unit that was restarted by systemd within it is watched though nothing changes.
    """
    desired = _with_loaded_instances(desired, observed)
    gone = removal.no_longer_declared(desired, observed)
    files = file_plan.actions_for(desired, observed, gone)
    directories = [*gone.directories, *(existing_units.emptied(_removed(files), observed) if desired.is_partial else [])]
    accounts = sysusers_tmpfiles.accounts(desired, observed, files)
    files = [*(action for action in files if action not in accounts), *sysusers_tmpfiles.paths(desired, observed, files)]
    if not desired.scope.has_manager:
        return Plan((*accounts, *files, *releases.superfluous(desired, observed), *directories))
    stops = [*hidden_units.endings(desired, observed), *gone.stops, *unit_plan.early_stops(desired, observed)]
    units, kept = unit_plan.actions_for(desired, observed, (action.target for action in stops if isinstance(action, Stop)))
    handed = port_takeover.before(desired, observed, files, units)
    lingering = _lingering(desired, observed)
    actions = [
        *accounts,
        *lingering,
        *stops,
        *files,
        *(_of_the_manager(files, desired, observed) if _manager_reads(lingering, desired, observed) else []),
        *gone.resets,
        *socket_nodes.removals(
            socket_nodes.superfluous(desired, observed), "a socket of the stack has left it, and it is not declared any more"
        ),
        *handed,
        *units,
        *gone.restarts,
        *port_takeover.after(desired, observed, bool(handed)),
    ]
    actions += [*unit_plan.late_stops(desired, observed, actions), *_no_lingering(desired, observed)]
    actions += [*releases.superfluous(desired, observed, [name for name, _reason in kept]), *directories]
    if desired.how.no_block:
        return Plan(tuple(actions), (), tuple(kept))
    acted_on = {action.target for action in units if isinstance(action, (Start, Restart, Reload))}
    asked_about = [unit for unit in desired.units if not unit.is_left_alone]
    suspects = {unit.name for unit in asked_about if unit_plan.is_suspect(unit, observed, window)}
    unproven = {unit.name for unit in asked_about if unit_plan.must_be_proven(unit, observed)}
    along = propagation.watched_along(actions, desired, observed)
    return Plan(tuple(actions), tuple(sorted(acted_on | suspects | unproven | along)), tuple(kept))


def _with_loaded_instances(desired: Desired, observed: Observed) -> Desired:
    """A changed template reaches the instances that somebody else has started; those of a connection end by themselves."""
    declared = {unit.name for unit in desired.units}
    found: list[Unit] = []
    for unit in desired.units:
        if unit.is_template and not unit.per_connection and not unit.is_left_alone:
            for name in observed.instances.get(unit.name, ()):
                if name not in declared and not removal.is_owned(name, observed):
                    found.append(replace(unit, name=name, has_file=False, links=(), enabled=None, state="unmanaged"))
    return replace(desired, units=(*desired.units, *found)) if found else desired


def _lingering(desired: Desired, observed: Observed) -> list[Action]:
    """A user's manager ends with the last login, and the daemons with it, unless it lingers."""
    if desired.is_partial:
        needs_it = not observed.manager_runs and any(unit.wants_to_run for unit in desired.units)
        return [StartManager(desired.user, "the user's manager does not run")] if desired.user and needs_it else []
    if desired.user and desired.units and not observed.lingers:
        return [EnableLinger(desired.user, "the user's manager must run without a login")]
    if desired.user and desired.units and not observed.manager_runs:
        return [StartManager(desired.user, "the user's manager does not run")]
    return []


def _manager_reads(lingering: list[Action], desired: Desired, observed: Observed) -> bool:
    """What does not run reads everything when it starts; it is started before files change, but after links do."""
    return observed.manager_runs or (bool(lingering) and not desired.is_partial)


def _no_lingering(desired: Desired, observed: Observed) -> list[Action]:
    if desired.units or desired.is_partial or not (observed.made_to_linger and observed.is_last_stack):
        return []
    return [DisableLinger(desired.user, "it was enabled for a stack, and this is the last one")]


def _removed(files: list[Action]) -> list[str]:
    return [action.target for action in files if isinstance(action, Remove)]


def _of_the_manager(files: list[Action], desired: Desired, observed: Observed) -> list[Action]:
    """What the manager needs, and what the task asks of it though it needs nothing."""
    needed = _reload(files, desired, observed)
    if desired.how.daemon_reexec:
        return [DaemonReexec("systemd", "is asked for", bool(needed))]
    return needed or ([DaemonReload("systemd", "is asked for", False)] if desired.how.daemon_reload else [])


def _reload(files: list[Action], desired: Desired, observed: Observed) -> list[Action]:
    """One daemon-reload when the manager does not know what lies on the disk."""
    below = tuple(f"{directory}/" for directory in desired.scope.link_directories)
    silent = (MakeDirectory, SetAttributes, SetAside)
    changed = [a.target for a in files if a.target.startswith(below) and not isinstance(a, silent)]
    if changed:
        shown = [next(path[len(each) :] for each in below if path.startswith(each)) for path in changed]
        return [DaemonReload("systemd", f"{listed(shown)} changed")]
    sources = [a.target for a in files if is_input(a.target) and not isinstance(a, (MakeDirectory, SetAside))]
    if sources:
        return [DaemonReload("systemd", f"{listed(sources)} changed, and systemd makes units of it")]
    if any(isinstance(action, (Enable, Disable)) for action in files):
        return [DaemonReload("systemd", "what is generated from scripts of SysV init changes")]
    if observed.was_interrupted:
        return [DaemonReload("systemd", "the last run of this stack did not come to its end")]
    for unit in desired.units:
        state = observed.unit(unit.name)
        if state.needs_reload:
            return [DaemonReload("systemd", f"{unit.name} was changed on the disk since systemd read it")]
        unread = staleness.unread_in(state, observed.foreign.get(unit.name, ()))
        if unread:  # NeedDaemonReload does not tell of a new folder of drop-ins on systemd 247 and 252
            return [DaemonReload("systemd", f"{unread} was changed on the disk since systemd read it")]
        is_there = unit.has_file or unit.is_on_disk or unit.installed in ("file", "linked")
        if state.load == "not-found" and is_there and not unit.is_template:
            return [DaemonReload("systemd", f"systemd does not know {unit.name} yet")]
    return []
