# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in memory, for plans to be made for and carried out on.

What observes it and what carries plans out are the collection's own observe() and apply(), on a disk (simulated_disk.py) and a
systemd (simulated_systemd.py) that are simulated.
"""

from __future__ import annotations

import copy
import itertools
import posixpath
from typing import Any, Iterator, List, Sequence, Tuple
from unittest import mock

from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.unit import stack_of_unit, with_fitting
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import restart_policy, stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired, Unit
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import Scope
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host as Known
from ansible_collections.daemonic.systemd.plugins.module_utils._health.last_look import LastLook, last_look
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build import release_builder as real_build
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.manager import Manager
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.facts import find_installed
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.foreign import foreign_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.hidden_units import with_others
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.observe import observe
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction import apply as shell
from ansible_collections.daemonic.systemd.plugins.module_utils._manifest import manifests
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import removal
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.conflicts import find_obstacles
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import (
    Manifest,
    Observed,
    PathState,
    UnitState,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan, plan
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.propagation import check_needed, not_looked_at
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.proven import Unproven, seen_healthy, unproven
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.rollback import late_stops, undo
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import UNIT_TYPES, template_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import Document

from .builders import HOME, SCOPE, daemon, desired, stack
from .simulated_disk import MASKED, SECOND, VENDOR, Broken, Builder, Disk, Killed, parents_of, require
from .simulated_systemd import Commands, Disc, SomeAccounts, Systemd, transient, words_of


class Host(Systemd):
    def __init__(self, scope: Scope = SCOPE, user: str = "") -> None:
        self.scope = scope
        self.user = Account(user, 1000, 1000, HOME) if user else None
        self.clock = 100 * SECOND
        self.disk = Disk(self)
        self.accounts = SomeAccounts()
        self.manager_runs = scope.has_manager and not user
        self.lingers = not user
        self.states: dict[str, UnitState] = {}
        self.running: dict[str, Document] = {}  # what each unit that is up was started with, and reloaded since
        self.applied: dict[str, Any] = {}  # what a start of each unit that is up has applied, see would_apply()
        self.fired: list[tuple[str, str]] = []  # every start, stop and reload of a unit, in order
        self._read = Disc({}, {})
        self._steps_left: int | None = None
        self._ends_with: type[BaseException] = Killed
        self.found = LastLook()  # by the last run
        self.failing: dict[str, int] = {}  # unit → how many of its starts go well before one fails
        self.slow: set[str] = set()  # they are on their way up for a while: systemd.service(5), "Type=notify"
        self.was_killed = self.was_broken = self.was_proven = False
        self.lost: list[str] = []  # what cannot be put back after a kill
        self.transient: set[str] = set()

    def copy(self) -> Host:
        other = copy.copy(self)
        other.disk = copy.copy(self.disk)
        other.disk.belongs_to(other)
        other.states, other.running, other.fired = dict(self.states), dict(self.running), list(self.fired)
        other.failing, other.slow = dict(self.failing), set(self.slow)
        other.transient = set(self.transient)
        other.accounts, other.applied = self.accounts.copy(), dict(self.applied)
        return other

    # A run of the collection.

    def declare(self, **params: Any) -> Desired:
        """A stack as it is expanded on this host."""
        declared = stack(**params)
        wanted = desired(find_installed(declared, self.scope, self.disk), **params)  # type: ignore[arg-type]
        return replace(wanted, user=self.user.name if self.user else "")

    def ask(self, **params: Any) -> Desired:
        """What a task of `unit` asks, with its patterns resolved."""
        declared = stack_of(stack_of_unit({"settle": "3s", **params}))
        known = {name for directory in self.scope.unit_path for name in self.disk.names_in(directory)} | set(self.states)
        declared = with_fitting(declared, sorted(name for name in known if name.rpartition(".")[2] in UNIT_TYPES))
        return expand(declared, self.scope, Known(installed=find_installed(declared, self.scope, self.disk)))  # type: ignore[arg-type]

    def observe(self, wanted: Desired | None = None) -> Observed:
        wanted = wanted or self.nothing()
        manager = Manager(self.scope, self.user, is_running=False, lingers=self.lingers)
        seen = observe(wanted, self.disk, None, manager)  # type: ignore[arg-type]
        if not self.manager_runs:
            return with_others(wanted, replace(seen, now=self.clock, manager_runs=False), self.disk)  # type: ignore[arg-type]
        loaded = [name for name, state in self.states.items() if state.active != "inactive" and "@" in name]
        instances = {template: tuple(sorted(n for n in loaded if template_of(n) == template)) for template in seen.instances}
        gone: list[str] = []
        if seen.manifest:
            gone = [*removal.units_to_remove(wanted, seen.manifest), *removal.units_to_release(wanted, seen.manifest)]
        names = {*wanted.unit_names, *gone, *(name for found in instances.values() for name in found)}
        units = {name: self.unit(name) for name in names if "@." not in name}
        looked = foreign_of(wanted, units, seen.manifest, self.disk)  # type: ignore[arg-type]
        seen = replace(seen, foreign=looked.foreign, stamps_of_others=looked.stamps_of_others)
        seen = replace(seen, units=units, instances=instances, manager_runs=True, now=self.clock)
        return with_others(wanted, seen, self.disk)  # type: ignore[arg-type]

    def obstacles(self, wanted: Desired) -> list[Problem]:
        problems = Problems()
        find_obstacles(wanted, self.observe(wanted), problems)
        return list(problems.found)

    def plan(self, wanted: Desired) -> Plan:
        """ValidationFailed where something is in its way."""
        return self.decide(wanted)[0]

    def decide(self, wanted: Desired) -> tuple[Plan, Observed]:
        """The plan, and what it was made from."""
        problems = Problems()
        observed = self.observe(wanted)
        find_obstacles(wanted, observed, problems)
        problems.raise_if_any()
        while True:
            planned = plan(wanted, observed, 3 * SECOND)
            unknown = not_looked_at(planned.actions, wanted, observed) if observed.manager_runs else []
            if not unknown:
                check_needed(planned.actions, wanted, observed, problems)
                problems.raise_if_any()
                return planned, observed
            units = {**observed.units, **{name: self.unit(name) for name in unknown}}
            observed = replace(observed, units=units, along=observed.along | set(unknown))

    def run(self, wanted: Desired, killed_after: int | None = None, broken_after: int | None = None) -> Plan:
        """Plan and apply; after so many steps on files and units the run is killed, or fails and puts all back."""
        return self._carry_out(wanted, killed_after, broken_after)

    def remove(self, killed_after: int | None = None, broken_after: int | None = None, **params: Any) -> Plan:
        return self._carry_out(self.nothing(**params), killed_after, broken_after, is_absent=True)

    def nothing(self, name: str = "demo", adopt: bool = False) -> Desired:
        return Desired(name, self.scope, adopt=adopt, user=self.user.name if self.user else "")

    def _carry_out(self, wanted: Desired, killed_after: int | None, broken_after: int | None, is_absent: bool = False) -> Plan:
        planned, before = self.decide(wanted)
        self.found = LastLook()
        earlier = unproven(wanted, before)
        self.lost = self.disk.begin(earlier.paths or {})
        intent = manifests.intent(wanted, before, planned)
        if planned.actions:
            self._record(wanted, intent)
        self._steps_left = broken_after if killed_after is None else killed_after
        self._ends_with = Broken if killed_after is None else Killed
        self.was_killed = self.was_broken = self.was_proven = False
        try:
            for actions in filter(None, (planned.ahead, planned.first)):
                self._apply(actions)
            self._settle(planned)
            self.step()  # a last chance: before the outcome is on record
            self.found = last_look(wanted, planned, before, self._after(wanted, before) if planned.actions else before)
            if self.found != LastLook():
                raise Broken
            after = self.observe(wanted)
            outcome = manifests.outcome(wanted, before, planned, after)
            kept = None if is_absent or manifests.is_empty(outcome, wanted) else outcome
            if planned.actions:
                self._record(wanted, seen_healthy(intent, kept, after))
            self.was_proven = True
            self.disk.forget()
            if killed_after is None:  # from here on nothing is put back
                self._steps_left = None
            self._apply(planned.last)
        except Killed:
            self.was_killed = True
            return planned
        except Broken:
            self._steps_left, self.was_broken = None, True
            self._put_back(wanted, planned, earlier)
            return planned
        finally:
            self._steps_left = None
        self._record(wanted, kept)
        return planned

    def _settle(self, planned: Plan) -> None:
        """What is watched is waited for until it is up."""
        for name in planned.watch:
            if self.unit(name).is_starting:
                self.change(name, active="active", sub="running")

    def _after(self, wanted: Desired, before: Observed) -> Observed:
        names = [*wanted.unit_names, *before.along] if self.manager_runs else []
        paths = {path: self.disk.state_of(path) for path in wanted.paths}
        return replace(before, units={name: self.unit(name) for name in names}, paths={**before.paths, **paths})

    def _apply(self, actions: Sequence[act.Action]) -> None:
        with mock.patch.object(real_build, "Builder", Builder):
            complaints = shell.apply(actions, self.scope.linger_path, self.disk, Commands(self, self.user))  # type: ignore[arg-type]
        require(not complaints, str(complaints))

    def _put_back(self, wanted: Desired, planned: Plan, found: Unproven) -> None:
        before = found.before
        names = [name for name in {*before.units, *wanted.unit_names} if "@." not in name]
        self._apply(undo(planned.actions, wanted, before, {name: self.unit(name) for name in names}, found.earlier).actions)
        self._apply(late_stops(before, {name: self.unit(name) for name in names}))
        self.disk.forget()
        after = replace(before, units={name: self.unit(name) for name in names})
        self._record(wanted, manifests.put_back(before, after))

    def step(self) -> None:
        if self._steps_left == 0:
            raise self._ends_with
        if self._steps_left is not None:
            self._steps_left -= 1
        self.clock += SECOND

    def _record(self, wanted: Desired, manifest: Manifest | None) -> None:
        path = self.scope.manifest_path(wanted.stack)
        self.disk.records.pop(path, None)
        if manifest:
            self.disk.directories.add(self.scope.state_directory)
            self.disk.records[path] = manifest.as_json()
            return
        for directory in (
            self.scope.originals_directory(wanted.stack),
            self.scope.credentials_directory,
            *self.scope.state_parents,
        ):
            self.disk.remove_directory_if_empty(directory)

    @property
    def manifest(self) -> Manifest | None:
        stored = self.disk.read_json(self.scope.manifest_path("demo"))
        return Manifest.from_json(stored) if stored else None

    def forget(self) -> None:
        """The record of the stack is lost."""
        del self.disk.records[self.scope.manifest_path("demo")]

    # What lies on the disk.

    @property
    def files(self) -> dict[str, PathState]:
        return self.disk.files

    @property
    def links(self) -> dict[str, str]:
        return self.disk.links

    @property
    def directories(self) -> set[str]:
        return self.disk.directories

    def tree(self) -> Any:
        """All that lies on the disk, without its times, for comparison."""
        files = {path: replace(state, changed=0) for path, state in self.files.items()}
        return set(self.directories), files, dict(self.links), set(self.disk.nodes)

    def write(self, path: str, content: str, **attributes: Any) -> None:
        """As a person would with an editor."""
        self.directories.update(parents_of(path))
        self.disk.put(path, content.encode(), **attributes)

    def link(self, path: str, target: str) -> None:
        """As a person would with ln -sf."""
        self.directories.update(parents_of(path))
        self.links[path] = target

    def install(self, name: str, content: str, directory: str = VENDOR) -> None:
        """As a package does, whose unit systemd then knows."""
        self.write(f"{directory}/{name}", content)
        self.reload()

    def run_by_hand(self, name: str, content: str) -> None:
        """As systemd-run(1) does."""
        self.install(name, content, posixpath.dirname(transient(name)))
        self.transient.add(name)
        self.start(name)


def check_converged(host: Host, wanted: Desired) -> None:
    """The host is what the stack declares: on the disk, in the manager's memory, and in each process."""
    for file in wanted.files:
        state = host.files[file.path]
        assert state.sha256 == file.source.sha256, file.path
        assert file.mode in (None, state.mode), file.path
    assert {link.path: host.links.get(link.path) for link in wanted.links} == {link.path: link.target for link in wanted.links}
    manifest = host.manifest
    assert manifest is not None
    assert manifest.complete
    below = f"{host.scope.unit_directory}/"
    strange = {path for path in (*host.files, *host.links) if path.startswith(below)} - set(wanted.paths)
    assert not strange & {*manifest.files, *manifest.links}
    if host.scope.has_manager:
        for unit in wanted.units:
            if not unit.is_template:
                _check_unit(host, unit, {each.name for each in wanted.units if not each.wants_to_run})


