# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in memory, for plans to be made for and carried out on, with those rules of systemd that plans depend on.

What observes it and what carries plans out are the collection's own observe() and apply(), on a disk and a systemctl
that are here. The manager knows units only as they were at the last daemon-reload; what is started runs that, and
carries its stamp. Stopping a unit stops those that require it. A socket cannot be started while its service runs.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import itertools
import posixpath
from dataclasses import dataclass, field
from typing import Any, Iterator, List, Mapping, Sequence, Tuple
from unittest import mock

from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.unit import stack_of_unit, with_fitting
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import restart_policy, stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Build, Desired, File, Unit
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import Scope
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.sysusers_tmpfiles import (
    DIRECTORIES,
    accounts_in,
    lines_of,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host as Known
from ansible_collections.daemonic.systemd.plugins.module_utils._health.last_look import LastLook, last_look
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build import release_builder as real_build
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account, Accounts
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
    Given,
    Identity,
    Manifest,
    Observed,
    PathState,
    ReleaseState,
    UnitState,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan, plan
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.propagation import check_needed, not_looked_at
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.proven import Unproven, seen_healthy, unproven
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.rollback import late_stops, undo
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.socket_nodes import nodes_of
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.argv import Systemctl
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import UNIT_TYPES, split_unit_name, template_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import Document, parse

from .builders import HOME, SCOPE, UNITS, daemon, desired, stack

SECOND = 1_000_000
VENDOR = "/usr/lib/systemd/system"
MASKED = parse("# masked\n")

parsed = functools.lru_cache(maxsize=None)(parse)


class Impossible(AssertionError):
    """An action that would fail on a real host."""


class Killed(BaseException):
    """The run ends here, without a chance to do anything else."""


class Broken(OSError):
    """The next action cannot be done."""


class Disk:
    """What _host.io.disk.Disk is, in memory. Links keep their targets as they were written."""

    is_image = False

    def __init__(self, host: Host) -> None:
        self._host = host
        self._staged: dict[str, File] = {}
        self._kept: dict[str, tuple[Any, ...]] = {}
        self._beside: dict[str, PathState] = {}  # what a run that was killed has left beside its place
        self.files: dict[str, PathState] = {}
        self.links: dict[str, str] = {}
        self.directories = {
            "/",
            *parents_of(f"{UNITS}/x"),
            *parents_of(f"{VENDOR}/x"),
            "/opt",
            *parents_of("/var/lib/x"),
            *parents_of(f"{HOME}/x"),
        }
        self.records: dict[str, Any] = {}
        self.releases: dict[str, ReleaseState] = {}  # those that are built
        self.nodes: set[str] = set()  # Unix sockets

    def belongs_to(self, host: Host) -> None:
        """Another host has these contents, too."""
        self._host, self._staged = host, {}
        self._kept, self._beside = dict(self._kept), dict(self._beside)
        self.files, self.links = dict(self.files), dict(self.links)
        self.directories, self.records = set(self.directories), dict(self.records)
        self.releases = dict(self.releases)
        self.nodes = set(self.nodes)

    def at(self, path: str) -> str:
        return path

    @property
    def accounts(self) -> Accounts:
        return self._host.io.accounts  # type: ignore[return-value]

    # Reading

    def state_of(self, path: str, wanted_sha256: str = "") -> PathState:
        if path in self.links:
            return PathState("link", target=self.links[path])
        if path in self.nodes:
            return PathState("other")
        if path in self.records:
            return PathState("file")
        if path in self.files:
            state = self.files[path]
            return replace(state, content=None) if state.sha256 == wanted_sha256 else state
        return PathState("directory" if path in self.directories or path in self.releases else "missing")

    def followed(self, path: str) -> PathState:
        if self.absolute_links().get(path) == "/dev/null":
            return PathState("other")
        return self.files.get(self.absolute_links().get(path, path), PathState())

    def state_of_release(self, path: str, thoroughly: bool) -> ReleaseState:
        is_script = any(posixpath.dirname(file) == path for file in self.files)
        without_mark = "script" if is_script else "partial" if path in self.directories else "missing"
        return self.releases.get(path, ReleaseState(without_mark))

    def state_of_directory(self, path: str) -> PathState:
        return self.state_of(path)

    def links_in(self, directory: str) -> dict[str, str]:
        return {path: to for path, to in self.absolute_links().items() if posixpath.dirname(path) == directory}

    def names_in(self, directory: str) -> list[str]:
        known = (*self.files, *self.links, *self.directories, *self.records, *self.releases)
        return sorted({posixpath.basename(path) for path in known if posixpath.dirname(path) == directory})

    def read(self, path: str) -> bytes:
        return self.files[path].content or b""

    def read_json(self, path: str) -> Any:
        return self.records.get(path)

    def absolute_links(self) -> dict[str, str]:
        return {path: posixpath.normpath(posixpath.join(posixpath.dirname(path), to)) for path, to in self.links.items()}

    # The way back

    def keep(self, path: str) -> None:
        """Called before each change of a path."""
        self._kept.setdefault(path, (self.files.get(path), self.links.get(path), path in self.directories))

    def put_back(self, path: str) -> None:
        file, link, is_directory = self._kept.pop(path, (self.files.get(path), self.links.get(path), path in self.directories))
        for place, old in ((self.files, file), (self.links, link)):
            place.pop(path, None)
            if old is not None:
                place[path] = old
        if not is_directory and not self.names_in(path):
            self.directories.discard(path)

    def forget(self) -> None:
        self._kept.clear()
        self._beside.clear()

    def begin(self, before: Mapping[str, PathState]) -> list[str]:
        """A run begins: of an earlier one that was killed only files lie beside their places. Returns what is lost."""
        self._beside = {**{path: kept[0] for path, kept in self._kept.items() if kept[0]}, **self._beside}
        self._beside = {path: state for path, state in self._beside.items() if path in before}
        self._kept.clear()
        lost = []
        for path, was in before.items():
            old = next((s for s in (self._beside.get(path), self.files.get(path)) if s and s.sha256 == was.sha256), None)
            if was.kind == "file" and old is None:
                lost.append(path)
            elif was.kind in ("file", "missing", "link"):
                old = replace(old, mode=was.mode, owner=was.owner, group=was.group) if old else None
                self._kept[path] = (old, was.target or None, False)
        return lost

    # Writing

    def put(self, path: str, data: bytes, **attributes: Any) -> None:
        known = {"mode": 0o644, "owner": "root", "group": "root", **attributes}
        self.files[path] = PathState("file", hashlib.sha256(data).hexdigest(), changed=self._host.clock, content=data, **known)

    def stage(self, file: File) -> None:
        self._require_directory(file.path)
        if file.owner is not None:
            self.accounts.uid(file.owner)
        self._staged[file.path] = file

    def tell(self, step: str) -> None:
        """Nobody waits for it."""

    def discard(self) -> None:
        self._staged.clear()

    def commit(self, path: str) -> None:
        self._host.step()
        self._require_directory(path)
        self.keep(path)
        self.links.pop(path, None)
        file = self._staged[path]
        self.put(path, file.source.data or b"", **self._attributes(file))

    def set_attributes(self, path: str, file: File) -> None:
        self._host.step()
        self.keep(path)
        self.files[path] = replace(self.files[path], **self._attributes(file), changed=self._host.clock)

    def _attributes(self, file: File) -> dict[str, Any]:
        given = {"owner": file.owner, "group": file.group, "mode": file.mode}
        old = self.files.get(file.path)
        inherited = {"owner": old.owner, "group": old.group, "mode": old.mode} if old else {}
        return {**inherited, **{key: value for key, value in given.items() if value is not None}}

    def make_directory(self, path: str, mode: int = 0o755) -> None:
        require(self.state_of(path).kind in ("missing", "directory"), f"{path} is there already")
        self._require_directory(path)
        self.keep(path)
        self.directories.add(path)

    def remove_directory_if_empty(self, path: str) -> None:
        self._host.step()
        if not self.names_in(path):
            self.directories.discard(path)

    def make_link(self, path: str, target: str) -> None:
        self._host.step()
        self._require_directory(path)
        self.keep(path)
        self.files.pop(path, None)
        self.links[path] = target

    def begin_release(self, path: str) -> None:
        self._require_directory(path)
        self._host.step()
        self.releases[path] = ReleaseState("partial")
        self._host.step()

    def remove_release(self, path: str) -> None:
        self._host.step()
        require(self.state_of_release(path, False).kind != "missing", f"{path} is no release")
        require(path not in self.absolute_links().values(), f"{path} is live")
        self.releases.pop(path, None)
        self.directories.discard(path)
        self.files = {file: state for file, state in self.files.items() if not file.startswith(f"{path}/")}

    def copy(self, path: str, to: str) -> None:
        self._host.step()
        self.directories.update(parents_of(to))
        self.keep(to)
        self.links.pop(to, None)
        self.files.pop(to, None)
        if path in self.links:
            self.links[to] = self.links[path]
        else:
            self.files[to] = replace(self.files[path], changed=self._host.clock)

    def remove(self, path: str) -> None:
        self._host.step()
        places: Sequence[dict[str, Any]] = (self.files, self.links, self.records)
        require(any(path in place for place in places), f"{path} is removed, but is not there")
        self.keep(path)
        for place in places:
            place.pop(path, None)

    def remove_node(self, path: str, service: str) -> None:
        self._host.step()
        if path not in self._host.bound({service}):
            self.nodes.discard(path)

    def write_json(self, path: str, value: Any) -> None:
        self._host.step()
        self.directories.update(parents_of(path))
        self.records[path] = value

    def _require_directory(self, path: str) -> None:
        require(posixpath.dirname(path) in self.directories, f"no directory for {path}")


class Builder:
    """What _host.build.release_builder.Builder is."""

    def __init__(self, disk: Disk, _commands: Commands) -> None:
        self._disk = disk

    def build(self, build: Build) -> None:
        self._disk.begin_release(build.path)
        self._disk.releases[build.path] = ReleaseState("complete", build.tests)

    def test(self, build: Build) -> None:
        tested = self._disk.releases[build.path].tested
        self._disk.releases[build.path] = ReleaseState("complete", (*tested, *build.tests))

    def finish(self) -> None:
        pass


class Commands:
    """What _host.io.commands.Commands is; the command lines are systemctl's."""

    def __init__(self, host: Host, user: Account | None) -> None:
        self._host = host
        self.systemctl = Systemctl(user is not None)
        self.is_for_user = user is not None
        self.uid = user.uid if user else 0

    def output(self, argv: Sequence[str], accept: Sequence[int] = (0,), as_root: bool = False) -> str:
        self._host.step()
        words = [word for word in argv if word != "--user"]
        if words == ["systemctl", "daemon-reload"]:
            require(self._host.manager_runs, "there is no manager to reload")
            self._host.reload()
        elif words[0] == "systemd-sysusers":
            require(self._host.io.disk.state_of(words[-1]).kind == "file", f"{words[-1]} is not there")
            self._host.io.accounts.add(self._host.io.disk.read(words[-1]).decode())
        elif words[:2] == ["systemd-tmpfiles", "--create"]:
            for line in lines_of(self._host.io.disk.read(words[-1]).decode()):
                is_directory = line.type in DIRECTORIES
                self._host.io.disk.directories.update((*[line.field(1)][:is_directory], *parents_of(line.field(1))))
                if not is_directory:
                    self._host.io.disk.put(line.field(1), b"")
        elif words[:2] == ["systemctl", "show"]:
            return "\n\n".join(self._host.shown(name) for name in words[words.index("--") + 1 :])
        elif words == ["systemctl", "daemon-reexec"]:
            self._host.reload()
        elif words[0] == "systemctl" and words[1] in ("enable", "disable"):
            stem = words[-1].rpartition(".")[0]
            self._host.links.pop(f"/etc/rc3.d/S01{stem}", None)
            if words[1] == "enable":
                self._host.link(f"/etc/rc3.d/S01{stem}", f"../init.d/{stem}")
        elif words[0] == "loginctl":
            require(as_root, "only root may change that")
            self._host.lingers = words[1] == "enable-linger"
        elif words == ["systemctl", "start", "--", f"user@{self.uid}.service"]:
            require(as_root and self._host.lingers, "the user's manager is started by root, and lingers")
            self._host.start_manager()
        else:
            raise Impossible(f"{argv} is run")
        return ""

    def attempt(self, argv: Sequence[str], stdin: bytes | None = None, limit: float | None = None) -> tuple[int, str]:
        """The jobs of one call, one after the other."""
        require(self._host.manager_runs, "there is no manager to ask")
        position = argv.index("--")
        if argv[0] == "systemd-run":
            self._by_dependency([word.partition("=")[2] for word in argv[:position] if word.startswith("--property=")])
            return 0, ""
        verb, units = argv[position - 1], argv[position + 1 :]
        refused = ""
        for name in units:
            self._host.step()
            if self._host.refuses(verb, name):
                refused += f"Failed to {verb} {name}: Operation refused, unit {name} may be requested by dependency only\n"
            else:
                getattr(self._host, verb.replace("-", "_"))(name)
        return (4 if refused else 0), refused

    def _by_dependency(self, properties: Sequence[str]) -> None:
        """A unit that is started with these."""
        given = dict(each.split("=", 1) for each in properties)
        for name in given.get("Conflicts", "").split():
            self._host.step()
            self._host.stop(name)
        for name in given.get("Wants", "").split():
            self._host.step()
            self._host.start(name)


class SomeAccounts:
    """What _host.io.accounts.Accounts is: the names of users, who have groups of the same names, and of more groups."""

    def __init__(self) -> None:
        self.numbers = {"root": 0, "www-data": 33, "media": 44}
        self.members: dict[str, frozenset[str]] = {}  # user → further groups

    def copy(self) -> SomeAccounts:
        other = SomeAccounts()
        other.numbers, other.members = dict(self.numbers), dict(self.members)
        return other

    def add(self, text: str) -> None:
        for name in sorted(accounts_in(lines_of(text)).users | accounts_in(lines_of(text)).groups):
            self.numbers.setdefault(name, 100 + len(self.numbers))
        for line in lines_of(text):
            if line.type == "m":
                self.join(line.field(1), line.field(2))

    def join(self, user: str, group: str) -> None:
        """usermod(8) --append --groups"""
        self.members[user] = self.members.get(user, frozenset()) | {group}

    def uid(self, name: str) -> int:
        return self.numbers[name]

    gid = uid

    def identity(self, user: str, group: str, supplementary: Sequence[str]) -> tuple[int, frozenset[int]]:
        groups = {group or user, *self.members.get(user, ()), *supplementary}
        return self.uid(user), frozenset(self.gid(each) for each in groups) if user != "root" else frozenset()

    def look(self) -> None:
        """It sees all at once."""


@dataclass(frozen=True)
class Disc:
    """What daemon-reload has read. known: what was made of it."""

    files: dict[str, PathState]
    links: dict[str, str]
    known: dict[str, Document | None] = field(default_factory=dict)


class Host:
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
        self.install(name, content, posixpath.dirname(_transient(name)))
        self.transient.add(name)
        self.start(name)

    # What the manager knows.

    def definition(self, name: str, disc: Disc | None = None) -> Document | None:
        """All that defines a unit: in the manager's memory, or on the disk. None: nothing; MASKED: it is masked."""
        disc = disc or self._read
        if name not in disc.known:
            disc.known[name] = self._defined(name, disc)
        return disc.known[name]

    def _defined(self, name: str, disc: Disc) -> Document | None:
        own = self._unit_text(name, disc)
        if own is None or own == MASKED.text:
            return None if own is None else MASKED
        parts = [own, *self.drop_ins(name, disc).values()]
        return parsed("\n".join(part if part.endswith("\n") else f"{part}\n" for part in parts))

    def _unit_text(self, name: str, disc: Disc) -> str | None:
        own = self._text_of(name, disc)
        return self._text_of(template_of(name), disc) if own is None and split_unit_name(name).is_instance else own

    def drop_ins(self, name: str, disc: Disc | None = None) -> dict[str, str]:
        """Path → text, in the order in which systemd reads them. systemd.unit(5); of an instance tried on 247 to 262."""
        disc = disc or self._read
        paths = [path for path in disc.files if path.endswith(".conf") and ".d/" in path]
        if not paths:
            return {}
        unit = split_unit_name(name)
        names = [name, template_of(name)] if unit.is_instance else [name]
        stems = [unit.prefix[:place] for place in range(len(unit.prefix) - 1, 0, -1) if unit.prefix[place - 1] == "-"]
        names += [f"{stem}{at}.{unit.type}" for stem in stems for at in (["@", ""] if unit.is_instance else [""])]
        found: dict[str, str] = {}
        for group in (names, [unit.type]):
            for directory, each in itertools.product(self.scope.unit_path, group):
                for path in paths:
                    if posixpath.dirname(path) == f"{directory}/{each}.d":
                        found.setdefault(posixpath.basename(path), path)
        return {found[part]: (disc.files[found[part]].content or b"").decode() for part in sorted(found)}

    def _text_of(self, name: str, disc: Disc) -> str | None:
        path = self._fragment(name, disc)
        if path == "/dev/null":
            return MASKED.text
        return (disc.files[path].content or b"").decode() if path else None

    def _fragment(self, name: str, disc: Disc) -> str:
        """The first of its load path, where what is transient wins over /etc. systemd.unit(5), "Unit File Load Path"."""
        for directory in sorted(self.scope.unit_path, key=lambda each: not each.endswith("/transient")):
            path = f"{directory}/{name}"
            if path in disc.links:
                target = posixpath.normpath(posixpath.join(directory, disc.links[path]))
                if target != "/dev/null" and posixpath.basename(target) != name:
                    return self._fragment(posixpath.basename(target), disc)
                path = target
            if path in disc.files or path == "/dev/null":
                return path
        return ""

    def unit(self, name: str) -> UnitState:
        state = self.states.get(name, UnitState(name))
        known = self.definition(name)
        load = "not-found" if known is None else "masked" if known is MASKED else "loaded"
        found: dict[str, Any] = {"load": load, "needs_reload": state.needs_reload or self._has_changed(name)}
        # systemd knows who names a unit that there is not.
        found.update(required_by=self._naming(name, "Requires", "Requisite", "BindsTo"), followed_by=self._naming(name, "PartOf"))
        if known is None or known is MASKED:
            return replace(state, **found)
        values = known.values
        last = {key: (values("Service", key) or ("",))[-1] for key in ("User", "Group")}
        supplementary = tuple(word for value in values("Service", "SupplementaryGroups") for word in value.split())
        return replace(
            state,
            **found,
            can_reload=bool(values("Service", "ExecReload")) or name.endswith(".mount"),
            fragment=self._fragment(name, self._read) or ("@" in name and self._fragment(template_of(name), self._read)) or "",
            dropins=(*self.drop_ins(name), *state.dropins),
            identity=Identity(last["User"], last["Group"], supplementary),
            runs_once=_runs_once(known),
            refuses_start=values("Unit", "RefuseManualStart")[-1:] == ("yes",),
            environment_files=tuple((path.lstrip("-"), path[0] == "-") for path in values("Service", "EnvironmentFile")),
        )

    def _has_changed(self, name: str) -> bool:
        """NeedDaemonReload: of the files that were read. On systemd 247 and 252 it does not tell of a new folder of drop-ins."""
        disc = Disc(self.files, self.links)
        now, known = self._unit_text(name, disc), self._unit_text(name, self._read)
        there = self.drop_ins(name, disc)
        return known is not None and (
            (now is not None and now != known) or any(there.get(path) != text for path, text in self.drop_ins(name).items())
        )

    def would_apply(self, name: str, disc: Disc | None = None) -> Any:
        """What a start applies: of its definition, of files that are read at a start, and the groups of its user."""
        document = self.definition(name, disc)
        if document is None or document is MASKED:
            return None
        files = [path.lstrip("-") for path in document.values("Service", "EnvironmentFile")]
        read = {path: self.files[path].content if path in self.files else None for path in files}
        user = (document.values("Service", "User") or ("",))[-1]
        groups = self.accounts.identity(user, "", ())[1] if user else frozenset()
        return stamp.directives(document, restart_policy.RESTART), read, groups

    def _naming(self, name: str, *keys: str) -> tuple[str, ...]:
        """The loaded units that name this one. systemd.unit(5), "RequiredBy", "ConsistsOf"."""
        return tuple(sorted(other for other in self.up() if name in words_of(self.definition(other) or MASKED, *keys)))

    def is_up(self, name: str) -> bool:
        return name in self.states and self.states[name].is_up

    def up(self) -> set[str]:
        return {name for name in self.states if self.is_up(name)}

    def reload_manager(self) -> None:
        self._read = Disc(dict(self.files), dict(self.links))
        self.states = {name: replace(state, needs_reload=False) for name, state in self.states.items()}

    # What happens on its own.

    def change(self, name: str, **fields: Any) -> None:
        """Something happens to a unit that is no deed of ours."""
        self.states[name] = replace(self.states.get(name, UnitState(name)), **fields)

    def run_job(self, name: str) -> None:
        """A oneshot is started by its timer, and has a long way to its end."""
        self.start(name)
        self.clock += SECOND
        carried = [value for value in self.running[name].values("Service", "Environment") if value.startswith(f"{stamp.NAME}=")]
        self.change(
            name,
            active="activating",
            sub="start",
            main_pid=self.clock // SECOND,
            started=self.clock,
            stamp=carried[-1].partition("=")[2] if carried else "",
        )

    def fail(self, name: str, **fields: Any) -> None:
        self.running.pop(name, None)
        self.change(name, **{"active": "failed", "sub": "failed", "result": "exit-code", "main_pid": 0, "stamp": "", **fields})

    def crash(self, name: str) -> None:
        """The process ends and systemd starts it again, with what the manager knows by now."""
        document = self.definition(name)
        require(document is not None and document is not MASKED, f"{name} is not there any more")
        self._up(name, document or MASKED)
        self.change(name, restarts=self.unit(name).restarts + 1)

    def start_manager(self) -> None:
        self.manager_runs = True
        self.reload()
        self._start_enabled()

    def boot(self) -> None:
        """Everything is read and started anew; the monotonic clock begins at 0."""
        self.states, self.running = {}, {}
        self.disk.files = {path: replace(state, changed=state.changed - self.clock) for path, state in self.files.items()}
        self.clock = 100 * SECOND
        self.reload()
        self._start_enabled()

    def _start_enabled(self) -> None:
        for path, target in sorted(self.disk.absolute_links().items()):
            name = posixpath.basename(path)
            if ".wants/" in path and target != "/dev/null" and self.definition(name) not in (None, MASKED):
                self.start(name)

    # What systemctl does.

    def shown(self, name: str) -> str:
        """What the plans ask of a unit that is about to be stopped by dependency."""
        state = self.unit(name)
        return f"Id={name}\nLoadState={state.load}\nActiveState={state.active}\nRequiredBy={' '.join(self._dependents(name))}"

    def refuses(self, verb: str, name: str) -> bool:
        """systemd.unit(5), "RefuseManualStart=": bus_unit_queue_job() of src/core/dbus-unit.c, a restart is both."""
        document = self.definition(name) or MASKED
        asked = {"start": ("Start",), "stop": ("Stop",), "restart": ("Start", "Stop")}.get(verb, ())
        return any(document.values("Unit", f"RefuseManual{each}")[-1:] == ("yes",) for each in asked)

    def daemon_reload(self) -> None:
        self.reload()

    def reload(self, name: str = "") -> None:
        """Of the manager, or of a unit."""
        if not name:
            self.reload_manager()
            return
        document = self.definition(name)
        require(self.is_up(name) and document is not None, f"{name} is reloaded, but is not running")
        reloads = document and (document.values("Service", "ExecReload") or name.endswith(".mount"))
        require(bool(reloads), f"{name} cannot be reloaded")
        self.fired.append(("reload", name))
        if name.endswith(".mount") and document:  # it is mounted anew with the new options
            self.running[name] = document

    def start(self, name: str) -> None:
        document = self.definition(name)
        require(document is not None, f"{name} is started, which systemd does not know")
        require(document is not MASKED, f"{name} is started, which is masked")
        if document is None:
            return
        limit = self.unit(name).has_failed and self.unit(name).result.endswith("start-limit-hit")
        require(not limit, f"{name} is started in spite of its start limit")
        if not self.is_up(name) and name.endswith(".socket"):
            service = (document.values("Socket", "Service") or (name.replace(".socket", ".service"),))[-1]
            require(not self.is_up(service), f"{name} is started while {service} is running")
        for other in self._pulled_in(name, document):
            if not self.is_up(other) and self.definition(other) not in (None, MASKED):
                self.start(other)
        if not self.is_up(name) and self._is_skipped(document):
            self.fired.append(("skip", name))
            self.change(name, active="inactive", sub="dead", result="success", main_pid=0, condition_met=False, stamp="")
        elif not self.is_up(name):
            self.fired.append(("start", name))
            self._up(name, document)
            if name in self.slow and self.states[name].active == "active":
                self.change(name, active="activating", sub="start")
            self.failing[name] = self.failing.get(name, -1) - 1
            if self.failing[name] == -1:
                self.fail(name)

    def _is_skipped(self, document: Document) -> bool:
        """systemd.unit(5), "ConditionPathExists=": it ends the job well, and starts nothing."""
        return any(self.disk.state_of(path).kind == "missing" for path in document.values("Unit", "ConditionPathExists"))

    def stop(self, name: str) -> None:
        if self.is_up(name) or self.states.get(name, UnitState(name)).is_looping:
            self.fired.append(("stop", name))
        self.running.pop(name, None)
        if name in self.transient:  # systemd-run(1): it goes when the unit is unloaded
            self.transient.discard(name)
            self._read = Disc(
                {path: file for path, file in self._read.files.items() if path != _transient(name)}, self._read.links
            )
            self.disk.files.pop(_transient(name), None)
        if name in self.states:
            self.change(name, active="inactive", sub="dead", main_pid=0, result="success")
        for other in self._dependents(name):
            self.stop(other)

    def restart(self, name: str) -> None:
        again = [name]
        for each in again:  # what follows one that is restarted along is restarted along, too
            again += [other for other in self._dependents(each) if other not in again]
        self.stop(name)
        for each in again:
            self.start(each)

    def reset_failed(self, name: str) -> None:
        if name in self.states and self.states[name].has_failed:
            self.change(name, active="inactive", sub="dead", result="success")

    def _dependents(self, name: str) -> list[str]:
        """Those that stop with it, as far as the manager knows."""
        found = []
        for other in sorted(self.up() - {name}):
            document = self.definition(other)
            required = name in words_of(document or MASKED, "Requires", "BindsTo", "PartOf")
            if required or f"{self.scope.unit_directory}/{other}.requires/{name}" in self._read.links:
                found.append(other)
        return found

    def _pulled_in(self, name: str, document: Document) -> list[str]:
        wanted = words_of(document, "Wants", "Requires", "BindsTo", "Upholds")
        wanted += [word for value in document.values("Service", "Sockets") for word in value.split()]
        for kind in ("wants", "requires"):
            folder = f"{self.scope.unit_directory}/{name}.{kind}"
            wanted += [posixpath.basename(path) for path in self._read.links if posixpath.dirname(path) == folder]
        return wanted

    def bound(self, but: set[str]) -> set[str]:
        """Where units listen, besides these. A daemon-reload closes what is not in the new definition: open_sockets.py."""
        found: set[str] = set()
        for name in self.up() - but:
            opened = nodes_of(name, self.running.get(name, MASKED), self.scope)
            found |= set(opened) & set(nodes_of(name, self.definition(name) or MASKED, self.scope))
        return found

    def _up(self, name: str, document: Document) -> None:
        self.clock += SECOND
        self.disk.nodes.update(nodes_of(name, document, self.scope))  # they stay: systemd.socket(5), "RemoveOnStop="
        carried = [value for value in document.values("Service", "Environment") if value.startswith(f"{stamp.NAME}=")]
        once = document.values("Service", "Type")[-1:] == ("oneshot",)
        remains = once and not _runs_once(document)
        is_service = name.endswith(".service")
        self.running[name] = document
        self.applied[name] = self.would_apply(name)
        user = (document.values("Service", "User") or ("",))[-1]
        self.change(
            name,
            given=Given(*self.accounts.identity(user, "", ())) if user and is_service else None,
            active="inactive" if once and not remains else "active",
            sub="dead" if once else {"service": "running", "socket": "listening"}.get(name.rpartition(".")[2], "active"),
            result="success",
            main_pid=self.clock // SECOND if is_service and not once else 0,
            invocation=f"{self.clock:032x}",
            started=self.clock if is_service else 0,
            entered=self.clock,
            restarts=0,
            condition_met=True,
            stamp=carried[0].partition("=")[2] if carried and is_service else "",
            other_stamps=tuple(each.partition("=")[2] for each in carried[1:]) if is_service else (),
        )


def _runs_once(document: Document) -> bool:
    """systemd.service(5), "RemainAfterExit=": such a job is activating while it runs, and then inactive."""
    is_oneshot = document.values("Service", "Type")[-1:] == ("oneshot",)
    return is_oneshot and document.values("Service", "RemainAfterExit")[-1:] != ("yes",)


def _transient(name: str) -> str:
    return f"/run/systemd/transient/{name}"


def require(possible: bool, why: str) -> None:
    if not possible:
        raise Impossible(why)


def parents_of(path: str) -> set[str]:
    parts = path.split("/")[1:-1]
    return {"/" + "/".join(parts[: count + 1]) for count in range(len(parts))}


def words_of(document: Document, *keys: str) -> list[str]:
    return [word for key in keys for value in document.values("Unit", key) for word in value.split()]


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
