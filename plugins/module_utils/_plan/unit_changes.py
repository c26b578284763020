# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a running unit differ from what its files say, and what does that need?

Asked in the order of trust: what our record says of this very start, what the process carries, what its files said
until this run, and last the clock. What a start applies besides is judged by staleness.py, for those who only ask, too.
"""

from __future__ import annotations

import posixpath
from typing import Collection

from .._dataclasses import dataclass, replace
from .._declaration.source import Source, content_of
from .._desired import stamp
from .._desired.desired import Desired, Notified, Unit
from .._desired.restart_policy import RELOAD, RESTART
from .._desired.stamp import Stamps
from .._text import listed
from .._unitfile.syntax import Document, UnitSyntaxError, parse
from . import hidden_units
from .observed import Observed, UnitState
from .staleness import MARGIN, Causes, causes_of, is_trusted, lacks

_UNKNOWN = "unknown"
_GONE = Source.of("", b"")  # no longer declared


@dataclass(frozen=True)
class Needs:
    """Why a running unit must be restarted, reloaded or started again, as clauses after its name; "" where not.

    is_foreign: what runs is another unit of this name. is_reloadable: its daemon can read again all that a restart is needed
    for. missed: why it cannot be started again.
    """

    restart: str = ""
    reload: str = ""
    start: str = ""
    is_foreign: bool = False
    is_reloadable: bool = False
    missed: str = ""


def needs_of(unit: Unit, desired: Desired, observed: Observed) -> Needs:
    """Only what runs, and is defined by this stack, can run with another definition."""
    state = observed.unit(unit.name)
    is_ours = (bool(unit.document.entries) and not unit.installed) or _carries_our_stamp(state, observed)
    if not is_ours or not (state.is_up or state.loops_well):
        return Needs()
    old = old_document(unit, desired, observed)
    applied = _applied(unit, state, old, observed)
    restart = reload = start = ""
    causes = foreign_causes(unit.name, observed)
    is_behind = applied.restart != unit.stamps.restart
    is_foreign = hidden_units.runs_another(unit, observed)
    if is_behind and is_foreign:
        restart = f"{_process(state)} runs {state.fragment}, not what the stack declares"
    elif is_behind or causes.restart:
        own = [_told(_changes(unit, old, RESTART, observed), state)] if is_behind else []
        restart = listed([*own, *causes.restart])
    elif observed.release(unit.release_path).kind == "changed":
        restart = "its release was changed by hand, and is built again"
    if applied.reload != unit.stamps.reload or causes.reload:
        own = [_told(_changes(unit, old, RELOAD, observed), state)] if applied.reload != unit.stamps.reload else []
        reload = listed([*own, *causes.reload])
    new = sorted(set(unit.stamps.wants) - set(applied.wants) - set(unit.sockets))  # how sockets are opened: unit_plan.py
    if new:
        start = f"it now wants {listed(new)}"
    is_reloadable = is_behind and applied.start == unit.stamps.start and not causes.restart
    missed = "" if is_behind else listed(causes.missed)
    return Needs(restart, reload, start, is_foreign, is_reloadable, missed)


def _carries_our_stamp(state: UnitState, observed: Observed) -> bool:
    """A unit of somebody else that runs with drop-ins of this stack, though none is declared any more."""
    record = observed.last_record(state.name)
    return record is not None and record["stamp"] in state.stamps


def is_stale(unit: Unit, desired: Desired, observed: Observed) -> bool:
    """Would a restart of this unit, which runs, bring something else than what runs? Before a run, and after it."""
    needs = needs_of(unit, desired, observed)
    return bool(needs.restart or needs.reload)


def foreign_causes(name: str, observed: Observed) -> Causes:
    return causes_of(observed.unit(name), observed.record(name), observed.last_record(name), observed.foreign.get(name, ()))


def has_run_as_declared(unit: Unit, observed: Observed) -> bool:
    """Of a unit that runs once: is it on record that it ended well with this configuration?"""
    record = observed.manifest.units.get(unit.name) if observed.manifest else None
    return record is not None and record["stamp"] == unit.stamps.restart


def notice_due(notice: Notified, observed: Observed) -> str:
    """Why a running unit must take notice of its files; "" when it has."""
    state = observed.unit(notice.unit)
    record = observed.manifest.notices.get(notice.unit) if observed.manifest else None
    changed = [path for path in notice.files if is_about_to_change(path, observed)]
    if record and record["invocation"] == state.invocation:
        due = record["digest"] != notice.digest
    else:
        due = bool(changed) or not _is_older(notice.files, state, observed)
    return f"{listed(changed or notice.files)} changed" if due else ""


def _applied(unit: Unit, state: UnitState, old: Document | None, observed: Observed) -> Stamps:
    """What the running unit has. Where it cannot be told it is as declared if it was started after its files changed."""
    record = observed.record(unit.name)
    if hidden_units.runs_another(unit, observed) and not (record and is_trusted(record, state)):
        return _of_another(unit, state, observed)
    until_now = stamp.stamps_of(old, _inputs_until_now(unit, observed)) if old is not None else unit.stamps
    if record and is_trusted(record, state):
        known = Stamps.from_record(record)
        has_all = known.restart == until_now.restart
        return known if known.start else replace(known, start=until_now.start if has_all else _UNKNOWN)
    carried = _carried(unit, until_now, state, observed)
    if old is None and not carried and not _is_older((unit.path, *unit.inputs), state, observed):
        start = _UNKNOWN if unit.stamps.start else ""
        return Stamps(_UNKNOWN if unit.stamps.restart else "", _UNKNOWN if unit.stamps.reload else "", (), start)
    if carried and carried != until_now.restart:
        return replace(until_now, restart=carried, start=_UNKNOWN)
    return until_now


def _of_another(unit: Unit, state: UnitState, observed: Observed) -> Stamps:
    """What runs is a foreign unit of this name: what its file says, as far as that is known."""
    known = hidden_units.stamps(unit, observed)
    if known is None:
        known = Stamps(_UNKNOWN if unit.stamps.restart else "", _UNKNOWN if unit.stamps.reload else "")
    return replace(known, restart=state.stamp) if state.stamp else known


def _carried(unit: Unit, until_now: Stamps, state: UnitState, observed: Observed) -> str:
    """The stamp of ours that the process carries, as far as it can be told from those of other stacks; "" for none."""
    for known in (unit.stamps, until_now):
        if lacks(known.restart, state, None) is False:
            return known.restart
    others = observed.stamps_of_others.get(unit.name, frozenset())
    return next((each for each in state.stamps if each not in others), "")


def _inputs_until_now(unit: Unit, observed: Observed) -> dict[str, str]:
    """A digest of a secret cannot be told from what lies there, and need not be: that one stays, or differs."""
    now = {
        path: observed.path(path).sha256 if is_about_to_change(path, observed) else digest for path, digest in unit.inputs.items()
    }
    return {path: digest for path, digest in now.items() if digest}


def _is_older(paths: tuple[str, ...], state: UnitState, observed: Observed) -> bool:
    """All these files were last changed before the unit was started."""
    since = state.started or state.entered
    return all(observed.path(path).changed + MARGIN <= since for path in paths)


def is_about_to_change(path: str, observed: Observed) -> bool:
    """Of a file that is declared."""
    state = observed.path(path)
    return state.kind == "missing" or state.content is not None or state.is_long


def _told(changes: list[str], state: UnitState) -> str:
    if changes:
        return f"{listed(changes)} changed"
    return f"{_process(state)} was started with an earlier configuration"


def _process(state: UnitState) -> str:
    return f"its process {state.main_pid}" if state.main_pid else "it"


def _changes(unit: Unit, old: Document | None, need: str, observed: Observed) -> list[str]:
    """What this run changes of the unit, in the words of its author: the script, a file, directives."""
    changes = []
    live = observed.path(unit.release.path).target if unit.release else ""
    if need == RESTART:
        if unit.release and live and live != unit.release.target:
            what = "script" if unit.inputs else "code"
            changes.append(f"its {what} (release {posixpath.basename(live)} → {posixpath.basename(unit.release.target)})")
        changes += [path for path in unit.inputs if is_about_to_change(path, observed)]
    if old is not None:
        changes += changed_directives(unit, old, live, need)
    return changes


def changed_directives(unit: Unit, old: Document, live: str = "", need: str = "") -> list[str]:
    """The directives that differ, as "Key=". live: the release until now; its change is told as such, not as ExecStart=."""
    before = stamp.directives(old, need) if need else stamp.meaning(old)
    after = stamp.directives(unit.document, need) if need else stamp.meaning(unit.document)
    if unit.release and live:
        new = f"/{unit.release.target}/"
        before = {place: tuple(value.replace(f"/{live}/", new) for value in values) for place, values in before.items()}
    return [f"{key[1]}=" for key in sorted({*before, *after}) if before.get(key) != after.get(key)]


def old_document(unit: Unit, desired: Desired, observed: Observed) -> Document | None:
    """All that defined the unit until this run, drop-ins included; None when none of it changes, or it is new."""
    folders = [desired.scope.path_of(f"{name}.d/") for name in (*unit.shared, unit.name)]
    texts = {file.path: file.source for file in desired.files if file.path == unit.path or _folder(file.path) in folders}
    if observed.manifest:
        texts.update({path: _GONE for path in observed.manifest.files if _folder(path) in folders and path not in texts})
    if not any(is_about_to_change(path, observed) for path in texts):
        return None
    if unit.path in texts and observed.path(unit.path).kind == "missing":
        return None
    parts = []
    for path in _as_read(texts, unit.path, folders):
        state = observed.path(path)
        if state.kind == "file":
            parts.append(state.content if state.content is not None else content_of(texts[path]))
    try:
        return parse("\n".join(part.decode("utf-8", "surrogateescape") for part in parts))
    except UnitSyntaxError:
        return None


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _as_read(paths: Collection[str], unit_file: str, folders: list[str]) -> list[str]:
    """The unit file, then drop-ins by name; of one name that of the narrowest folder. folders: the widest first."""
    dropins: dict[str, str] = {}
    for path in sorted((path for path in paths if path != unit_file), key=lambda path: folders.index(_folder(path))):
        dropins[posixpath.basename(path)] = path
    return [*(path for path in paths if path == unit_file), *(dropins[name] for name in sorted(dropins))]
