# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated systemd: units as they were at the last daemon-reload, their processes, and what systemctl does with them.

The manager knows units only as they were read; what is started runs that, and carries its stamp. Stopping a unit stops those
that require it. A socket cannot be started while its service runs. Each rule cites a man page or an experiment.
"""

from __future__ import annotations

import itertools
import posixpath
from dataclasses import dataclass, field
from typing import Any, Sequence

from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import restart_policy, stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.sysusers_tmpfiles import (
    DIRECTORIES,
    accounts_in,
    lines_of,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import (
    Given,
    Identity,
    PathState,
    UnitState,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.socket_nodes import nodes_of
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.argv import Systemctl
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import split_unit_name, template_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import Document

from .simulated_disk import MASKED, SECOND, Impossible, parents_of, parsed, require


class Commands:
    """What _host.io.commands.Commands is; the command lines are systemctl's."""

    def __init__(self, host: Any, user: Account | None) -> None:
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
            require(self._host.disk.state_of(words[-1]).kind == "file", f"{words[-1]} is not there")
            self._host.accounts.add(self._host.disk.read(words[-1]).decode())
        elif words[:2] == ["systemd-tmpfiles", "--create"]:
            for line in lines_of(self._host.disk.read(words[-1]).decode()):
                is_directory = line.type in DIRECTORIES
                self._host.disk.directories.update((*[line.field(1)][:is_directory], *parents_of(line.field(1))))
                if not is_directory:
                    self._host.disk.put(line.field(1), b"")
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


class Systemd:
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
        """Everything is read and started again; the monotonic clock begins at 0."""
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
        if name.endswith(".mount") and document:  # it is mounted again with the new options
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
                {path: file for path, file in self._read.files.items() if path != transient(name)}, self._read.links
            )
            self.disk.files.pop(transient(name), None)
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


def transient(name: str) -> str:
    return f"/run/systemd/transient/{name}"


def words_of(document: Document, *keys: str) -> list[str]:
    return [word for key in keys for value in document.values("Unit", key) for word in value.split()]
