# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release holds that was not built: data of a daemon, changes of a person. Both are told of before they are out of use.

Code (_declaration/tree.py) that was changed is built again, and what a person has made of it is kept. All else is a
daemon's data: it stays where it is, and is kept where its release goes (_host/io/release_files.py).
"""

from __future__ import annotations

import posixpath
from typing import Iterator, Mapping, Sequence

from .._desired.desired import Desired, Unit
from .actions import Action, BuildRelease, RemoveRelease
from .observed import Observed

_SHOWN = 5


def told_of_contents(desired: Desired, observed: Observed, actions: Sequence[Action]) -> tuple[str, ...]:
    """Warnings."""
    return (*_of_units(desired, observed), *_of_actions(desired, observed, actions))


def told_of_use(in_use: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{path} stays for now: {who} runs from it. A later run removes it." for path, who in sorted(in_use.items()))


def _of_units(desired: Desired, observed: Observed) -> Iterator[str]:
    told = set()
    for unit in desired.units:
        if unit.release is None or unit.release.path in told:
            continue
        told.add(unit.release.path)
        declared, live = unit.release_path, _live(unit, observed)
        if live and live != declared and _data(live, desired, observed):
            names = _some(_data(live, desired, observed))
            yield f"{live} holds data, {names}, which the new release does not see. {_remedy(unit, 'Move it there')}"
        elif _data(declared, desired, observed):
            names = _some(_data(declared, desired, observed))
            yield f"{declared} holds data, {names}, which the next release will not see. {_remedy(unit, 'Move it there')}"


def _live(unit: Unit, observed: Observed) -> str:
    target = observed.path(unit.release.path).target if unit.release else ""
    return f"{posixpath.dirname(unit.release.path)}/{target}" if unit.release and target else ""


def _remedy(unit: Unit, then: str) -> str:
    name = unit.name.rpartition(".")[0].rstrip("@")
    return f"Give it a place of its own: StateDirectory: {name} in service, which the daemon finds as $STATE_DIRECTORY. {then}."


def _of_actions(desired: Desired, observed: Observed, actions: Sequence[Action]) -> Iterator[str]:
    for action in actions:
        state = observed.release(action.target)
        home, name = posixpath.dirname(posixpath.dirname(action.target)), posixpath.basename(action.target)
        found = _data(action.target, desired, observed) + state.edited if isinstance(action, RemoveRelease) else ()
        found = state.edited if isinstance(action, BuildRelease) else found
        if found:
            why = "was changed by hand and is built again" if isinstance(action, BuildRelease) else "goes"
            yield f"{action.target} {why}; what was not built is kept in {home}/kept/{name}: {_some(found)}."


def _data(path: str, desired: Desired, observed: Observed) -> tuple[str, ...]:
    """Beside a script the script is none."""
    state = observed.release(path)
    files = observed.manifest.files if observed.manifest else ()
    ours = {posixpath.basename(file) for file in (*files, *(file.path for file in desired.files)) if file.startswith(f"{path}/")}
    is_of_script = state.kind == "script"
    return tuple(name for name in state.data if not (is_of_script and (name in ours or name.endswith(".py"))))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
