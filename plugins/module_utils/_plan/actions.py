# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be done to a host: a closed set. A plan is a sequence of these, and nothing else acts."""

from __future__ import annotations

from typing import ClassVar

from .._dataclasses import dataclass
from .._desired.desired import Build, File


@dataclass(frozen=True)
class Action:
    """target: the path or the unit. reason: for a person, in words of the declaration and the host."""

    target: str
    reason: str
    verb: ClassVar[str] = ""

    def as_result(self) -> dict[str, str]:
        return {"action": self.verb, "target": self.target, "reason": self.reason}


@dataclass(frozen=True)
class MakeDirectory(Action):
    mode: int = 0o755
    verb: ClassVar[str] = "create_directory"


@dataclass(frozen=True)
class WriteFile(Action):
    """Write the file beside its place and rename it over."""

    file: File
    verb: ClassVar[str] = "write"


@dataclass(frozen=True)
class BuildRelease(Action):
    """Make a release in its directory, and try it. Done before anything else is touched, as files are written beside."""

    build: Build
    verb: ClassVar[str] = "build_release"


@dataclass(frozen=True)
class TestRelease(Action):
    """Try a release that is there already for what it was not tried before; at the same point."""

    build: Build
    verb: ClassVar[str] = "test_release"


class CreateAccounts(Action):
    """Have systemd-sysusers(8) make the users and groups of a file, which stay: systemd never removes one."""

    verb = "create_accounts"


@dataclass(frozen=True)
class CreatePaths(Action):
    """Have systemd-tmpfiles(8) make what a file says. new: directories that were missing, deepest first; others: paths of
    what is no directory.
    """

    new: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    verb: ClassVar[str] = "create_paths"


@dataclass(frozen=True)
class SetAttributes(Action):
    """Owner, group and mode of a file whose content is right."""

    file: File
    verb: ClassVar[str] = "set_attributes"


@dataclass(frozen=True)
class MakeLink(Action):
    to: str
    verb: ClassVar[str] = "link"


@dataclass(frozen=True)
class SetAside(Action):
    """Keep a copy of somebody else's file before its place is taken."""

    to: str
    verb: ClassVar[str] = "set_aside"


@dataclass(frozen=True)
class Restore(Action):
    """Put back the file of somebody else that was there before the stack."""

    backup: str
    verb: ClassVar[str] = "restore"


class Remove(Action):
    """Remove a file or a link."""

    verb = "remove"


class PutBack(Action):
    """Put back what the path was before the transaction that failed: file, link, directory or nothing."""

    verb = "put_back"


@dataclass(frozen=True)
class Clean(Action):
    """Remove the directories that systemd has made for a unit (systemctl(1), "clean"). kinds: state, cache, …"""

    kinds: tuple[str, ...]
    verb: ClassVar[str] = "clean"


@dataclass(frozen=True)
class RemoveNode(Action):
    """Remove the Unix socket, FIFO, message queue, or the link to one, that a closed socket unit has left; not what
    somebody else than its service listens at, nor anything else that lies there.
    """

    service: str
    verb: ClassVar[str] = "remove_node"


class RemoveDirectory(Action):
    """Remove a directory if nothing is left in it."""

    verb = "remove_directory"


class RemoveRelease(Action):
    """Remove the directory of a release that was built, with all that is in it."""

    verb = "remove_release"


class EnableLinger(Action):
    """Have a user's service manager run without a login, and start it."""

    verb = "enable_linger"


class StartManager(Action):
    """Start a user's service manager that lingers, but does not run."""

    verb = "start_manager"


class DisableLinger(Action):
    verb = "disable_linger"


class Enable(Action):
    """Enable a unit by systemctl itself: one that has no unit file with an [Install] section, but a script of SysV init."""

    verb = "enable"


class Disable(Action):
    verb = "disable"


@dataclass(frozen=True)
class DaemonReload(Action):
    """is_needed: the manager does not know what lies on the disk; else the task asks for it, and it changes nothing."""

    is_needed: bool = True
    verb: ClassVar[str] = "daemon_reload"


@dataclass(frozen=True)
class DaemonReexec(Action):
    """Execute the manager again, which reads all unit files, too."""

    is_needed: bool = False
    verb: ClassVar[str] = "daemon_reexec"


@dataclass(frozen=True)
class TakeOverPorts(Action):
    """Have a service give up its ports, (protocol, number), and leave its clients alone (desired.predecessor).

    is_strict: systemd would end the processes that serve them with it.
    """

    ports: tuple[tuple[str, int], ...]
    signal: str
    is_strict: bool
    verb: ClassVar[str] = "hand_over"


class ResetFailed(Action):
    verb = "reset_failed"


class Stop(Action):
    verb = "stop"


class Start(Action):
    verb = "start"


class Restart(Action):
    verb = "restart"


class Reload(Action):
    verb = "reload"


UNIT_ACTIONS = (ResetFailed, Stop, Start, Restart, Reload)
OF_THE_MANAGER = (DaemonReload, DaemonReexec)
# What makes something new, whose SELinux label is that of its place.
WRITES = (MakeDirectory, WriteFile, MakeLink, Restore)
# What cannot be put back is done last, when the units have proven to be healthy.
LAST_ACTIONS = (RemoveRelease, RemoveDirectory)
