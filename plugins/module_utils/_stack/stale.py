# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a running unit differ from what a restart of it would run, and why?"""

from __future__ import annotations

import posixpath

from .._unitfile.syntax import Document, UnitSyntaxError, parse
from . import stamp
from .desired import Unit
from .observed import Observed, UnitState

NOTHING_TO_RESTART = stamp.compute(parse(""), {})
# ctime was seen up to 5 ms behind the clock that stamps a unit's start.
MARGIN = 10_000


def reason_to_restart(unit: Unit, observed: Observed) -> str:
    """Why a running unit must be restarted, as a clause after its name; "" when it need not."""
    state = observed.unit(unit.name)
    if unit.stamp == NOTHING_TO_RESTART or not is_stale(unit, state, observed):
        return ""
    changes = _changes(unit, observed)
    if changes:
        return f"{' and '.join(changes)} changed"
    process = f"its process {state.main_pid}" if state.main_pid else "it"
    return f"{process} was started with an earlier configuration"


def is_stale(unit: Unit, state: UnitState, observed: Observed) -> bool:
    """True when the unit runs something else than its files say: by stamp where it has one, else by time."""
    recorded = _recorded(unit, state, observed)
    if unit.runs_once:  # that PID 1 once started it does not say that it ended well: only our record does
        return recorded != unit.stamp
    carried = state.stamp or recorded
    if carried:
        return carried != unit.stamp
    old = _old_document(unit, observed)
    if old is not None:
        return stamp.compute(old, {}) != unit.stamp
    since = state.started or state.entered
    return any(observed.path(path).changed + MARGIN > since for path in (unit.path, *unit.inputs))


def _recorded(unit: Unit, state: UnitState, observed: Observed) -> str:
    """The stamp that an earlier run has recorded for this very start: sockets, mounts and the like have no process."""
    record = observed.manifest.units.get(unit.name) if observed.manifest else None
    if not record or not (unit.runs_once or record["invocation"] == state.invocation):
        return ""
    return record["stamp"]


def _changes(unit: Unit, observed: Observed) -> list[str]:
    """What this run changes of the unit, in the words of its author: the script, a file, directives."""
    changes = []
    old_target = observed.path(unit.release.path).target if unit.release else ""
    if unit.release and old_target and old_target != unit.release.target:
        changes.append(f"its script (release {posixpath.basename(old_target)} → {posixpath.basename(unit.release.target)})")
    changes += [path for path in unit.inputs if observed.path(path).content is not None]
    old = _old_document(unit, observed)
    if old is not None:
        changes += _changed_directives(unit, old, old_target)
    return changes


def _changed_directives(unit: Unit, old: Document, old_target: str) -> list[str]:
    before = stamp.restart_directives(old)
    after = stamp.restart_directives(parse(unit.text))
    if unit.release and old_target:  # a new release is told as such, not as a changed ExecStart=
        before = {
            key: tuple(value.replace(f"/{old_target}/", f"/{unit.release.target}/") for value in values)
            for key, values in before.items()
        }
    return [f"{key[1]}=" for key in sorted({*before, *after}) if before.get(key) != after.get(key)]


def _old_document(unit: Unit, observed: Observed) -> Document | None:
    """The unit file that is about to be replaced; None when it stays, is new, or cannot be read."""
    content = observed.path(unit.path).content
    if content is None:
        return None
    try:
        return parse(content.decode("utf-8", "surrogateescape"))
    except UnitSyntaxError:
        return None
