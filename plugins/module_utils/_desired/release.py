# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One daemon → its release: where it lies, what is in it, and what its service runs."""

from __future__ import annotations

import hashlib

from .._dataclasses import dataclass
from .._declaration.entry_point import entry_of, is_built, needs_venv
from .._declaration.model import Daemon
from .._declaration.source import Source
from .desired import Build, File, Link, SourceKind
from .scope import Scope

_DIGEST_LENGTH = 16


@dataclass(frozen=True)
class Release:
    """A content-addressed directory: the same content is the same release. Either one file, the script, or a build.

    python: the interpreter; real_python: where its links lead. command: what its service runs, without arguments.
    working_directory: where, unless the daemon says it; "" for no need.
    """

    directory: str
    current: Link
    python: str
    command: tuple[str, ...]
    working_directory: str = ""
    script: File | None = None
    build: Build | None = None
    real_python: str = ""


def release_of(daemon: Daemon, scope: Scope, python: str, real_python: str) -> Release:
    """python: the interpreter's path; real_python: where that leads, which is what a virtual environment is bound to."""
    home = f"{scope.release_directory}/{daemon.name}"
    digest = hashlib.sha256("\0".join(_content(daemon, real_python)).encode()).hexdigest()[:_DIGEST_LENGTH]
    directory = f"{home}/releases/{digest}"
    current = Link(f"{home}/current", f"releases/{digest}", "the release that is live")
    if is_built(daemon):
        build = _build(daemon, directory, python)
        return Release(directory, current, python, build.command, build.working_directory, build=build, real_python=real_python)
    if not isinstance(daemon.script, Source):
        raise TypeError(f"{daemon.name} has nothing to run")  # entry_point.py has refused it
    owner = None if scope.kind == "user" else "root"
    script = File(
        path=f"{directory}/{daemon.script.name}",
        source=daemon.script,
        place=f"daemons.{daemon.name}.script",
        owner=owner,
        group=owner,
        mode=0o644,
    )
    return Release(directory, current, python, (python, script.path), script=script, real_python=real_python)


def _content(daemon: Daemon, real_python: str) -> list[str]:
    """All that the release consists of; what is run of it, and with which arguments, is not part of that."""
    kind, source = _source_of(daemon)
    named = [source.name, source.sha256] if source else []
    if not is_built(daemon):
        return named
    if kind == "tree":  # its digest says all; the name of its folder on the controller does not matter
        named = named[1:]
    wheels = [f"{wheel.name} {wheel.sha256}" for wheel in daemon.wheelhouse.wheels] if daemon.wheelhouse else []
    remote = [f"remote {daemon.wheelhouse.remote}"] if daemon.wheelhouse else []
    python = [f"python {real_python}"] if needs_venv(daemon) else []
    return [kind, *named, *daemon.requirements, *wheels, *remote, *python]


def _source_of(daemon: Daemon) -> tuple[SourceKind, Source | None]:
    if daemon.source is not None:
        return daemon.source.kind, daemon.source.source
    return ("script", daemon.script) if isinstance(daemon.script, Source) else ("", None)


def _build(daemon: Daemon, directory: str, python: str) -> Build:
    kind, source = _source_of(daemon)
    house = daemon.wheelhouse
    return Build(
        path=directory,
        place=f"daemons.{daemon.name}",
        python=python,
        kind=kind,
        source=source,
        entry=entry_of(daemon),
        requirements=daemon.requirements,
        wheels=house.wheels if house else (),
        remote_wheels=house.remote if house else "",
        imports=daemon.imports,
        user=daemon.user,
        runs_unprivileged=daemon.dynamic_user or daemon.user not in ("", "root", "0"),
        environment=daemon.environment or {},
        has_venv=needs_venv(daemon),
        from_source=daemon.build_from_source,
    )
