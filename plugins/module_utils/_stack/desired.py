# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host shall hold: files, links and units, as values."""

from __future__ import annotations

from dataclasses import dataclass
from .model import Source


@dataclass(frozen=True)
class Scope:
    """Where things lie on the managed node."""

    unit_directory: str = "/etc/systemd/system"
    release_directory: str = "/opt"
    state_directory: str = "/var/lib/daemonic.systemd"

    def unit_path(self, unit: str) -> str:
        return f"{self.unit_directory}/{unit}"

    def manifest_path(self, stack: str) -> str:
        return f"{self.state_directory}/{stack}.json"


@dataclass(frozen=True)
class File:
    """A regular file. None for owner, group or mode: as it is, or root, root and 0644 for a new file.

    place: the entry of the declaration that asks for it.
    """

    path: str
    source: Source
    place: str
    owner: str | None = None
    group: str | None = None
    mode: int | None = None

    @property
    def is_secret(self) -> bool:
        """Not readable by all: its content is never shown."""
        return self.mode is not None and not self.mode & 0o004


@dataclass(frozen=True)
class Link:
    """A symbolic link. reason: why it is there, for the reader of the plan."""

    path: str
    target: str
    reason: str


@dataclass(frozen=True)
class Unit:
    """One unit of the stack.

    state: started, stopped, or unmanaged (never started or stopped, but restarted when it runs with an old
    configuration). stamp: the digest of all that a restart would apply, which the process carries (stamp.py).
    links: what enables it. runs_once: a oneshot service without RemainAfterExit, which is inactive when all is well.
    inputs: the stack's files that its process reads. release: the `current` link of the daemon. socket: the socket
    unit of the stack that starts it.
    """

    name: str
    path: str
    text: str
    place: str
    stamp: str
    state: str
    enabled: bool
    links: tuple[Link, ...]
    runs_once: bool = False
    inputs: tuple[str, ...] = ()
    release: Link | None = None
    socket: str = ""

    @property
    def is_template(self) -> bool:
        return "@." in self.name


@dataclass(frozen=True)
class Desired:
    """All of one stack, in the order in which it is written. scripts: what must compile, by interpreter."""

    stack: str
    scope: Scope
    files: tuple[File, ...]
    links: tuple[Link, ...]
    units: tuple[Unit, ...]
    scripts: tuple[tuple[str, File], ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(item.path for item in (*self.files, *self.links))
