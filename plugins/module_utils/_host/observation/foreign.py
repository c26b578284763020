# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a start of a unit applies and its stack has not written: drop-ins, environment files, credentials, groups."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import posixpath
from fnmatch import fnmatchcase
from typing import Collection, Iterable, Iterator, Mapping

from ..._dataclasses import dataclass, field, replace
from ..._desired import stamp, sysusers_tmpfiles
from ..._desired.desired import READABLE_BY_ALL, Desired, Unit
from ..._desired.scope import Scope
from ..._plan import staleness
from ..._plan.observed import Foreign, Given, Manifest, UnitState
from ..._unitfile.names import dropin_folders
from ..._unitfile.syntax import Document, UnitSyntaxError, parse
from ..io.disk import Disk
from .process_inputs import given_to


@dataclass(frozen=True)
class Subject:
    """A unit that is asked about. document: what its stack has declared of it. own: the paths of its stack.

    memberships: groups that its stack gives to users. is_own: the unit file is of its stack.
    """

    state: UnitState
    document: Document
    own: Collection[str]
    memberships: Mapping[str, Collection[str]] = field(default_factory=dict)
    is_own: bool = True


def foreign_of(desired: Desired, states: Mapping[str, UnitState], manifest: Manifest | None, disk: Disk) -> ForeignInputs:
    """Of the units that the stack defines, or has given drop-ins, their instances included."""
    defined = {unit.name: unit for unit in desired.units if unit.document.entries and not unit.installed}
    wanted = {name: _definition_of(name, defined) for name in states}
    subjects = {name: unit for name, unit in wanted.items() if unit is not None and not unit.is_left_alone}
    if not subjects:
        return ForeignInputs()
    others = other_manifests(desired.stack, desired.scope, disk)
    own = {*desired.paths, *(manifest.files if manifest else ())}
    memberships = sysusers_tmpfiles.memberships_in(desired.files)
    foreigners = Foreigners(desired.scope, disk, others)
    return ForeignInputs(
        {
            name: foreigners.of(Subject(states[name], unit.document, own, memberships, unit.path in own))
            for name, unit in subjects.items()
        },
        {name: frozenset(other.units[name]["stamp"] for other in others if name in other.units) for name in subjects},
    )


def _definition_of(name: str, defined: Mapping[str, Unit]) -> Unit | None:
    """An instance that somebody else has started is defined by its template."""
    prefix, at, _instance = name.partition("@")
    return defined.get(name) or (defined.get(f"{prefix}@.{name.rpartition('.')[2]}") if at else None)


def other_manifests(stack: str, scope: Scope, disk: Disk) -> list[Manifest]:
    """The records of the other stacks. One that cannot be read tells nothing here."""
    found = []
    for name in disk.names_in(scope.state_directory):
        if name.endswith(".json") and name != f"{stack}.json":
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found.append(Manifest.from_json(disk.read_json(f"{scope.state_directory}/{name}")))
    return found


def with_given(states: Mapping[str, UnitState], manifest: Manifest | None) -> dict[str, UnitState]:
    """With what their processes show: all of it of a start that is not on record yet."""
    return {name: replace(state, given=_given(state, manifest)) if state.main_pid else state for name, state in states.items()}


def _given(state: UnitState, manifest: Manifest | None) -> Given | None:
    record = manifest.units.get(state.name) if manifest else None
    is_known = record is not None and record["invocation"] == state.invocation and "foreign" in record
    return given_to(state.main_pid, deeply=not is_known)


def digest_key(scope: Scope, disk: Disk) -> bytes:
    """b"" where there is none that can be used: a new one costs the units that read secrets one restart."""
    try:
        stored = disk.read_json(scope.digest_key_path)
        return bytes.fromhex(stored) if isinstance(stored, str) else b""
    except ValueError:
        return b""


@dataclass(frozen=True)
class ForeignInputs:
    """As Observed has both."""

    foreign: Mapping[str, tuple[Foreign, ...]] = field(default_factory=dict)
    stamps_of_others: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _is_applied(path: str) -> bool:
    """A drop-in of `systemctl set-property`, which has applied it at once: .../system.control/UNIT.d/NAME.conf."""
    return posixpath.basename(posixpath.dirname(posixpath.dirname(path))).endswith(".control")


