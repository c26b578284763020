# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host holds now, as values: read by _host/observe.py, judged by plan.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

MANIFEST_VERSION = 1


@dataclass(frozen=True)
class PathState:
    """A path as lstat(2) sees it. kind: missing, file, directory, link, other.

    content: of a file that is to be shown or compared, else None. changed: its ctime in µs of the monotonic clock.
    """

    kind: str = "missing"
    sha256: str = ""
    mode: int = 0
    owner: str = ""
    group: str = ""
    target: str = ""
    changed: int = 0
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class UnitState:
    """A unit as `systemctl show` has it. Times are µs of the monotonic clock; 0 where there is none.

    stamp: what the running process carries (stamp.py); "" where none was found.
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
    entered: int = 0
    condition_met: bool = True
    stamp: str = ""

    @property
    def is_up(self) -> bool:
        """Running, or on its way; a unit that waits for its automatic restart is not."""
        return self.active in ("active", "reloading", "refreshing") or (self.active == "activating" and not self.is_looping)

    @property
    def is_looping(self) -> bool:
        return self.sub.startswith("auto-restart")

    @property
    def has_failed(self) -> bool:
        return self.active == "failed"


@dataclass(frozen=True)
class Manifest:
    """What a stack owns on the host, written there before it is acted on.

    complete: False while a run is under way, or was interrupted. files: path → sha256. links: path → target.
    directories: those made for the stack. units: name → {stamp, invocation} of the last start that a run has seen.
    """

    stack: str
    complete: bool = True
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    directories: tuple[str, ...] = ()
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "version": MANIFEST_VERSION,
            "stack": self.stack,
            "complete": self.complete,
            "files": dict(self.files),
            "links": dict(self.links),
            "directories": list(self.directories),
            "units": {name: dict(unit) for name, unit in self.units.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Manifest:
        return cls(
            stack=stored["stack"],
            complete=stored["complete"],
            files=stored["files"],
            links=stored["links"],
            directories=tuple(stored["directories"]),
            units=stored["units"],
        )


@dataclass(frozen=True)
class Observed:
    """The host. paths: every path that was asked for. links: path → target of all that enables a unit of the stack."""

    paths: Mapping[str, PathState]
    units: Mapping[str, UnitState]
    links: Mapping[str, str]
    manifest: Manifest | None
    now: int = 0

    def path(self, path: str) -> PathState:
        return self.paths.get(path, PathState())

    def unit(self, name: str) -> UnitState:
        return self.units.get(name, UnitState(name))
