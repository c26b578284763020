# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host holds now, as values: read by _host/observation/observe.py, judged by plan.py."""

from __future__ import annotations

from typing import Any, Literal, Mapping

from .._dataclasses import dataclass, field, fields
from .._desired.unit_file_state import UnitFileState
from .._unitfile.syntax import Document

MANIFEST_VERSION = 1


@dataclass(frozen=True)
class PathState:
    """A path as lstat(2) sees it. kind: missing, file, directory, link, other.

    content: of a file that is to be shown or compared, else None; is_long: it is too long for that, and differs.
    changed: its ctime in µs of the monotonic clock.
    """

    kind: Literal["missing", "file", "directory", "link", "other"] = "missing"
    sha256: str = ""
    mode: int = 0
    owner: str = ""
    group: str = ""
    target: str = ""
    changed: int = 0
    content: bytes | None = field(default=None, repr=False)
    is_long: bool = False


@dataclass(frozen=True)
class ReleaseState:
    """The directory of a release. kind: missing; partial, its building was never finished; complete; changed, by hand since
    then; script, it is no more than files, and was not built.

    tested: what it has passed (desired.Build.tests). edited: its code that was changed. data: what else lies in it that is
    not of its source; of a script all that lies beside it, itself included. Both are known of those that matter (observe.py).
    """

    kind: Literal["missing", "partial", "complete", "changed", "script"] = "missing"
    tested: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identity:
    """User=, Group= and SupplementaryGroups= as systemd has read them; no user where none is asked for."""

    user: str = ""
    group: str = ""
    supplementary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """What can be seen of what a process was given at its start (processes.py). traits: kind → text; variables: of its
    environment, none where it was wiped.
    """

    user: int = 0
    groups: frozenset[int] = frozenset()
    traits: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Foreign:
    """What a start of a unit applies and its stack has not written. kind: see staleness.py. path: where it lies.

    restart, reload: digests of what either would apply of it, "" for nothing. changed: its ctime in µs of the monotonic
    clock, 0 where that says nothing. stack: whose it is, "" for none. document: of a drop-in. is_secret: not readable by
    all. is_missed: nothing lies there, and no start is possible without it.
    """

    kind: str
    path: str
    restart: str = ""
    reload: str = ""
    changed: int = 0
    stack: str = ""
    document: Document | None = None
    is_secret: bool = False
    is_missed: bool = False