def _check_unit(host: Host, unit: Unit, may_be_down: set[str]) -> None:
    state, known = host.unit(unit.name), host.definition(unit.name)
    assert not state.needs_reload, f"{unit.name} was not read since it was changed"
    if unit.masked:
        assert (state.load, state.is_up) == ("masked", False), unit.name
        return
    assert known is not None, f"{unit.name} is not known"
    if unit.has_file:
        assert stamp.meaning(known) == stamp.meaning(unit.document), f"{unit.name} is not loaded"
    if unit.state == "stopped":
        assert not state.is_up, f"{unit.name} is up"
    if state.is_skipped:
        return
    if unit.wants_to_run and not unit.runs_once:
        assert state.is_up, f"{unit.name} is down"
    if state.is_up or (unit.runs_once and unit.wants_to_run):
        assert unit.name in host.running, f"{unit.name} was never started"
        if unit.on_change not in ("keep", "reload"):
            for need in (restart_policy.RESTART, restart_policy.RELOAD):
                ran, wanted = (stamp.directives(each, need) for each in (host.running[unit.name], known))
                assert ran == wanted, f"{unit.name} runs something else"
            if unit.document.entries:
                assert state.stamp in ("", unit.stamps.restart), f"{unit.name} carries another stamp"
    if state.is_up and unit.on_change != "keep":
        for other in set(words_of(known, "Wants", "Requires")) - may_be_down:
            there = host.definition(other) not in (None, MASKED)
            assert not there or host.is_up(other), f"{unit.name} wants {other}"


