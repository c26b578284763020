# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the things of a scope lie on the managed node, and whether a service manager answers for it. Data."""

from __future__ import annotations

import hashlib
from typing import Literal, Mapping

from .._dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Scope:
    """kind: system, user or global. has_manager: units can be started; without one only files and links are made.

    unit_path: where units are searched, first wins (systemd.unit(5), "Unit File Load Path"); the first is ours.
    data_directories: kind → where StateDirectory= and the like lie, one of them by version (systemd.exec(5)); timers: the
    stamps of persistent ones (systemd.timer(5)). runtime_directory: of what systemctl(1) does with --runtime.
    """

    kind: Literal["system", "user", "global"]
    unit_path: tuple[str, ...]
    release_directory: str
    state_directory: str
    default_target: str
    data_directories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has_manager: bool = True
    root: str = ""
    runtime_directory: str = ""

    @property
    def unit_directory(self) -> str:
        return self.unit_path[0]

    @property
    def link_directories(self) -> tuple[str, ...]:
        """Where links enable and mask units: for good, and until the next boot."""
        return tuple(filter(None, (self.unit_directory, self.runtime_directory)))

    def path_of(self, unit: str) -> str:
        return f"{self.unit_directory}/{unit}"

    @property
    def state_parents(self) -> tuple[str, ...]:
        """The directories made for records alone, deepest first."""
        above = self.state_directory.rpartition("/")[0]
        if self.kind == "user":
            return (self.state_directory, above, above.rpartition("/")[0])
        return (self.state_directory, above) if self.kind == "global" else (self.state_directory,)

    @property
    def linger_path(self) -> str:
        """Is there when the user's manager was made to linger for one of our stacks."""
        return f"{self.state_directory}/made-to-linger"

    @property
    def digest_key_path(self) -> str:
        """The key of this host under which secrets are digested (stamp.py)."""
        return f"{self.state_directory}/digest-key"

    def credential_path(self, daemon: str, name: str) -> str:
        return f"{self.credentials_directory}/{daemon}/{name}"

    @property
    def credentials_directory(self) -> str:
        return f"{self.state_directory}/credentials"

    def directory_mode(self, path: str) -> int:
        """Of a directory that is made for a file below it."""
        return 0o700 if f"{path}/".startswith(f"{self.credentials_directory}/") else 0o755

    def manifest_path(self, stack: str) -> str:
        return f"{self.state_directory}/{stack}.json"

    def sysusers_path(self, stack: str) -> str:
        """Where its accounts are declared; the prefix keeps it from hiding a file of a package."""
        return f"/etc/sysusers.d/daemonic-{stack}.conf"

    def history_path(self, stack: str) -> str:
        """The declaration that is live and the one before it."""
        return f"{self.state_directory}/{stack}.history"

    def original_path(self, stack: str, path: str) -> str:
        """Where a file of somebody else is kept while the stack has its place."""
        digest = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return f"{self.originals_directory(stack)}/{digest}"

    def originals_directory(self, stack: str) -> str:
        return f"{self.state_directory}/{stack}.originals"


_SYSTEM = Scope(
    kind="system",
    unit_path=(
        "/etc/systemd/system",
        "/run/systemd/transient",
        "/run/systemd/system",
        "/run/systemd/generator",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
        "/run/systemd/generator.late",
    ),
    release_directory="/opt",
    state_directory="/var/lib/daemonic.systemd",
    default_target="multi-user.target",
    runtime_directory="/run/systemd/system",
    data_directories={
        "state": ("/var/lib", "/var/lib/private"),
        "cache": ("/var/cache", "/var/cache/private"),
        "logs": ("/var/log", "/var/log/private"),
        "configuration": ("/etc",),
        "timers": ("/var/lib/systemd/timers",),
    },
)
_GLOBAL = Scope(
    kind="global",
    unit_path=(
        "/etc/systemd/user",
        "/run/systemd/user",
        "/usr/local/lib/systemd/user",
        "/usr/local/share/systemd/user",
        "/usr/lib/systemd/user",
        "/usr/share/systemd/user",
    ),
    release_directory="/opt",
    state_directory="/var/lib/daemonic.systemd/global",
    default_target="default.target",
    has_manager=False,
    runtime_directory="/run/systemd/user",
)


def scope_of(kind: str, home: str = "", root: str = "") -> Scope:
    """home: of the user, for the scope of a user. root: of an image that is not running."""
    if kind == "user":
        own = (f"{home}/.config/systemd/user", f"{home}/.local/share/systemd/user")
        return Scope(
            kind="user",
            unit_path=(*own[:1], *_GLOBAL.unit_path[:2], *own[1:], *_GLOBAL.unit_path[2:]),
            release_directory=f"{home}/.local/lib/daemonic.systemd",
            state_directory=f"{home}/.local/state/daemonic.systemd",
            default_target="default.target",
            data_directories={
                "state": (f"{home}/.local/state", f"{home}/.config"),
                "cache": (f"{home}/.cache",),
                "logs": (f"{home}/.local/state/log", f"{home}/.config/log"),
                "configuration": (f"{home}/.config",),
                "timers": (f"{home}/.local/share/systemd/timers",),
            },
        )
    scope = _GLOBAL if kind == "global" else _SYSTEM
    return replace(scope, root=root, has_manager=scope.has_manager and not root)
