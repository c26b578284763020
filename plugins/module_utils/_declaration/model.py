# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration as the user wrote it, typed: a stack of daemons, units and files."""

from __future__ import annotations

from typing import Any, Mapping

from .._dataclasses import dataclass
from .._unitfile.names import BadUnitName, split_unit_name
from . import application
from . import options as opt
from .constants import HARDENING, ON_CHANGE, RESTARTS, SERVICE_TYPES, STATES
from .credentials import credentials
from .options import InvalidValue, option
from .probe import Probe, probe
from .problems import Problems
from .source import Source, inline, read_by_the_controller
from .users import User


def source_or_sections(value: Any) -> Source | dict[str, Any]:
    """A drop-in: text, what the controller read, or its sections."""
    if isinstance(value, Mapping) and all(str(key)[:1].isupper() for key in value):
        return opt.mapping(value)
    if isinstance(value, Mapping) and set(value) == {"content"}:
        value = value["content"]
    return inline(value)


def drop_ins(value: Any) -> dict[str, Source | dict[str, Any]]:
    """Name → drop-in. The name is that of the file, without .conf."""
    found = {}
    for name, definition in opt.mapping(value).items():
        plain = name[:-5] if name.endswith(".conf") else name
        if not plain or "/" in plain or plain.startswith(".") or not opt.is_visible(plain):
            raise InvalidValue(
                f"has a drop-in with the name {name!r}", "Name it as a file in the .d folder, for example 10-limits."
            )
        found[plain] = source_or_sections(definition)
    return found


