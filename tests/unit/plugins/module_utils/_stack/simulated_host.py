# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in memory: it is observed, it carries out plans, and it keeps those rules of systemd that plans depend on.

The manager knows unit files only as they were at the last daemon-reload; what is started runs that, and carries its
stamp. Stopping a unit stops those that require it. A socket cannot be started while its service runs.
"""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import replace
from typing import Any, List, Tuple

from ansible_collections.daemonic.systemd.plugins.module_utils._stack import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._stack import ledger, stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.desired import Desired, File
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.observed import Manifest, Observed, PathState, UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.plan import Plan, plan, plan_removal
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import Document, parse

from .builders import SCOPE, UNITS, daemon, desired

SECOND = 1_000_000
EMPTY = Desired("demo", SCOPE, (), (), (), ())


class Impossible(AssertionError):
    """An action that would fail on a real host."""


class Host:
    def __init__(self) -> None:
        self.clock = 100 * SECOND
        self.directories = {"/", "/etc", "/opt", "/var", "/etc/systemd", UNITS}
        self.files: dict[str, PathState] = {}
        self.links: dict[str, str] = {}
        self.loaded: dict[str, Document] = {}
        self.states: dict[str, UnitState] = {}
        self.running: dict[str, Document] = {}  # what each unit that is up was started with
        self.manifest: Manifest | None = None

    # A run of the collection.

    def observe(self, wanted: Desired = EMPTY) -> Observed:
        digests = {file.path: file.source.sha256 for file in wanted.files}
        paths = {path: PathState("directory") for path in self.directories}
        for path, state in self.files.items():
            paths[path] = replace(state, content=None) if digests.get(path) == state.sha256 else state
        enabling = {path: target for path, target in self._absolute_links().items() if path.startswith(f"{UNITS}/")}
        paths.update({path: PathState("link", target=enabling.get(path, target)) for path, target in self.links.items()})
        names = {*self.loaded, *self.states, *(each.name for each in wanted.units)}
        return Observed(paths, {name: self.unit(name) for name in names}, enabling, self.manifest, self.clock)

    def plan(self, wanted: Desired) -> Plan:
        return plan(wanted, self.observe(wanted), 3 * SECOND)

    def run(self, wanted: Desired, killed_after: int | None = None) -> Plan:
        """Plan and apply; `killed_after` so many actions the run ends without a trace."""
        return self._carry_out(wanted, self.plan(wanted), killed_after)

    def remove(self, killed_after: int | None = None) -> Plan:
        done = self._carry_out(EMPTY, plan_removal(SCOPE, self.observe()), killed_after)
        if killed_after is None:
            self.manifest = None
        return done

    def _carry_out(self, wanted: Desired, planned: Plan, killed_after: int | None) -> Plan:
        before = self.observe(wanted)
        if planned.actions:
            self.manifest = ledger.intent(wanted, before, planned.actions)
        for action in planned.actions[:killed_after]:
            self.apply(action)
        if killed_after is None:
            self.manifest = ledger.outcome(wanted, before, planned.actions, self.observe(wanted))
        return planned

    # What lies on the disk.

    def write(self, path: str, content: str, **attributes: Any) -> None:
        """As a person would with an editor."""
        data = content.encode()
        known = {"mode": 0o644, "owner": "root", "group": "root", **attributes}
        self.files[path] = PathState("file", hashlib.sha256(data).hexdigest(), changed=self.clock, content=data, **known)

    def unit_files(self) -> dict[str, Document]:
        """What daemon-reload would read."""
        found = {}
        for path, state in self.files.items():
            if posixpath.dirname(path) == UNITS:
                found[posixpath.basename(path)] = parse((state.content or b"").decode())
        return found

    def _absolute_links(self) -> dict[str, str]:
        return {path: posixpath.normpath(posixpath.join(posixpath.dirname(path), to)) for path, to in self.links.items()}

    # What systemd knows and does.

    def unit(self, name: str) -> UnitState:
        state = self.states.get(name, UnitState(name))
        disk = self.unit_files().get(name)
        known = self.loaded.get(name)
        return replace(
            state,
            load="not-found" if known is None else "loaded",
            needs_reload=state.needs_reload or (disk is not None and known is not None and disk.text != known.text),
        )

    def is_up(self, name: str) -> bool:
        return self.unit(name).is_up

    def change(self, name: str, **fields: Any) -> None:
        """Something happens to a unit that is no deed of ours."""
        self.states[name] = replace(self.states.get(name, UnitState(name)), **fields)

    def fail(self, name: str, **fields: Any) -> None:
        self.running.pop(name, None)
        self.change(name, **{"active": "failed", "sub": "failed", "result": "exit-code", "main_pid": 0, "stamp": "", **fields})

    def reload(self) -> None:
        self.loaded = {**self.unit_files()}
        self.states = {name: replace(state, needs_reload=False) for name, state in self.states.items()}

    def start(self, name: str) -> None:
        if self.is_up(name):
            return
        document = self.loaded.get(name)
        if document is None:
            raise Impossible(f"{name} is started, which systemd does not know")
        if self.unit(name).has_failed and self.unit(name).result.endswith("start-limit-hit"):
            raise Impossible(f"{name} is started in spite of its start limit")
        service = (document.values("Socket", "Service") or (name.replace(".socket", ".service"),))[-1]
        if name.endswith(".socket") and self.is_up(service):
            raise Impossible(f"{name} is started while {service} is running")
        for other in self._needs(document):
            if other in self.loaded:
                self.start(other)
        self._up(name, document)

    def stop(self, name: str) -> None:
        self.running.pop(name, None)
        self.change(name, active="inactive", sub="dead", main_pid=0, stamp="", result="success")
        for other in self._dependents(name):
            self.stop(other)

    def restart(self, name: str) -> None:
        again = [name, *self._dependents(name)]
        self.stop(name)
        for each in again:
            self.start(each)

    def crash(self, name: str) -> None:
        """The process ends and systemd starts it again, with what the manager knows by now."""
        self._up(name, self.loaded[name])
        self.change(name, restarts=self.unit(name).restarts + 1)

    def boot(self) -> None:
        """Everything is read and started anew; the monotonic clock begins at 0."""
        self.states, self.running = {}, {}
        self.files = {path: replace(state, changed=state.changed - self.clock) for path, state in self.files.items()}
        self.clock = 100 * SECOND
        self.reload()
        for link in sorted(self._absolute_links().items()):
            name = posixpath.basename(link[1])
            if ".wants/" in link[0] and name in self.loaded and "@." not in name:
                self.start(name)

    def _dependents(self, name: str) -> list[str]:
        return [other for other, document in list(self.running.items()) if other != name and name in self._needs(document)]

    def _needs(self, document: Document) -> list[str]:
        values = (*document.values("Unit", "Requires"), *document.values("Service", "Sockets"))
        return [word for value in values for word in value.split()]

    def _up(self, name: str, document: Document) -> None:
        self.clock += SECOND
        carried = [value for value in document.values("Service", "Environment") if value.startswith(f"{stamp.NAME}=")]
        once = document.values("Service", "Type")[-1:] == ("oneshot",)
        self.running[name] = document
        self.change(
            name,
            active="inactive" if once else "active",
            sub="dead" if once else {"service": "running", "socket": "listening"}.get(name.rpartition(".")[2], "active"),
            result="success",
            main_pid=self.clock // SECOND if name.endswith(".service") and not once else 0,
            invocation=f"{self.clock:032x}",
            started=self.clock if name.endswith(".service") else 0,
            entered=self.clock,
            restarts=0,
            stamp=carried[-1].partition("=")[2] if carried else "",
        )

    # What actions do.

    def apply(self, action: act.Action) -> None:
        self.clock += SECOND
        path = action.target
        if isinstance(action, act.MakeDirectory):
            self._require(path not in self.directories, f"{path} is there already")
            self._require(posixpath.dirname(path) in self.directories, f"no directory for {path}")
            self.directories.add(path)
        elif isinstance(action, act.WriteFile):
            self._require(posixpath.dirname(path) in self.directories, f"no directory for {path}")
            self._write(action.file)
        elif isinstance(action, act.SetAttributes):
            self.files[path] = replace(self.files[path], **self._attributes(action.file), changed=self.clock)
        elif isinstance(action, act.MakeLink):
            self._require(posixpath.dirname(path) in self.directories, f"no directory for {path}")
            self._require(path not in self.files, f"{path} is a file")
            self.links[path] = action.to
        elif isinstance(action, act.Remove):
            self._require(path in self.files or path in self.links, f"{path} is removed, but is not there")
            self.files.pop(path, None)
            self.links.pop(path, None)
        elif isinstance(action, act.RemoveDirectory):
            if not any(posixpath.dirname(other) == path for other in (*self.files, *self.links, *self.directories)):
                self.directories.remove(path)
        elif isinstance(action, act.DaemonReload):
            self.reload()
        elif isinstance(action, act.ResetFailed):
            if self.unit(path).has_failed:
                self.change(path, active="inactive", sub="dead", result="success")
        else:
            {act.Start: self.start, act.Stop: self.stop, act.Restart: self.restart}[type(action)](path)

    def _write(self, file: File) -> None:
        self.write(file.path, (file.source.data or b"").decode(), **self._attributes(file))

    def _attributes(self, file: File) -> dict[str, Any]:
        given = {"owner": file.owner, "group": file.group, "mode": file.mode}
        old = self.files.get(file.path)
        inherited = {"owner": old.owner, "group": old.group, "mode": old.mode} if old else {}
        return {**inherited, **{key: value for key, value in given.items() if value is not None}}

    @staticmethod
    def _require(possible: bool, why: str) -> None:
        if not possible:
            raise Impossible(why)


def check_converged(host: Host, wanted: Desired) -> None:
    """The host is what the stack declares: on the disk, in the manager's memory, and in each process."""
    for file in wanted.files:
        state = host.files[file.path]
        assert state.sha256 == file.source.sha256, file.path
        assert file.mode in (None, state.mode), file.path
    assert {link.path: host.links.get(link.path) for link in wanted.links} == {link.path: link.target for link in wanted.links}
    ours = {unit.path for unit in wanted.units}
    asked_for = {link.path for link in wanted.links}
    assert {path for path in host.files if posixpath.dirname(path) == UNITS} == ours
    assert {path for path in host.links if path.startswith(f"{UNITS}/")} == {p for p in asked_for if p.startswith(f"{UNITS}/")}
    for unit in wanted.units:
        if unit.is_template:
            continue
        assert not host.unit(unit.name).needs_reload, unit.name
        assert host.loaded[unit.name].text == unit.text, f"{unit.name} is not loaded"
        if unit.state == "stopped":
            assert not host.is_up(unit.name), f"{unit.name} is up"
        if unit.state == "started" and not unit.runs_once:
            assert host.is_up(unit.name), f"{unit.name} is down"
        if host.is_up(unit.name) or (unit.runs_once and unit.state == "started"):
            assert unit.name in host.running, f"{unit.name} was never started"
            ran = stamp.restart_directives(host.running[unit.name])
            assert ran == stamp.restart_directives(parse(unit.text)), f"{unit.name} runs something else"
            assert host.unit(unit.name).stamp in ("", unit.stamp), f"{unit.name} carries another stamp"
    assert {name for name in host.running if host.is_up(name)} <= {unit.name for unit in wanted.units}


ECHO = {"daemons": {"echo": daemon()}}
SOCKET = {"daemons": {"echo": daemon(socket={"ListenStream": 9000})}}


def deployed(**params: Any) -> Host:
    """A host on which that stack runs."""
    host, wanted = Host(), desired(**params)
    host.run(wanted)
    check_converged(host, wanted)
    return host


Short = List[Tuple[str, str]]  # the verb and the target of each action


def short(plan: Plan) -> Short:
    return [(action.verb, action.target.rpartition("/")[2]) for action in plan.actions]


def unit_jobs(plan: Plan) -> Short:
    return [(action.verb, action.target) for action in plan.actions if isinstance(action, act.UNIT_ACTIONS)]


def reasons(plan: Plan, verb: str) -> list[str]:
    return [action.reason for action in plan.actions if action.verb == verb]