ECHO = {"daemons": {"echo": daemon()}}
SOCKET = {"daemons": {"echo": daemon(socket={"ListenStream": 9000})}}


def deployed(**params: Any) -> Host:
    """A host on which that stack runs."""
    host = Host()
    wanted = host.declare(**params)
    host.run(wanted)
    check_converged(host, wanted)
    return host


def with_strangers(*names: str, **sections: Any) -> Host:
    """A host on which something else has installed these services, and runs them."""
    host = Host()
    for name in names:
        service = {"ExecStart": "/usr/bin/stranger", "ExecReload": "/bin/true", **sections}
        host.install(name, "[Service]\n" + "".join(f"{key}={value}\n" for key, value in service.items()))
        host.start(name)
    return host


def killed_everywhere(start: Host, wanted: Desired) -> Iterator[tuple[int, Host]]:
    """The host after each prefix of the run that leads to the stack, the whole of it included."""
    for killed_after in itertools.count():
        host = start.copy()
        host.run(wanted, killed_after)
        is_whole = not host.was_killed  # whoever gets the host may run more on it
        yield killed_after, host
        if is_whole:
            return


Short = List[Tuple[str, str]]  # the verb and the target of each action


def short(plan: Plan) -> Short:
    return [(action.verb, action.target.rpartition("/")[2]) for action in plan.actions]


def unit_jobs(plan: Plan) -> Short:
    return [(action.verb, action.target) for action in plan.actions if isinstance(action, act.UNIT_ACTIONS)]


def reasons(plan: Plan, verb: str) -> list[str]:
    return [action.reason for action in plan.actions if action.verb == verb]
