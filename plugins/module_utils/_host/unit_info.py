# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks systemd about units: one call for all of them, and one more for what is asked for besides. Changes nothing."""

from __future__ import annotations

import os
import time
from typing import Any, Iterable, Mapping, Sequence

from .._desired.desired import READABLE_BY_ALL
from .._inquiry.answer import Files, answer, choose, what_to_show
from .._inquiry.properties import asked
from .._inquiry.unit_query import UnitQuery, is_template, unit_query
from .._inquiry.units import Carried, Clock, Known, Shown, is_up
from .._plan.observed import Manifest
from .._systemctl import asking
from .commands import CommandFailed, Commands
from .disk import Disk
from .manager import require_running
from .processes import text_of
from .tools import Tools

_EXTRA_FIELDS = "/run/systemd/units/log-extra-fields:"


def unit_info(params: Mapping[str, Any], tools: Tools, _only_looks: bool) -> dict[str, Any]:
    query = unit_query(params)
    require_running(tools.manager)
    if query.is_for_nothing:
        return {"units": {}, "failed_units": []}
    files = _unit_files(query, tools.commands) if query.asks_for_files else {}
    every = _shown(query, files, tools.commands)
    chosen = choose(query, every, files)
    _describe(chosen, tools.commands)
    known = _known(chosen, query, tools)
    return answer(query, chosen, every, known, Clock(time.time(), time.monotonic()))


def _unit_files(query: UnitQuery, commands: Commands) -> Files:
    """rc 1: there is none of them."""
    patterns = query.patterns if "unit_files" in query.include else ()
    command = asking.list_unit_files([*patterns, *query.names], commands.is_for_user)
    return asking.unit_files(commands.output(command, accept=(0, 1)))


def _shown(query: UnitQuery, files: Files, commands: Commands) -> dict[str, Shown]:
    """A unit that has gone meanwhile is an error in some versions: then they are asked once more."""
    names, patterns = what_to_show(query, files)
    if not names and not patterns:
        return {}
    command = asking.show([*names, *patterns], asked(query.wants_relations), commands.is_for_user)
    try:
        output = commands.output(command, environment=asking.IN_UTC)
    except CommandFailed:
        output = commands.output(command, environment=asking.IN_UTC)
    return asking.shown_units(names, output)


# What else is known of them


def _describe(chosen: dict[str, Shown], commands: Commands) -> None:
    """A description that show does not print is asked for in another way."""
    odd = [name for name, shown in chosen.items() if shown.get("Description") == asking.UNPRINTABLE]
    if odd:
        found = asking.descriptions(commands.output(asking.list_units(odd, commands.is_for_user)))
        chosen.update({name: {**chosen[name], "Description": found[name]} for name in odd if name in found})


def _known(chosen: Mapping[str, Shown], query: UnitQuery, tools: Tools) -> dict[str, Known]:
    manifests = _manifests(tools)
    stacks = {unit: manifest.stack for manifest in manifests for unit in _units_of(manifest)}
    exposure = {unit: score for manifest in manifests for unit, score in manifest.exposure.items()}
    if "exposure" in query.include:
        exposure = _exposure(chosen, tools.commands)
    recorded = {} if tools.commands.is_for_user else _recorded()
    return {
        name: Known(
            stack=stacks.get(name, ""),
            exposure=exposure.get(name),
            loaded=asking.carried(shown.get("LogExtraFields", "")),
            running=_running(name, shown, recorded),
            files=_contents(name, shown, tools) if "content" in query.include else None,
        )
        for name, shown in chosen.items()
    }


def _manifests(tools: Tools) -> list[Manifest]:
    """The records of stacks: for root, or the user whose they are. One that cannot be read tells nothing."""
    directory, found = tools.manager.scope.state_directory, []
    try:
        names = [name for name in tools.disk.names_in(directory) if name.endswith(".json")]
    except PermissionError:
        return []
    for name in names:
        try:
            found.append(Manifest.from_json(tools.disk.read_json(f"{directory}/{name}")))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _units_of(manifest: Manifest) -> set[str]:
    """Those that it owns, and those of others that it has given a drop-in."""
    parts = [path.split("/") for path in manifest.files if "/systemd/" in path]
    files = {part[-2][: -len(".d")] if part[-2].endswith(".d") else part[-1] for part in parts}
    return {*manifest.owned, *manifest.units, *files}


def _exposure(chosen: Mapping[str, Shown], commands: Commands) -> dict[str, float]:
    from .exposure import loaded  # what judges a deployment is not needed for the rest

    services = [name for name, shown in chosen.items() if name.endswith(".service") and shown.get("LoadState") == "loaded"]
    return {name: exposure.score for name, exposure in loaded(services, commands).items()}


def _recorded() -> dict[str, str]:
    """Unit → the file in which PID 1 has written, at its start, the fields of its journal lines."""
    directory, _slash, prefix = _EXTRA_FIELDS.rpartition("/")
    try:
        names = os.listdir(directory)
    except OSError:
        return {}
    return {name[len(prefix) :]: f"{directory}/{name}" for name in names if name.startswith(prefix)}


def _running(name: str, shown: Shown, recorded: Mapping[str, str]) -> Carried | None:
    """Only of services that are ours, or were at their start. A user's manager keeps no such file: /proc knows."""
    is_ours = asking.carried(shown.get("LogExtraFields", "")).stamp or name in recorded
    if not is_ours or not is_up(shown):
        return None
    found = asking.carried(text_of(recorded[name])) if name in recorded else Carried()
    pid = shown.get("MainPID", "0")
    if pid == "0" or (found.stamp and found.release):
        return found
    stamp = found.stamp or asking.carried(text_of(f"/proc/{pid}/environ")).stamp
    return Carried(stamp, found.release or asking.release_in(text_of(f"/proc/{pid}/cmdline").replace("\0", " ")))


# Files


def _contents(name: str, shown: Shown, tools: Tools) -> list[dict[str, Any]]:
    """The unit file and its drop-ins, in the order in which they apply; of a template as they lie on the disk."""
    scope = tools.manager.scope
    paths = [shown.get("FragmentPath", ""), *shown.get("DropInPaths", "").split()]
    if is_template(name):
        paths = _first(f"{directory}/{name}" for directory in scope.unit_path) + _dropins(name, scope.unit_path)
    return [{"path": path, "content": _text(path, tools.disk)} for path in paths if path]


def _first(paths: Iterable[str]) -> list[str]:
    return next(([path] for path in paths if os.path.isfile(path)), [])


def _dropins(name: str, directories: Sequence[str]) -> list[str]:
    found: dict[str, str] = {}
    for directory in directories:
        folder = f"{directory}/{name}.d"
        for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            found.setdefault(file, f"{folder}/{file}")
    return [path for file, path in sorted(found.items()) if file.endswith(".conf")]


def _text(path: str, disk: Disk) -> str | None:
    """None of what not all may read: it may hold what is secret; and of a mask."""
    try:
        info = os.stat(path)
        return disk.read(path).decode("utf-8", "replace") if info.st_mode & READABLE_BY_ALL and os.path.isfile(path) else None
    except OSError:
        return None
