# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `xinetd`: reads the host's configuration, and has a transaction carry it over, or take it back."""

from __future__ import annotations

import os
import stat
from typing import Any, Iterator, Mapping

from ..._dataclasses import replace
from ..._declaration.declaration import stack_of
from ..._declaration.model import Predecessor, Stack
from ..._declaration.problems import Problems, ValidationFailed
from ..._health.diagnostics import Process
from ..._health.failure import Failure
from ..._health.listeners import bound, unit_of
from ..._health.port_replies import SPAN, compare, spans
from ..._plan.actions import TakeOverPorts
from ..._plan.observed import Manifest
from ..._xinetd import declare
from ..._xinetd.audit import Permission, audit
from ..._xinetd.config_syntax import Files
from ..._xinetd.migrate import Migration, migrate, ports_of
from ..._xinetd.migration_report import report
from ..._xinetd.service_draft import Converted
from ..io.context import HostContext, lock, prepare
from ..io.processes import holders_of, text_of
from ..io.systemd_version import systemd_version
from ..io.task import Task
from ..observation.observe import read_manifest
from ..transaction.decide import decide
from ..transaction.run import conclude
from .port_replies import replies

STACK = "xinetd"
UNIT = "xinetd.service"
_SIGNAL = "SIGQUIT"  # xinetd(8): it ends, and leaves the servers alone that it has started
_STATES = {"migrated": "present", "validated": "validated", "absent": "absent"}


def xinetd(task: Task) -> dict[str, Any]:
    """The whole of the module."""
    result = _transact(task, task.params)
    result.pop("restart_pending", None)  # there is no on_change here
    return result


def _transact(task: Task, params: Mapping[str, Any]) -> dict[str, Any]:
    empty = _stack(params, {}, {})
    context = prepare(empty, task.runner)
    only_looks = task.check_mode or empty.state == "validated"
    if not only_looks:
        lock(empty, context)
    if empty.state == "absent":
        decision = decide(empty, context, only_looks)
        nothing: dict[str, Any] = {"services": {}, "left": [], "report": [], "notes": [], "permissions": []}
        return {**_without_proof(conclude(task, decision, context, only_looks)), **nothing}
    found = _Found(params, context)
    try:
        decision = decide(found.stack(), context, only_looks)
    except ValidationFailed as refused:
        raise ValidationFailed(declare.in_words_of_xinetd(problem, found.migration) for problem in refused.problems) from None
    hands_over = any(isinstance(action, TakeOverPorts) for action in decision.plan.actions)
    ask = _Comparison(found.migration) if hands_over and not only_looks else None
    result = _without_proof(conclude(task, decision, context, only_looks, ask=ask))
    return {**result, **found.result(), "warnings": [*found.warnings, *result["warnings"]]}


def _without_proof(result: dict[str, Any]) -> dict[str, Any]:
    """Whether what runs was seen healthy is asked for roll-outs, which this module has none of."""
    return {name: value for name, value in result.items() if name != "proven"}


class _Comparison:
    """How services answer now is compared, when it is called, with how they answered when it was made."""

    def __init__(self, migration: Migration) -> None:
        self._addresses = declare.addresses_of(migration)
        self._before = replies(self._addresses, dict.fromkeys(self._addresses, SPAN))

    def __call__(self) -> list[Failure]:
        return compare(self._before, replies(self._addresses, spans(self._before)))


def _stack(params: Mapping[str, Any], units: Mapping[str, Any], files: Mapping[str, Any]) -> Stack:
    declared = {"name": STACK, "state": _STATES[params["state"]], "adopt": True, "units": units, "files": files}
    return stack_of({**declared, "settle": params["settle"], "unsafe": params["unsafe"]})


