# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be shown for a question, what of it is meant, and the whole answer of unit_info."""

from __future__ import annotations

from typing import Any, Mapping

from .dependencies import dependencies, dependents
from .unit_properties import Clock, Known, Shown, answer_of, relations_of, states_of
from .unit_query import UnitQuery, is_template

# Installed unit → the state of its file, and what the preset says.
Files = Mapping[str, "tuple[str, str | None]"]


def what_to_show(query: UnitQuery, files: Files) -> tuple[list[str], list[str]]:
    """Names and patterns. With dependencies every loaded unit: it may be the end of a relation."""
    installed = [name for name in files if query.wants_type(name)]
    names = [name for name in dict.fromkeys([*query.names, *installed]) if not is_template(name)]
    return names, ["*"] if query.wants_relations else list(query.patterns)


def choose(query: UnitQuery, every: Mapping[str, Shown], files: Files) -> dict[str, Shown]:
    """Those of the shown units that are meant, and the templates, of which nothing can be shown."""
    found = {name: shown for name, shown in every.items() if query.matches(name) or name in files}
    found.update({name: _template(name, files) for name in (*query.templates, *files) if is_template(name)})
    return {name: shown for name, shown in found.items() if query.wants_type(name) and query.wants_state(*states_of(shown))}


def _template(name: str, files: Files) -> Shown:
    if name not in files:
        return {"Id": name, "LoadState": "not-found"}
    state, preset = files[name]
    return {"Id": name, "LoadState": "loaded", "UnitFileState": state, "UnitFilePreset": preset or ""}


def answer(
    query: UnitQuery, chosen: Mapping[str, Shown], every: Mapping[str, Shown], known: Mapping[str, Known], clock: Clock
) -> dict[str, Any]:
    units: dict[str, dict[str, Any]] = {}
    for name, shown in sorted(chosen.items()):
        units[name] = answer_of(name, shown, known[name], clock)
        if query.wants_relations:
            units[name]["relations"] = relations_of(shown)
            units[name]["dependencies"] = dependencies(name, every, query.depth)
            units[name]["dependents"] = dependents(name, every, query.depth)
    return {"units": units, "failed_units": [name for name, unit in units.items() if unit["active_state"] == "failed"]}
