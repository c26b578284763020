# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host shall hold: files, links and units, as values."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal, Mapping

from .._dataclasses import dataclass, field
from .._declaration.entry_point import EntryPoint
from .._declaration.model import How, Predecessor
from .._declaration.probe import Probe
from .._declaration.source import Source
from .._unitfile.syntax import Document
from .scope import Scope
from .stamp import Stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trial import Trial

READABLE_BY_ALL = 0o004


@dataclass(frozen=True)
class Seal:
    """What a file holds encrypted (credentials.py). name: of the credential; digest: of the secret, with the host's key.

    secret: where the file must be written, else None. key: what tells the host's key for it from another one. why: it must
    be encrypted again, "" for no reason of its own.
    """

    name: str
    digest: str
    secret: bytes | None = field(default=None, repr=False)
    key: str = ""
    why: str = ""


@dataclass(frozen=True)
class File:
    """A regular file. None for owner, group or mode: as it is, or root, root and 0644 for a new file.

    place: the entry of the declaration that asks for it. seal: of one that is encrypted on the host before it is written.
    """

    path: str
    source: Source
    place: str
    owner: str | None = None
    group: str | None = None
    mode: int | None = None
    seal: Seal | None = None

    @property
    def is_secret(self) -> bool:
        """Not readable by all: its content is never shown."""
        return self.mode is not None and not self.mode & READABLE_BY_ALL


@dataclass(frozen=True)
class Link:
    """A symbolic link. reason: why it is there, for the reader of the plan."""

    path: str
    target: str
    reason: str


SourceKind = Literal["tree", "wheel", "script", ""]


@dataclass(frozen=True)
class Build:
    """A release that is made on the host, in its own directory, for virtual environments cannot be moved.

    kind: of its source: tree, wheel, script, or "" for requirements alone. python: the interpreter that the environment
    is made with. wheels, remote_wheels: where requirements come from, instead of an index; from_source: they may be built of
    their source. entry, imports: what must be there before anything is switched; user, environment: as whom and with what
    variables its declaration has it tried, and trial: what its service makes of that (trial.py).
    """

    path: str
    place: str
    python: str
    kind: SourceKind
    source: Source | None
    entry: EntryPoint
    requirements: tuple[str, ...] = ()
    wheels: tuple[Source, ...] = ()
    remote_wheels: str = ""
    imports: tuple[str, ...] = ()
    user: str = ""
    runs_unprivileged: bool = False
    environment: Mapping[str, Any] = field(default_factory=dict, repr=False)
    has_venv: bool = False
    from_source: bool = False
    trial: Trial | None = field(default=None, repr=False)

    @property
    def source_directory(self) -> str:
        return f"{self.path}/source"

    @property
    def venv(self) -> str:
        return f"{self.path}/venv"

    @property
    def interpreter(self) -> str:
        return f"{self.venv}/bin/python" if self.has_venv else self.python

    @property
    def command(self) -> tuple[str, ...]:
        """The command line of its service, without arguments."""
        if self.entry.kind == "command":
            return (f"{self.venv}/bin/{self.entry.name}",)
        if self.entry.kind == "module":
            return (self.interpreter, "-m", self.entry.name)
        return (self.interpreter, f"{self.source_directory}/{self.entry.name}")

    @property
    def working_directory(self) -> str:
        """Where Python looks for the modules of the source: python -m does, and so do gunicorn and the like."""
        return self.source_directory if self.kind in ("tree", "script") else ""

    @property
    def tests(self) -> tuple[str, ...]:
        """What is tried, by name; a release that was made for another entry has not passed this one's."""
        return (str(self.entry), *(f"import {name}" for name in self.imports))

    @property
    def travels(self) -> tuple[Source, ...]:
        """What the host needs of the controller to make it."""
        return (*((self.source,) if self.source else ()), *self.wheels)


