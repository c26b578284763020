# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a host that a run has last seen healthy: on record while a run is under way, so that it is not lost with it.

What a run did not see proven, the next one proves; and where that fails, "before" is this state, and not what the run that
was cut off has left. Its files lie beside their places (_host/io/backups.py); here stands which they are.
"""

from __future__ import annotations

import posixpath
from typing import Any, Iterable, Mapping, Sequence

from .._dataclasses import dataclass, replace
from .._desired.desired import Desired
from .actions import (
    Action,
    CreatePaths,
    Disable,
    DisableLinger,
    Enable,
    EnableLinger,
    PutBack,
    Reload,
    RemoveDirectory,
    RemoveRelease,
    TakeOverPorts,
)
from .observed import Manifest, Observed, PathState, ReleaseState, UnitState
from .plan import Plan
from .rollback import WHY, Earlier, files_back

_BACK = {kind.verb: kind for kind in (PutBack, RemoveRelease, RemoveDirectory, Enable, Disable)}
_LINGERING = {kind.verb: kind for kind in (EnableLinger, DisableLinger)}
# What a rollback asks of a unit: did it run, and in which start?
_OF_UNITS = ("load", "active", "sub", "result", "restarts", "invocation", "exit_code", "exit_status", "main_pid", "stamp")
_OF_PATHS = ("kind", "sha256", "mode", "owner", "group", "target")


@dataclass(frozen=True)
class Unproven:
    """What an interrupted run leaves to the next one. is_known: the last proven state is on record.

    paths: path → what lay there then. before: the host as it was then, as far as a rollback asks for it; where it is not
    known, the host as it was found.
    """

    before: Observed
    is_known: bool = True
    was_interrupted: bool = False
    paths: Mapping[str, PathState] | None = None
    earlier: Earlier = Earlier()


def record(desired: Desired, observed: Observed, plan: Plan) -> dict[str, Any]:
    """What is on record while a run is under way; {} where no proven state is known (an older release kept none).

    Of several runs that were interrupted, one after the other, what lay there before the first one counts.
    """
    old = _recorded(desired, observed)
    if observed.was_interrupted and not old:
        return {}
    back = [*files_back(plan.actions, observed), *_actions(old.get("back", ()), _BACK)]
    unseen = {path for a in plan.actions if isinstance(a, CreatePaths) for path in a.others if path not in observed.paths}
    mine = [action.target for action in back if isinstance(action, PutBack) and action.target not in unseen]
    paths = {path: _of_path(observed.path(path)) for path in mine}
    missing = {path for path, state in observed.paths.items() if state.kind == "missing"}
    paths.update(old.get("paths", {}))
    missing |= {*old.get("missing", ())}
    kept = observed.manifest.as_json() if observed.manifest else None
    return {
        "manifest": old["manifest"] if old else kept,
        "back": [list(each) for each in dict.fromkeys((action.verb, action.target) for action in back)],
        "paths": paths,
        "missing": sorted(path for path in missing if paths.get(path, {}).get("kind", "missing") == "missing"),
        "units": {**{name: _of_unit(state) for name, state in observed.units.items()}, **old.get("units", {})},
        "reloaded": _merged(old, "reloaded", (a.target for a in plan.actions if isinstance(a, Reload))),
        "handed_over": _merged(old, "handed_over", (a.target for a in plan.actions if isinstance(a, TakeOverPorts))),
        "lingering": [
            *old.get("lingering", ()),
            *([a.verb, a.target] for a in plan.actions if isinstance(a, (EnableLinger, DisableLinger))),
        ],
        "manager_runs": old.get("manager_runs", observed.manager_runs),
    }


def seen_healthy(intent: Manifest, outcome: Manifest | None, after: Observed) -> Manifest:
    """On record from the moment that a run has seen the host healthy until it has cleared up; nothing is rolled back then.

    outcome: what will be on record then, None for nothing.
    """
    found = {
        "manifest": outcome.as_json() if outcome else None,
        **dict.fromkeys(("back", "missing", "reloaded", "handed_over", "lingering"), ()),
        "paths": {},
        "units": {name: _of_unit(state) for name, state in after.units.items()},
        "manager_runs": after.manager_runs,
    }
    return replace(intent, pending=(), unproven=(), proven=found)


def unproven(desired: Desired, observed: Observed) -> Unproven:
    """What this run has to prove, or to take back to the last state that was proven."""
    old = _recorded(desired, observed)
    if not old:
        return Unproven(observed, not observed.was_interrupted, observed.was_interrupted)
    paths = {path: PathState(**state) for path, state in old["paths"].items()}
    back = _actions(old["back"], _BACK)
    gone = {action.target: ReleaseState() for action in back if isinstance(action, RemoveRelease)}
    before = replace(
        observed,
        paths={**observed.paths, **dict.fromkeys(old["missing"], PathState()), **paths},
        links=_links(desired, observed, paths),
        units={**observed.units, **{name: UnitState(name, **state) for name, state in old["units"].items()}},
        manifest=Manifest.from_json(old["manifest"]) if old["manifest"] else None,
        releases={**observed.releases, **gone},
        manager_runs=old["manager_runs"],
    )
    earlier = Earlier(
        files=tuple(back),
        reloaded=frozenset(old["reloaded"]),
        handed_over=frozenset(old["handed_over"]),
        lingering=tuple(_actions(old["lingering"], _LINGERING)),
    )
    return Unproven(before, True, True, paths, earlier)


def _recorded(desired: Desired, observed: Observed) -> Mapping[str, Any]:
    """Tasks about units that something else has defined share one record: it says nothing of the units of another task."""
    if observed.manifest is None or not observed.was_interrupted:
        return {}
    old = observed.manifest.proven
    is_ours = not desired.is_partial or {*old.get("units", ())} == {*observed.units}
    return old if is_ours else {}


def _links(desired: Desired, observed: Observed, paths: Mapping[str, PathState]) -> dict[str, str]:
    """All that enabled units then."""
    links = {path: target for path, target in observed.links.items() if path not in paths}
    for path, state in paths.items():
        folder = path.rpartition("/")[0]
        if state.kind == "link" and (folder in desired.scope.link_directories or folder.endswith(_DEPENDENCIES)):
            links[path] = posixpath.normpath(posixpath.join(folder, state.target))
    return links


_DEPENDENCIES = (".wants", ".requires", ".upholds")


def _actions(recorded: Iterable[Sequence[str]], kinds: Mapping[str, type[Action]]) -> list[Action]:
    return [kinds[verb](target, WHY) for verb, target in recorded]


def _merged(old: Mapping[str, Any], field: str, new: Iterable[str]) -> list[str]:
    return sorted({*old.get(field, ()), *new})


def _of_path(state: PathState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in _OF_PATHS if getattr(state, name)}


def _of_unit(state: UnitState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in _OF_UNITS if getattr(state, name)}