@dataclass(frozen=True)
class UnitState:
    """A unit as `systemctl show` has it. Times are µs of the monotonic clock; 0 where there is none.

    started: its main process; left: when it was inactive last; entered: when it became active.

    can_reload: by its loaded definition. fragment: the unit file that systemd has read, dropins: all drop-ins with it.
    environment_files: (path or pattern, whether it may be missing). stamp: what the running process
    carries (stamp.py); "" where none was found. other_stamps: those that drop-ins of other stacks have added. release: the
    digest of the one that the process runs. given: None where nothing can be seen. job: the number of the one that is queued
    or runs for it, 0 for none. start_timeout: TimeoutStartSec= in seconds, None for no limit. refuses_start: but by
    dependency (systemd.unit(5), "RefuseManualStart="). runs_once: a oneshot that does not remain after its exit. is_frozen:
    by `systemctl freeze`, or with its slice.

    By the definitions that are loaded: triggered_by: the sockets, timers and paths that start it. required_by: the units
    that are stopped with it, since they cannot run without it (Requires=, Requisite=, BindsTo=); followed_by: those that
    are stopped with it, but could run without it (PartOf=, StopPropagatedFrom=). A restart reaches both. systemd.unit(5)
    """

    name: str
    load: str = "not-found"
    active: str = "inactive"
    sub: str = "dead"
    result: str = ""
    file_state: str = ""
    needs_reload: bool = False
    main_pid: int = 0
    restarts: int = 0
    invocation: str = ""
    exit_code: int = 0
    exit_status: int = 0
    started: int = 0
    left: int = 0
    entered: int = 0
    condition_met: bool = True
    can_reload: bool = False
    fragment: str = ""
    dropins: tuple[str, ...] = ()
    identity: Identity = Identity()
    environment_files: tuple[tuple[str, bool], ...] = ()
    stamp: str = ""
    other_stamps: tuple[str, ...] = ()
    release: str = ""
    given: Given | None = None
    job: int = 0
    start_timeout: float | None = None
    triggered_by: tuple[str, ...] = ()
    required_by: tuple[str, ...] = ()
    followed_by: tuple[str, ...] = ()
    refuses_start: bool = False
    runs_once: bool = False
    is_frozen: bool = False

    @property
    def stamps(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.stamp, *self.other_stamps)))

    @property
    def since(self) -> int:
        """When what runs now was started."""
        return self.started or self.entered

    @property
    def is_up(self) -> bool:
        """Running, or on its way; a unit that waits for its automatic restart is not."""
        return self.is_running or self.is_starting

    @property
    def is_running(self) -> bool:
        """It has come up, and is not on its way any more."""
        return self.active in ("active", "reloading", "refreshing")

    @property
    def is_starting(self) -> bool:
        """A start is under way that is no automatic restart which is waited for."""
        return self.active == "activating" and not self.is_looping

    @property
    def is_queued(self) -> bool:
        """It is down, or goes down, and a job of it waits: to start it again, where it was restarted along with another unit.
        `systemctl restart` waits for the jobs of the units that it was given, not for those that came along.
        """
        return self.job != 0 and self.active in ("inactive", "deactivating")

    @property
    def is_looping(self) -> bool:
        return self.sub.startswith("auto-restart")

    @property
    def loops_well(self) -> bool:
        """It ends by itself, ends well, and is started again: what Restart=always is used for, too."""
        return self.is_looping and self.result in ("", "success") and (self.exit_code, self.exit_status) == (1, 0)

    @property
    def is_in_transition(self) -> bool:
        """It is about to be something else, by a job of somebody else or by itself: that decides what is to be done."""
        return self.active in ("deactivating", "reloading", "refreshing", "maintenance")

    @property
    def is_skipped(self) -> bool:
        """systemd was asked to start it, and has not, for a condition of its unit is not met: that is no failure.
        systemd.unit(5), "CONDITIONS AND ASSERTS"; systemd.service(5), "ExecCondition="
        """
        return self.active == "inactive" and (not self.condition_met or self.result == "exec-condition")

    @property
    def is_forgotten(self) -> bool:
        """It is down, and systemd has unloaded it: nothing is known of why. What nothing refers to is unloaded at once."""
        return self.active == "inactive" and not self.invocation and self.exit_code == 0 and not self.is_skipped

    @property
    def is_job(self) -> bool:
        """It has begun something that ends by itself, and is not to be begun again: systemd.service(5), "Type=oneshot"."""
        return self.runs_once and self.active == "activating" and not self.is_looping

    @property
    def is_stuck(self) -> bool:
        """It reloads, and was waited for in vain (observe.py): systemd takes no other reload until that ends, but can
        stop it. Its process may have sent RELOADING=1, and never READY=1 (sd_notify(3)), which needs no job.
        """
        return self.active in ("reloading", "refreshing")

    @property
    def began(self) -> int:
        """Its main process, or what was to run before it and failed."""
        return self.started or self.left

    @property
    def has_failed(self) -> bool:
        return self.active == "failed"


@dataclass(frozen=True)
class Exposure:
    """What systemd-analyze(1) "security" says of a service. score: from 0 to 10, more is worse; gaps: what adds to it, the
    directives that would fix it with their share of the score, the largest first.
    """

    score: float
    gaps: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class PredecessorState:
    """What else must be known of a predecessor (desired.predecessor). is_strict: systemd ends all of its processes with it."""

    is_enabled: bool = False
    is_strict: bool = False


