# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks systemd about units: one call for all of them, and one more for what is asked for besides. Changes nothing."""

from __future__ import annotations

import os
import time
from typing import Any, Iterable, Mapping, Sequence

from ..._desired.desired import READABLE_BY_ALL
from ..._inquiry.properties import asked
from ..._inquiry.unit_answer import Files, answer, choose, what_to_show
from ..._inquiry.unit_properties import Clock, Known, Shown
from ..._inquiry.unit_query import UnitQuery, is_template, unit_query
from ..._systemd_cli import unit_queries
from ..io.commands import Commands
from ..io.context import HostContext
from ..io.disk import Disk
from ..io.manager import require_running
from .unit_facts import describe, known_of, manifests_of, shown_of


def unit_info(params: Mapping[str, Any], context: HostContext, _only_looks: bool) -> dict[str, Any]:
    query = unit_query(params)
    require_running(context.manager)
    if query.is_for_nothing:
        return {"units": {}, "failed_units": []}
    files = _unit_files(query, context.commands) if query.asks_for_files else {}
    every = _shown(query, files, context.commands)
    chosen = choose(query, every, files)
    describe(chosen, context.commands)
    known = _known(chosen, query, context)
    return answer(query, chosen, every, known, Clock(time.time(), time.monotonic()))


def _unit_files(query: UnitQuery, commands: Commands) -> Files:
    """rc 1: there is none of them."""
    patterns = query.patterns if "unit_files" in query.include else ()
    command = unit_queries.list_unit_files([*patterns, *query.names], commands.is_for_user)
    return unit_queries.unit_files(commands.output(command, accept=(0, 1)))


def _shown(query: UnitQuery, files: Files, commands: Commands) -> dict[str, Shown]:
    names, patterns = what_to_show(query, files)
    return shown_of(names, patterns, asked(query.wants_relations), commands)


def _known(chosen: Mapping[str, Shown], query: UnitQuery, context: HostContext) -> dict[str, Known]:
    exposure = _exposure(chosen, context.commands) if "exposure" in query.include else None
    files = {name: _contents(name, shown, context) for name, shown in chosen.items()} if "content" in query.include else None
    return known_of(chosen, manifests_of(context), context, exposure, files)


def _exposure(chosen: Mapping[str, Shown], commands: Commands) -> dict[str, float]:
    from ..preflight.exposure import loaded  # what judges a deployment is not needed for the rest

    services = [name for name, shown in chosen.items() if name.endswith(".service") and shown.get("LoadState") == "loaded"]
    return {name: exposure.score for name, exposure in loaded(services, commands).items()}


# Files


def _contents(name: str, shown: Shown, context: HostContext) -> list[dict[str, Any]]:
    """The unit file and its drop-ins, in the order in which they apply; of a template as they lie on the disk."""
    scope = context.manager.scope
    paths = [shown.get("FragmentPath", ""), *shown.get("DropInPaths", "").split()]
    if is_template(name):
        paths = _first(f"{directory}/{name}" for directory in scope.unit_path) + _dropins(name, scope.unit_path)
    return [{"path": path, "content": _text(path, context.disk)} for path in paths if path]


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