class _Found:
    """What the host has configured, and what becomes of it. Raises ValidationFailed where it cannot be carried over as it is."""

    def __init__(self, params: Mapping[str, Any], context: HostContext) -> None:
        self._params = params
        self._context = context
        self._manifest = read_manifest(context.disk, context.manager.scope, STACK) or Manifest(STACK)
        self._problems = Problems()
        ports = ports_of(text_of("/etc/services"))
        version = systemd_version("", context.commands)
        self.migration: Migration = migrate(params["config"], self._files(), ports, version, params["services"])
        self._problems.raise_if_any()
        self.permissions = list(_permissions(self.migration, context))
        self._check_units()
        self._check_ports()
        self.warnings = self._check_safety()
        self._problems.raise_if_any()

    def stack(self) -> Stack:
        units = declare.units_of(self.migration, self._params["dropins"], self._problems)
        self._problems.raise_if_any()
        stack = _stack(self._params, units, declare.files_of(self.migration, self._text_of))
        predecessor = Predecessor(
            unit=UNIT,
            ports=declare.ports_of(self.migration),
            reads=tuple(self.migration.configuration.paths),
            goes_on=bool(self.migration.left),
            signal=_SIGNAL,
        )
        return replace(stack, predecessor=predecessor if stack.units or self._manifest.predecessor else None)

    def result(self) -> dict[str, Any]:
        return {
            "services": {each.service.id: list(each.units) for each in self.migration.carried},
            "left": [service.id for service in self.migration.left],
            "report": report(self.migration),
            "notes": [note.as_result() for note in self.migration.notes],
            "permissions": [permission.as_result() for permission in self.permissions],
        }

    # Reading: a file whose services were carried over counts as it was before

    def _files(self) -> Files:
        disk = self._context.disk
        return Files(self._text_of, lambda path: disk.names_in(path) if os.path.isdir(path) else None)

    def _text_of(self, path: str) -> str | None:
        disk, manifest = self._context.disk, self._manifest
        state = disk.state_of(path)
        if state.kind not in ("file", "link"):
            return None
        kept = manifest.originals.get(path)
        if kept and manifest.files.get(path) == state.sha256 and disk.state_of(kept).kind == "file":
            path = kept
        elif path in manifest.files and state.sha256 not in manifest.wrote(path):
            problem = "it was changed since its services were carried over, so that it cannot be told what is meant"
            remedy = f"Go back first (state: absent), or put it right: its former text is in {kept}."
            self._problems.add(path, path, problem, remedy)
        return disk.read(path).decode("utf-8", "surrogateescape")

    # Checks

    def _check_units(self) -> None:
        """A unit of somebody else is not taken over, wherever it lies."""
        scope, disk = self._context.manager.scope, self._context.disk
        for each in self.migration.carried:
            for name in each.units:
                paths = [f"{folder}/{name}" for folder in scope.unit_path]
                strange = [path for path in paths if path not in self._manifest.files and disk.state_of(path).kind != "missing"]
                if strange:
                    problem = f"{strange[0]} is a unit of that name already"
                    self._problems.add(
                        str(each.service.place), each.service.id, problem, "Give the service another id, or leave it."
                    )

    def _check_ports(self) -> None:
        """Who listens where a socket is to be opened must be xinetd, or the socket itself."""
        for each in self.migration.carried:
            for process in self._strangers(each):
                listener = each.listener
                at = f"{listener.protocol} port {listener.port}" if listener else ""
                problem = f"{at} is held by {process}, which is not of {UNIT}"
                self._problems.add(str(each.service.place), each.service.id, problem, "Stop that, or give disable = yes.")

    def _strangers(self, each: Converted) -> Iterator[str]:
        listener = each.listener
        if listener is None or listener.address not in ("", "::", "0.0.0.0"):  # another address may have the same port
            return
        names = (listener.protocol, f"{listener.protocol}6")
        inodes = [inode for name in names for inode in bound(text_of(f"/proc/net/{name}"), listener.port)]
        for process in dict.fromkeys(holder for holders in holders_of(inodes) for holder in holders):
            if unit_of(process) != UNIT and not self._is_own(process, each):
                yield str(process)

    def _is_own(self, process: Process, each: Converted) -> bool:
        """Of an earlier run: systemd holds the sockets, and a service with wait = yes has been given one."""
        if not any(name in self._manifest.owned for name in each.units):
            return False
        return process.pid == 1 or unit_of(process) in each.units

    def _check_safety(self) -> list[str]:
        """Who else can change the configuration, and whom TCP wrappers have turned away until now."""
        if self._params["unsafe"] == "ignore":
            return []
        unsafe = Problems()
        readable = audit(self.permissions, unsafe)
        asks_wrappers = [each for each in self.migration.carried if not each.service.has("flags", "NOLIBWRAP")]
        rules = [line for line in text_of("/etc/hosts.deny").split("\n") if line.strip() and not line.lstrip().startswith("#")]
        if rules and asks_wrappers:
            problem = "xinetd asks TCP wrappers whom to let in, and systemd does not"
            remedy = "Say it by only_from and no_access, run the server by tcpd(8), or give the flag NOLIBWRAP"
            unsafe.add("/etc/hosts.deny", rules[0], problem, remedy)
        warnings = list(unsafe.by_policy(self._params["unsafe"], self._problems))
        if readable:
            warnings.append(f"Everybody can read {', '.join(readable)}. Run chmod o-r, unless that is meant.")
        return warnings


def _permissions(migration: Migration, context: HostContext) -> Iterator[Permission]:
    """Of the configuration, and of everything in the directories that it includes."""
    configuration = migration.configuration
    inside = [f"{folder.rstrip('/')}/{name}" for folder in configuration.directories for name in context.disk.names_in(folder)]
    for path in dict.fromkeys([*configuration.paths[:1], *configuration.directories, *configuration.paths, *inside]):
        try:
            info = os.stat(path)
        except OSError:
            continue
        accounts = context.disk.accounts
        yield Permission(
            path=path,
            kind="directory" if stat.S_ISDIR(info.st_mode) else "file",
            owner=accounts.user_name(info.st_uid),
            group=accounts.group_name(info.st_gid),
            mode=stat.S_IMODE(info.st_mode),
        )