@dataclass(frozen=True)
class Manifest:
    """What a stack owns on the host, written there before it is acted on.

    complete: False while a run is under way, or was interrupted; only then previous (path → sha256 of files before that
    run), pending (units that it was about to have running), unproven (units that were to prove healthy) and proven (the
    state that was last seen healthy: proven.py) say anything.
    files: path → sha256. sealed: those of them that are encrypted → digest of the secret (credentials.py). sealed_by: the
    same → which key of the host they were encrypted with.
    links: path → target. directories: those made for the stack.
    originals: path → where a file of somebody else is kept, "" where it was the same as ours.
    releases: directory of a daemon → its releases, latest first; a release of the collection that kept one alone has
    recorded that one, the last before the live one, as text. owned: the units that go when the stack goes.
    units: name → what was applied at the last start that a run has seen (stamp.Stamps, staleness.py). notices: unit →
    {invocation, digest} (desired.Notified). exposure: service → its score when its unit was last written. predecessor:
    {unit, ran, enabled}, as it was before it gave way; empty without one.
    declared_by: the module that declared it last, "" where an older release of the collection has not recorded that.
    hidden: unit → {path, ran}, the foreign unit whose name it has taken. replaced: path → {target, unit}, a foreign link that
    gave way; it comes back when nothing of ours lies there any more, or with a unit when that goes (hidden_units.py).
    previous_links: path → target of links before a run, as previous of files.
    """

    stack: str
    complete: bool = True
    files: Mapping[str, str] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    sealed_by: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)
    directories: tuple[str, ...] = ()
    releases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owned: tuple[str, ...] = ()
    units: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    exposure: Mapping[str, float] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    proven: Mapping[str, Any] = field(default_factory=dict)
    predecessor: Mapping[str, Any] = field(default_factory=dict)
    declared_by: str = ""
    hidden: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    replaced: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    previous_links: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values only: tuples become lists, as they are when read back."""
        values = {name: getattr(self, name) for name in _MANIFEST_FIELDS}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return {"version": MANIFEST_VERSION, **plain}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Manifest:
        """What an older release of the collection did not know has its default. Raises KeyError, TypeError."""
        values: dict[str, Any] = {"stack": stored["stack"]}
        for name in _MANIFEST_FIELDS:
            if name in stored:
                values[name] = tuple(stored[name]) if isinstance(stored[name], list) else stored[name]
        recorded = values.get("releases", {})
        values["releases"] = {home: (kept,) if isinstance(kept, str) else tuple(kept) for home, kept in recorded.items()}
        return cls(**values)

    def wrote(self, path: str) -> tuple[str, ...]:
        """The digests that this stack may have left at a path; none where it does not own it."""
        return tuple(digest for digest in (self.files.get(path), self.previous.get(path)) if digest)

    def linked(self, path: str) -> tuple[str, ...]:
        """The same for a link: the targets that this stack may have given it."""
        return tuple(target for target in (self.links.get(path), self.previous_links.get(path)) if target)


_MANIFEST_FIELDS = tuple(spec.name for spec in fields(Manifest))


_NO_PATH, _NO_RELEASE = PathState(), ReleaseState()


@dataclass(frozen=True)
class Observed:
    """The host. paths: every path that was asked for. links: path → target of all that enables a unit of the stack.

    releases: directory of a release → its state, of those that are declared or on record.
    instances: template → its instances that systemd has loaded. owners: path → the other stack that owns it. lingers:
    the manager of a user runs without a login, made_to_linger: for one of our stacks. is_last_stack: of this manager.
    exposure: service → score, where it is known. missing_accounts: users and groups that files of the stack make.
    sysv_enabled: units whose scripts of SysV init are started at boot. along: units that are not of the stack, but are
    stopped and restarted with its units (propagation.py). foreign: unit → what a start of it applies, and this stack has not
    written. stamps_of_others: unit → the stamps that other stacks have on record for it.
    in_use: directory of a release that is old enough to go → a process that runs from it.
    hidden: unit or alias that is about to be new → the foreign unit that has this name until now. needed: path that this
    stack no longer needs → the unit of another stack that names it.
    """

    paths: Mapping[str, PathState]
    units: Mapping[str, UnitState]
    links: Mapping[str, str]
    manifest: Manifest | None
    releases: Mapping[str, ReleaseState] = field(default_factory=dict)
    instances: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    lingers: bool = True
    made_to_linger: bool = False
    is_last_stack: bool = False
    manager_runs: bool = True
    exposure: Mapping[str, float] = field(default_factory=dict)
    sysv_enabled: frozenset[str] = frozenset()
    now: int = 0
    missing_accounts: frozenset[str] = frozenset()
    foreign: Mapping[str, tuple[Foreign, ...]] = field(default_factory=dict)
    stamps_of_others: Mapping[str, frozenset[str]] = field(default_factory=dict)
    predecessor: PredecessorState = PredecessorState()
    along: frozenset[str] = frozenset()
    in_use: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, UnitFileState] = field(default_factory=dict)
    needed: Mapping[str, str] = field(default_factory=dict)

    def path(self, path: str) -> PathState:
        return self.paths.get(path, _NO_PATH)

    def release(self, path: str) -> ReleaseState:
        return self.releases.get(path, _NO_RELEASE)

    def unit(self, name: str) -> UnitState:
        return self.units.get(name) or UnitState(name)

    def record(self, name: str) -> Mapping[str, Any] | None:
        """What is on record of the start that a unit is in; None of any other."""
        record = self.manifest.units.get(name) if self.manifest else None
        return record if record is not None and record["invocation"] == self.unit(name).invocation else None

    def last_record(self, name: str) -> Mapping[str, Any] | None:
        """The same of the last start that a run has seen."""
        return self.manifest.units.get(name) if self.manifest else None

    @property
    def was_interrupted(self) -> bool:
        return self.manifest is not None and not self.manifest.complete

    def is_unproven(self, unit: str) -> bool:
        """A run that was cut off was about to have it running, or did not watch it to the end."""
        return self.was_interrupted and self.manifest is not None and unit in (*self.manifest.pending, *self.manifest.unproven)
