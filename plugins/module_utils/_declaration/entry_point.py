# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a daemon runs, and out of what: the options that belong together."""

from __future__ import annotations

from typing import Literal

from .._dataclasses import dataclass
from .._unitfile.list_directives import resets
from .application import built_of_source
from .model import Daemon
from .problems import Problems
from .source import NotRead, Source

Kind = Literal["script", "module", "command"]
SCRIPT: Kind = "script"
MODULE: Kind = "module"
COMMAND: Kind = "command"


@dataclass(frozen=True)
class EntryPoint:
    """What is started. kind: script (a path below the source), module (python -m) or command (of the virtual environment)."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def entry_of(daemon: Daemon) -> EntryPoint:
    if daemon.command:
        return EntryPoint(COMMAND, daemon.command)
    if daemon.module:
        return EntryPoint(MODULE, daemon.module)
    return EntryPoint(SCRIPT, daemon.script.name if isinstance(daemon.script, Source) else daemon.script or "")


def needs_venv(daemon: Daemon) -> bool:
    return bool(daemon.requirements) or (daemon.source is not None and daemon.source.kind == "wheel")


def is_built(daemon: Daemon) -> bool:
    """Its release is more than its script as it is."""
    return daemon.source is not None or bool(daemon.requirements) or bool(daemon.imports)


def check_runs(daemon: Daemon, place: str, problems: Problems) -> None:
    if not (daemon.script or daemon.module or daemon.command):
        remedy = f"Add it to {place}; or source and one of script, module and command."
        problems.add(f"{place}.script", None, "this option is required", remedy)
        return
    _check_entry(daemon, place, problems)
    _check_own_directives(daemon, place, problems)
    for name in () if daemon.build_from_source else built_of_source(daemon.requirements):
        problem = "is built of its source: its address is not that of a wheel"
        problems.add(f"{place}.requirements", name, problem, f"Name a wheel, or say build_from_source: true in {place}.")
    if not needs_venv(daemon):
        _check_without_venv(daemon, place, problems)


def _check_entry(daemon: Daemon, place: str, problems: Problems) -> None:
    """One thing is run. Without a source the script is it, or what a module or command is given to run."""
    if daemon.source is None and isinstance(daemon.script, str):
        error = NotRead()
        problems.add(f"{place}.script", "not shown", error.problem, error.remedy)
    if daemon.source is not None and isinstance(daemon.script, Source):
        remedy = "With source, script is the path of a file in it."
        problems.add(f"{place}.script", daemon.script.name, "brings a file of its own", remedy)
    if daemon.source is not None and daemon.source.kind == "wheel" and daemon.script:
        remedy = "Give module, or command for a console script."
        problems.add(f"{place}.script", "not shown", "a wheel is installed, and has no path to run", remedy)
    given = [name for name in (SCRIPT, MODULE, COMMAND) if getattr(daemon, name)]
    several = given if daemon.source is not None else [name for name in given if name != SCRIPT]
    if len(several) > 1:
        problems.add(place, ", ".join(several), "says more than once what is run", "Keep one of them.")


def _check_own_directives(daemon: Daemon, place: str, problems: Problems) -> None:
    """Directives of the user's own that would take away, without a word, what an option says."""
    if daemon.args and (daemon.service or {}).get("ExecStart"):
        problem = "have no effect: service.ExecStart replaces the whole command line"
        problems.add(f"{place}.args", " ".join(daemon.args), problem, "Write them into service.ExecStart, or take that away.")
    requires = (daemon.unit or {}).get("Requires", "none")
    if daemon.socket is not None and not daemon.accept and resets(requires):
        problem = f"an empty value would take away {daemon.name}.socket, without which no restart keeps the listener open"
        problems.add(f"{place}.unit.Requires", requires, problem, "Name what else it requires: that is added.")


def _check_without_venv(daemon: Daemon, place: str, problems: Problems) -> None:
    remedy = "Add requirements, or take it away."
    if daemon.command:
        problem = "a command is one of the virtual environment, and nothing is installed there"
        problems.add(f"{place}.command", daemon.command, problem, "Add requirements that bring it.")
    if daemon.module and daemon.source is None:
        problem = "nothing brings this module"
        problems.add(f"{place}.module", daemon.module, problem, "Add source, or requirements that bring it.")
    if daemon.wheelhouse is not None:
        problems.add(f"{place}.wheelhouse", "wheels", "there is nothing to install from it", remedy)