def instances(value: Any) -> tuple[str, ...]:
    """Names of instances, or a count: 3 is 1, 2 and 3."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= 1000:
            raise InvalidValue("is no sensible number of instances", "Choose a number from 0 to 1000, or give names.")
        return tuple(str(number) for number in range(1, value + 1))
    names = opt.words(value)
    for name in names:
        if not name or set(name) - INSTANCE_CHARACTERS:
            raise InvalidValue(f"has an instance with the name {name!r}", "Escape it as systemd-escape does.")
    return names


# systemd.unit(5): what a unit's name may consist of.
INSTANCE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.\\@-")


@dataclass(frozen=True)
class Notice:
    """A unit that must do something when a file changes: one of `notify`."""

    unit: str = option(opt.text)
    action: str = option(opt.choice("reload", "restart"), "restart")


def notices(value: Any) -> tuple[Notice, ...]:
    """A list of {unit, action}; the name of a unit alone restarts it."""
    found = []
    for item in value if isinstance(value, (list, tuple)) else [value]:
        problems = Problems()
        notice = opt.read(Notice, "notify", item if isinstance(item, Mapping) else {"unit": item}, problems)
        if notice is None:
            problem = problems.found[0]
            raise InvalidValue(
                f"{problem.place.partition('.')[2] or 'the entry'}: {problem.problem}", "Write {unit: …, action: restart}."
            )
        try:
            name = split_unit_name(notice.unit)
        except BadUnitName as error:
            raise InvalidValue(f"{notice.unit!r} {error.problem}", error.remedy) from None
        if name.is_template:
            raise InvalidValue(f"{notice.unit} is a template", f"Name its instances, such as {name.prefix}@a.{name.type}.")
        found.append(notice)
    return tuple(found)


@dataclass(frozen=True)
class Daemon:
    """One Python daemon: an entry of `daemons`. says_state: its state is not the default."""

    name: str
    script: Source | str | None = option(application.script, None, secret=True)
    source: application.Application | None = option(application.application, None)
    module: str = option(application.module, "")
    command: str = option(application.command, "")
    requirements: tuple[str, ...] = option(application.requirements, ())
    wheelhouse: application.Wheelhouse | None = option(application.wheelhouse, None)
    build_from_source: bool = option(opt.flag, False)
    imports: tuple[str, ...] = option(application.modules, ())
    description: str = option(opt.text, "")
    python: str = option(opt.text, "python3")
    args: tuple[str, ...] = option(opt.arguments, (), secret=True)
    environment: Mapping[str, Any] | None = option(opt.mapping, None, secret=True)
    credentials: Mapping[str, Source] | None = option(credentials, None, secret=True)
    user: str = option(opt.text, "")
    group: str = option(opt.text, "")
    dynamic_user: bool = option(opt.flag, False)
    working_directory: str = option(opt.text, "")
    type: str = option(opt.choice(*SERVICE_TYPES), "")
    restart: str = option(opt.choice(*RESTARTS), "")
    socket: Mapping[str, Any] | None = option(opt.mapping, None, secret=True)
    accept: bool = option(opt.flag, False)
    activation: str = option(opt.choice("lazy", "eager"), "lazy")
    hardening: str = option(opt.choice(*HARDENING), "none")
    wanted_by: tuple[str, ...] | None = option(opt.words, None)
    after: tuple[str, ...] = option(opt.words, ())
    unit: Mapping[str, Any] | None = option(opt.mapping, None, secret=True)
    service: Mapping[str, Any] | None = option(opt.mapping, None, secret=True)
    install: Mapping[str, Any] | None = option(opt.mapping, None, secret=True)
    enabled: bool | None = option(opt.flag, None)
    on_change: str = option(opt.choice(*ON_CHANGE), "auto")
    health: Probe | None = option(probe, None)
    state: str = option(opt.choice(*STATES), "started")
    says_state: bool = False

    @property
    def service_type(self) -> str:
        """What it says itself: Type= of its own directives wins over the option."""
        return str((self.service or {}).get("Type") or self.type)

    @property
    def says_when_it_starts(self) -> bool:
        """At boot: for what, or that it is."""
        return self.wanted_by is not None or self.enabled is not None or bool(set(self.install or {}) & _STARTING)


_STARTING = frozenset(("WantedBy", "RequiredBy", "UpheldBy"))


@dataclass(frozen=True)
class UnitEntry:
    """One unit that is given as such: an entry of `units`. At most one of content and sections is set.

    With neither it is a unit that something else has installed, of which only the rest is managed.
    """

    name: str
    content: Source | None = option(inline, None, secret=True)
    src: None = option(read_by_the_controller, None)
    template: None = option(read_by_the_controller, None)
    sections: Mapping[str, Any] | None = option(opt.mapping, None, secret=True)
    dropins: Mapping[str, Any] | None = option(drop_ins, None, secret=True)
    instances: tuple[str, ...] | None = option(instances, None)
    enabled: bool | None = option(opt.flag, None)
    masked: bool | None = option(opt.flag, None)
    on_change: str = option(opt.choice(*ON_CHANGE), "auto")
    health: Probe | None = option(probe, None)
    state: str = option(opt.choice(*STATES), "")

    @property
    def is_defined(self) -> bool:
        """The stack writes its unit file."""
        return self.content is not None or self.sections is not None


@dataclass(frozen=True)
class FileEntry:
    """One file: an entry of `files`. The controller has turned src and template into content."""

    path: str
    content: Source | None = option(inline, None, secret=True)
    src: None = option(read_by_the_controller, None)
    template: None = option(read_by_the_controller, None)
    owner: str = option(opt.text, "")
    group: str = option(opt.text, "")
    mode: int | None = option(opt.file_mode, None)
    notify: tuple[Notice, ...] = option(notices, ())


@dataclass(frozen=True)
class How:
    """What the task asks of the manager besides. daemon_reload, daemon_reexec: even if nothing needs it. no_block: queue
    jobs, and neither wait for them nor watch. force: replace links that somebody else has made. may_be_offline: where
    systemd does not run, change files and links alone.
    """

    daemon_reload: bool = False
    daemon_reexec: bool = False
    no_block: bool = False
    force: bool = False
    may_be_offline: bool = False


@dataclass(frozen=True)
class Predecessor:
    """A service of somebody else that listens where sockets of the stack are to, and gives way to them.

    ports: those, as (protocol, number). reads: the files that say where it listens. goes_on: it has something else to
    serve. signal: ends it and leaves alone what serves its clients.
    """

    unit: str
    ports: tuple[tuple[str, int], ...]
    reads: tuple[str, ...]
    goes_on: bool
    signal: str


@dataclass(frozen=True)
class Stack:
    """Everything that one task declares. state is "present", "rolled_back", "validated" or "absent"; settle is in seconds.

    rollback_on_failure: put everything back when it fails. adopt: take over files that others have made or changed. scope:
    "system", "user" or "global"; user: whose, for the scope of a user; root: the folder of an image that is not
    running, or "". unsafe: one of words.UNSAFE. max_exposure: that `systemd-analyze security` may find of a service, from 0
    to 10. keep_releases: of each daemon. predecessor: who served before; no task declares it, but some modules do.

    is_partial: `units` are what is asked of some that are there, and of nothing else (_desired/existing_units.py); patterns: the
    same is asked of all that fit, by entries that have the pattern in place of a name. warnings: what was found so far.
    declared_by: the module, "stack" or "daemon"; those of units have names of their own.
    """

    name: str
    state: str
    settle: float
    rollback_on_failure: bool = True
    adopt: bool = False
    scope: str = "system"
    user: str = ""
    root: str = ""
    unsafe: str = "error"
    max_exposure: float | None = None
    keep_releases: int = 3
    daemons: tuple[Daemon, ...] = ()
    units: tuple[UnitEntry, ...] = ()
    files: tuple[FileEntry, ...] = ()
    users: tuple[User, ...] = ()
    how: How = How()
    is_partial: bool = False
    patterns: tuple[UnitEntry, ...] = ()
    warnings: tuple[str, ...] = ()
    predecessor: Predecessor | None = None
    declared_by: str = "stack"