@dataclass(frozen=True)
class Notified:
    """A unit that must reload or restart when files change. digest: of all of them; files: path → sha256."""

    unit: str
    action: str
    files: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class Unit:
    """One unit of the stack.

    path: its unit file; has_file: the stack writes it. document: all that the stack defines of it, drop-ins included,
    without the stamp; of a unit that is `installed` its unit file. stamps: what it must have applied when it runs
    (stamp.py). state: see words.STATES; unmanaged: never started or stopped, but restarted when it runs with an old
    configuration. enabled: None where the stack leaves its links
    alone. runs_once: a oneshot service without RemainAfterExit, which is inactive when all is well. inputs: the stack's
    files that its process reads, path → digest as it goes into the stamp. release: the `current` link of the daemon.
    sockets: the socket units of the stack that start it. per_connection: a template of which a socket starts an instance
    for each connection.
    is_instance: one of the `instances` of a template. health: how it is asked whether it is well.
    installed: of a unit of which something is asked without defining it (existing_units.py): what lies there
    (unit_file_state.py), or sysv. is_companion: nothing is asked of it, but its socket cannot be opened while it runs.
    shared: whose drop-ins are read for it, too: of its template, and of the stack's for several units.
    Of one that the stack does not define: is_on_disk, something else has put its file there; is_generated, systemd makes it
    of files of the stack (generators.py).
    """

    name: str
    path: str
    has_file: bool
    document: Document
    place: str
    stamps: Stamps
    state: str
    enabled: bool | None
    links: tuple[Link, ...]
    masked: bool | None = None
    on_change: str = "auto"
    runs_once: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)
    release: Link | None = None
    sockets: tuple[str, ...] = ()
    per_connection: bool = False
    is_instance: bool = False
    health: Probe | None = None
    installed: str = ""
    is_companion: bool = False
    shared: tuple[str, ...] = ()
    is_on_disk: bool = False
    is_generated: bool = False

    @property
    def is_template(self) -> bool:
        return "@." in self.name

    @property
    def release_path(self) -> str:
        """The directory of the daemon's release; "" for other units."""
        return f"{self.release.path.rpartition('/')[0]}/{self.release.target}" if self.release else ""

    @property
    def wants_to_run(self) -> bool:
        return self.state not in _NOT_STARTED and not self.masked

    @property
    def is_left_alone(self) -> bool:
        """Whether it runs is not asked about."""
        return self.state == ""


# States in which what is down stays down; "" is that of a unit that is left alone.
_NOT_STARTED = ("", "stopped", "unmanaged", "try-restarted", "try-reload-or-restarted")


@dataclass(frozen=True)
class Desired:
    """All of one stack, in the order in which it is written.

    scripts: what must compile, by interpreter. builds: releases that are made on the host; keep_releases: how many of
    each daemon stay. notices: unit → what it must do when which files change.
    user: whose manager it is for, in the scope of a user. warnings: what a person should know of it. has_secrets: digests
    in it were made with the host's key. predecessor: who gives way to its sockets.
    is_partial: what is not declared is left as it is, and not the stack's to remove. shared: drop-ins for several units, by
    the prefix of their names or by their type; no unit, but checked as one. declared_by: the module.
    """

    stack: str
    scope: Scope
    files: tuple[File, ...] = ()
    links: tuple[Link, ...] = ()
    units: tuple[Unit, ...] = ()
    scripts: tuple[tuple[str, File], ...] = ()
    notices: tuple[Notified, ...] = ()
    adopt: bool = False
    user: str = ""
    warnings: tuple[str, ...] = ()
    has_secrets: bool = False
    builds: tuple[Build, ...] = ()
    keep_releases: int = 3
    how: How = How()
    is_partial: bool = False
    predecessor: Predecessor | None = None
    shared: tuple[Unit, ...] = ()
    declared_by: str = "stack"

    @cached_property
    def paths(self) -> tuple[str, ...]:
        return (*(file.path for file in self.files), *(link.path for link in self.links), *(build.path for build in self.builds))

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The units of which systemd can be asked, those among them that only take notice of files."""
        own = [unit.name for unit in self.units if not unit.is_template]
        own += [self.predecessor.unit] if self.predecessor else []
        return tuple(dict.fromkeys([*own, *(notice.unit for notice in self.notices)]))
