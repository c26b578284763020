# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One daemon → its release and the sections of its units."""

from __future__ import annotations

from typing import Any, Mapping

from .._declaration.model import Daemon
from .._unitfile import list_directives
from .._unitfile.quoting import exec_line, literal_percent
from . import hardening
from .release import Release
from .scope import Scope


def service_name(daemon: Daemon) -> str:
    return f"{daemon.name}@.service" if daemon.accept else f"{daemon.name}.service"


def unit_sections(daemon: Daemon, release: Release, scope: Scope, systemd: int = 0) -> dict[str, dict[str, Any]]:
    """Unit name → sections. The service, and the socket that starts it.

    The service names its release by digest, not by `current`: code and configuration change together, at one
    daemon-reload, and the command line of a process tells which release it runs.
    """
    units = {service_name(daemon): _service(daemon, release, scope, systemd)}
    if daemon.socket is not None:
        units[f"{daemon.name}.socket"] = _socket(daemon)
    return units


def _service(daemon: Daemon, release: Release, scope: Scope, systemd: int) -> dict[str, Any]:
    unit: dict[str, Any] = {"Description": daemon.description or f"{daemon.name} (Python daemon)"}
    after = list(daemon.after)
    if daemon.socket is not None and not daemon.accept:
        unit["Requires"] = f"{daemon.name}.socket"
        after.insert(0, f"{daemon.name}.socket")
    if after:
        unit["After"] = " ".join(after)
    directory = daemon.working_directory or release.working_directory
    service: dict[str, Any] = {
        "Type": daemon.type or ("simple" if daemon.accept else "exec"),
        "ExecStart": exec_line([*release.command, *daemon.args]),
        "Environment": {"PYTHONUNBUFFERED": "1", **_literal(daemon.environment or {})},
        "SyslogIdentifier": daemon.name,
        **_identity(daemon),
        **({"WorkingDirectory": directory} if directory else {}),
        **_restart(daemon),
        **hardening.directives(daemon, (release.python, release.real_python), scope, systemd),
    }
    if daemon.accept:
        # As under inetd, standard input and output are the connection; standard error must not reach the client.
        service.update(StandardInput="socket", StandardError="journal")
        # A connection that ended badly must not leave a failed instance behind for each client.
        unit["CollectMode"] = "inactive-or-failed"
    install = {}
    if daemon.socket is None or daemon.activation == "eager":
        install = _wanted_by(daemon, scope.default_target)
    return _sections(
        ("Unit", unit, daemon.unit), ("Service", service, daemon.service), ("Install", install, _install(daemon, install))
    )


def _socket(daemon: Daemon) -> dict[str, Any]:
    unit = {"Description": f"{daemon.description or daemon.name} (socket)"}
    socket: dict[str, Any] = {"Accept": True} if daemon.accept else {}
    lazy = daemon.activation == "lazy"
    install = _wanted_by(daemon, "sockets.target") if lazy else {"WantedBy": "sockets.target"}
    return _sections(
        ("Unit", unit, None), ("Socket", socket, daemon.socket), ("Install", install, daemon.install if lazy else None)
    )


def _wanted_by(daemon: Daemon, default: str) -> dict[str, Any]:
    """The user's own WantedBy= adds to wanted_by, and takes the place of the default."""
    if daemon.wanted_by is None and "WantedBy" in (daemon.install or {}):
        return {"WantedBy": []}
    return {"WantedBy": " ".join(daemon.wanted_by if daemon.wanted_by is not None else (default,))}


def _install(daemon: Daemon, install: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The user's [Install] belongs to the unit that is started at boot: the service, or its lazy socket."""
    return daemon.install if install else None


def _literal(environment: Mapping[str, Any]) -> dict[str, Any]:
    """The option environment is no syntax of systemd's: what it says reaches the daemon as it is."""
    return {key: literal_percent(each) if isinstance(each, str) else each for key, each in sorted(environment.items())}


def _identity(daemon: Daemon) -> dict[str, Any]:
    given = {"User": daemon.user, "Group": daemon.group, "DynamicUser": daemon.dynamic_user}
    return {key: value for key, value in given.items() if value}


def _restart(daemon: Daemon) -> dict[str, Any]:
    if daemon.restart:
        return {"Restart": daemon.restart}
    # A oneshot ends by itself, and the process of one connection is not started again: nobody is left to talk to.
    return {} if daemon.accept or daemon.type == "oneshot" else {"Restart": "on-failure"}


def _sections(*parts: tuple[str, Mapping[str, Any], Mapping[str, Any] | None]) -> dict[str, Any]:
    """Sections of our directives and the user's: lists are added, all else is overridden; an empty section is left out."""
    found = {name: list_directives.merged(name, ours, theirs or {}) for name, ours, theirs in parts}
    return {name: {key: value for key, value in section.items() if value != {}} for name, section in found.items() if section}
