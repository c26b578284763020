# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets of a daemon's `hardening`, as data: what a Python daemon can bear, one row a directive, each with its reason.

standard breaks hardly anything: no row takes away a file, device or kind of socket that daemons commonly use. strict is for a
daemon that reads its release and its configuration, writes where systemd has made it a place (StateDirectory=,
LogsDirectory= …) and talks over IP and Unix sockets. docs/hardening.md shows these tables; what was measured stands there.
https://www.freedesktop.org/software/systemd/man/systemd.exec.html#Sandboxing
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .._dataclasses import dataclass
from .._declaration.constants import HARDENING
from .._declaration.model import Daemon
from .scope import Scope

NONE, STANDARD, STRICT = HARDENING


@dataclass(frozen=True)
class Row:
    """preset: the one that begins to set it; strict has the rows of standard, too, and its own value where it has one.

    since: the oldest systemd that knows it; 247 stands for every one that is supported. for_users: a user's manager can do
    it; the others need privileges, and fail (218/CAPABILITIES) or do nothing there on 247 and 252. implied: DynamicUser=yes
    sets it, or something stricter.
    """

    directive: str
    value: str | tuple[str, ...]
    preset: str
    because: str
    since: int = 247
    for_users: bool = False
    implied: bool = False


TABLE: tuple[Row, ...] = (
    Row(
        "NoNewPrivileges",
        "yes",
        STANDARD,
        "nothing it runs gains rights (sudo, set-uid); most other rows imply it where it is not root",
        for_users=True,
        implied=True,
    ),
    Row("ProtectSystem", "full", STANDARD, "/usr, /boot and /etc are read-only; /opt, /srv and /var stay writable", implied=True),
    Row("PrivateTmp", "yes", STANDARD, "a /tmp of its own: nobody can lay traps at names that it uses", implied=True),
    Row("ProtectKernelTunables", "yes", STANDARD, "/proc/sys and /sys are read-only"),
    Row("ProtectKernelModules", "yes", STANDARD, "loads no kernel modules"),
    Row("ProtectKernelLogs", "yes", STANDARD, "does not read the kernel's log"),
    Row("ProtectControlGroups", "yes", STANDARD, "/sys/fs/cgroup is read-only; containers are run by other services"),
    Row("LockPersonality", "yes", STANDARD, "no program of today changes its execution domain", for_users=True),
    Row("RestrictSUIDSGID", "yes", STANDARD, "makes no set-uid files", for_users=True, implied=True),
    Row("SystemCallArchitectures", "native", STANDARD, "no calls by way of another architecture", for_users=True),
    Row(
        "ProtectSystem",
        "strict",
        STRICT,
        "all is read-only but what StateDirectory=, LogsDirectory=, ReadWritePaths= … name",
        implied=True,
    ),
    Row("ProtectHome", "yes", STRICT, "/home, /root and /run/user are empty"),
    Row("PrivateDevices", "yes", STRICT, "no serial ports, disks or cameras; /dev/null, /dev/urandom and the like stay"),
    Row("ProtectClock", "yes", STRICT, "does not set the clock; closes all devices, too, and hence is not in standard"),
    Row("ProtectHostname", "yes", STRICT, "does not set the host's name; it is not told of a new one either"),
    Row("ProtectProc", "invisible", STRICT, "the processes of other users cannot be seen"),
    Row(
        "PrivateIPC", "yes", STRICT, "System V and POSIX queues of its own; multiprocessing uses /dev/shm and goes on", since=248
    ),
    Row("RemoveIPC", "yes", STRICT, "its System V objects go when it stops; without effect for root", implied=True),
    Row("RestrictRealtime", "yes", STRICT, "cannot take the processor for itself", for_users=True),
    Row(
        "RestrictNamespaces", "yes", STRICT, "makes no containers; a browser that it starts would have no sandbox", for_users=True
    ),
    Row(
        "RestrictAddressFamilies",
        "AF_INET AF_INET6 AF_UNIX",
        STRICT,
        "getaddrinfo() and asyncio need no others; socket.if_nameindex() needs AF_NETLINK",
        for_users=True,
    ),
    Row(
        "CapabilityBoundingSet",
        "",
        STRICT,
        "none but its AmbientCapabilities=: no port below 1024 (its socket unit can), no file of others",
    ),
    Row(
        "SystemCallErrorNumber",
        "EPERM",
        STRICT,
        "a call that is not allowed raises PermissionError, and does not kill the daemon",
        for_users=True,
    ),
    Row(
        "SystemCallFilter",
        ("@system-service", "~@privileged @resources"),
        STRICT,
        "what services use, without changes of owner and user, and of priorities and limits",
        for_users=True,
    ),
    Row("UMask", "0077", STRICT, "what it writes is readable by its user alone", for_users=True),
)

# What no preset sets though systemd offers it, and why: for the page, so that nobody has to ask.
LEFT_OUT: tuple[tuple[str, str], ...] = (
    ("MemoryDenyWriteExecute", "ctypes callbacks bear it, just-in-time compilers do not: numba, PyPy, torch"),
    ("PrivateNetwork", "a daemon that asks a database or resolves a name needs the network"),
    ("PrivateUsers", "files of other users seem to be nobody's, and peers on Unix sockets, too"),
    ("ProcSubset", "os.getloadavg() and psutil read /proc/loadavg and /proc/meminfo"),
    ("DynamicUser", "whom a daemon runs as is for its author to say: dynamic_user and user"),
    ("IPAddressDeny", "whom it talks to is not known here"),
)

_HOMES = ("/home/", "/root/", "/run/user/")


def directives(daemon: Daemon, python: Sequence[str], scope: Scope, systemd: int) -> dict[str, Any]:
    """The directives of the daemon's preset on a host with that systemd, 0 for the newest.

    Left out is what that systemd does not know, what a user's manager cannot do, and what DynamicUser=yes sets anyhow.
    python: the paths of the interpreter, which must stay in sight.
    """
    rows = [row for row in TABLE if row.preset in _UP_TO[daemon.hardening] and (not systemd or row.since <= systemd)]
    if scope.kind != "system":
        rows = [row for row in rows if row.for_users]
    elif daemon.dynamic_user:
        rows = [row for row in rows if not row.implied]
    found: dict[str, Any] = {row.directive: list(row.value) if isinstance(row.value, tuple) else row.value for row in rows}
    if "ProtectHome" in found and any(path.startswith(_HOMES) for path in (*python, f"{daemon.working_directory}/")):
        found["ProtectHome"] = "read-only"
    if "CapabilityBoundingSet" in found:
        found["CapabilityBoundingSet"] = _own_capabilities(daemon.service or {})
    return found


_UP_TO: Mapping[str, tuple[str, ...]] = {NONE: (), STANDARD: (STANDARD,), STRICT: (STANDARD, STRICT)}


def _own_capabilities(service: Mapping[str, Any]) -> Any:
    """A capability outside of the bounding set could not be given to the process (218/CAPABILITIES)."""
    return service.get("AmbientCapabilities") or ""