class Foreigners:
    """others: the manifests of other stacks."""

    def __init__(self, scope: Scope, disk: Disk, others: Iterable[Manifest]) -> None:
        self._scope = scope
        self._disk = disk
        self._owners = {path: manifest.stack for manifest in others for path in manifest.files}
        self._folders: dict[str, set[str]] | None = None
        self._key: bytes | None = None

    def of(self, subject: Subject) -> tuple[Foreign, ...]:
        found = [*self._drop_ins(subject)]
        if subject.state.is_up or subject.state.is_looping:
            found += self._files(subject)
            found += self._groups(subject)
            if not subject.is_own:
                found += self._unit_file(subject)
        return tuple(found)

    # Drop-ins

    def _drop_ins(self, subject: Subject) -> Iterator[Foreign]:
        there = self._dropin_paths(subject.state.name)
        read = {path.rpartition("/")[2]: path for path in subject.state.dropins}
        for name, path in sorted({**read, **there}.items()):
            if path in subject.own:
                continue
            if name not in there and self._disk.state_of(path).kind == "missing":
                yield Foreign(staleness.GONE, path, stack=self._owners.get(path, ""))
            else:  # where systemd alone has found it, it lies there for an alias of the unit
                found = self._of_text(staleness.DROP_IN, path)
                yield replace(found, restart="", reload="") if _is_applied(path) else found

    def _dropin_paths(self, unit: str) -> dict[str, str]:
        """Name → path, as systemd reads them: of one name the first that it finds."""
        if self._folders is None:
            listed = {directory: self._disk.names_in(directory) for directory in self._scope.unit_path}
            self._folders = {directory: {name for name in names if name.endswith(".d")} for directory, names in listed.items()}
        found: dict[str, str] = {}
        for group in (dropin_folders(unit), (f"{unit.rpartition('.')[2]}.d",)):
            for directory, folders in self._folders.items():
                for folder in group:
                    for name in self._disk.names_in(f"{directory}/{folder}") if folder in folders else ():
                        if name.endswith(".conf") and not name.startswith("."):
                            found.setdefault(name, f"{directory}/{folder}/{name}")
        return found

    def _unit_file(self, subject: Subject) -> Iterator[Foreign]:
        path = subject.state.fragment
        if path and path not in subject.own:
            yield self._of_text(staleness.UNIT_FILE, path)

    def _of_text(self, kind: str, path: str) -> Foreign:
        """What only a daemon-reload applies has no digest."""
        state = self._disk.followed(path)
        is_secret = state.kind == "file" and not state.mode & READABLE_BY_ALL
        try:
            document = parse((state.content or b"").decode("utf-8", "replace"))
            stamps = stamp.stamps_of(document, {})
            restart, reload = stamps.restart, stamps.reload
        except UnitSyntaxError:  # systemd may make more of it than we do
            document, restart, reload = parse(""), state.sha256, ""
        return Foreign(
            kind,
            path,
            self._shareable(restart, is_secret),
            self._shareable(reload, is_secret),
            state.changed,
            self._owners.get(path, ""),
            document,
            is_secret,
        )

    # Files

    def _files(self, subject: Subject) -> Iterator[Foreign]:
        told = set(subject.own)
        for pattern, may_be_missing in subject.state.environment_files:
            paths = self._fitting(pattern)
            for path in paths:
                if path not in told:
                    yield self._of_file(staleness.ENVIRONMENT, path, may_be_missing)
            told |= {pattern, *paths}
        for path in stamp.credential_paths(subject.document):
            if path.startswith("/") and "%" not in path and path not in told:
                yield self._of_file(staleness.CREDENTIAL, path, True)  # it may be one of the manager's own
                told.add(path)
        for path in sorted(stamp.named_paths(subject.document) - told) if self._owners else ():
            if path in self._owners:
                yield self._of_file(staleness.FILE, path, True)

    def _fitting(self, pattern: str) -> list[str]:
        folder, _slash, last = pattern.rpartition("/")
        if not any(mark in last for mark in "*?["):
            return [pattern]
        return [f"{folder}/{name}" for name in self._disk.names_in(folder) if fnmatchcase(name, last)]

    def _of_file(self, kind: str, path: str, may_be_missing: bool) -> Foreign:
        state = self._disk.followed(path)
        is_secret = not state.mode & READABLE_BY_ALL
        digest = self._shareable(state.sha256, is_secret or kind == staleness.CREDENTIAL) if state.kind == "file" else ""
        is_missed = state.kind == "missing" and not may_be_missing
        changed = state.changed if digest else 0
        return Foreign(kind, path, digest, "", changed, self._owners.get(path, ""), None, is_secret, is_missed)

    def _shareable(self, digest: str, is_secret: bool) -> str:
        """That of a secret is made with the key of the host; where there is none yet, the clock has to do."""
        if not digest or not is_secret:
            return digest
        if self._key is None:
            self._key = digest_key(self._scope, self._disk)
        return hmac.new(self._key, digest.encode(), hashlib.sha256).hexdigest() if self._key else staleness.BY_ITS_TIME

    # Groups

    def _groups(self, subject: Subject) -> Iterator[Foreign]:
        """A user's manager gives its services its own, whatever they are called."""
        identity, given = subject.state.identity, subject.state.given
        if self._scope.kind != "system" or not identity.user or given is None:
            return
        accounts = self._disk.accounts
        try:
            uid, groups = accounts.identity(identity.user, identity.group, identity.supplementary)
        except KeyError:  # it could not be started again; that is another matter
            return
        if uid != given.user or not groups:  # root, or one of its commands that has all privileges
            return
        wanted = {str(gid) for gid in groups}
        for group in subject.memberships.get(identity.user, ()):
            try:
                wanted.add(str(accounts.gid(group)))
            except KeyError:  # it is about to be made
                wanted.add(group)
        yield Foreign(staleness.GROUPS, identity.user, staleness.groups_of(wanted))
