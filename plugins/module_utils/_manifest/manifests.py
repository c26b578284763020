# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manifest of a stack says before a run, and after it."""

from __future__ import annotations

import posixpath
from typing import Any, Collection, Mapping

from .._dataclasses import replace
from .._desired import stamp
from .._desired.desired import Desired, File, Unit
from .._plan import hidden_units
from .._plan.actions import (
    Action,
    MakeDirectory,
    MakeLink,
    Remove,
    RemoveDirectory,
    RemoveRelease,
    Restart,
    Restore,
    SetAside,
    Start,
)
from .._plan.observed import Foreign, Manifest, Observed, UnitState
from .._plan.plan import Plan
from .._plan.proven import record
from .._plan.releases import TARGET, is_built, kept, on_record, retained_files
from .._plan.staleness import ENVIRONMENT, GROUPS, given_by, is_older, key_of, traits_of
from .._plan.unit_changes import foreign_causes
from .._unitfile.quoting import environment_of


def intent(desired: Desired, observed: Observed, plan: Plan) -> Manifest:
    """Written before the first action: all that is owned or is about to be, so that no interruption loses track."""
    old = observed.manifest or Manifest(desired.stack)
    new = outcome(desired, observed, plan)
    pending = [action.target for action in plan.actions if isinstance(action, (Start, Restart))]
    # Stopped to be started again by its socket: nothing is lost if it is not.
    pending += [name for name in old.pending if name in desired.unit_names]
    unproven = [*pending, *plan.watch, *(name for name in old.unproven if name in desired.unit_names)]
    before = {path: observed.path(path).sha256 for path in (*new.files, *old.files) if observed.path(path).kind == "file"}
    return Manifest(
        stack=desired.stack,
        complete=False,
        files={**old.files, **new.files},
        sealed={**old.sealed, **new.sealed},
        sealed_by={**old.sealed_by, **new.sealed_by},
        links={**old.links, **new.links},
        originals={**old.originals, **new.originals},
        directories=tuple(dict.fromkeys([*old.directories, *new.directories])),
        owned=tuple(dict.fromkeys([*old.owned, *new.owned])),
        releases=on_record(desired, observed),
        units=old.units,
        notices=old.notices,
        exposure=old.exposure,
        previous=before,
        previous_links={path: observed.path(path).target for path in old.links if observed.path(path).kind == "link"},
        hidden={**new.hidden, **old.hidden},
        replaced={**new.replaced, **old.replaced},
        declared_by=desired.declared_by,
        pending=tuple(dict.fromkeys(pending)),
        unproven=tuple(dict.fromkeys(unproven)),
        proven=record(desired, observed, plan),
        predecessor=old.predecessor or new.predecessor,
    )


def outcome(desired: Desired, observed: Observed, plan: Plan, after: Observed | None = None) -> Manifest:
    """Written when all went well. after: the host after the run, whose running units have what was declared."""
    old = observed.manifest or Manifest(desired.stack)
    if desired.is_partial:
        return _amended(desired, observed, old, plan)
    made = [action.target for action in plan.actions if isinstance(action, MakeDirectory)]
    made += _homes_without_record(desired, observed)
    gone = {action.target for action in plan.actions if isinstance(action, RemoveDirectory)}
    still_there = [path for path in old.directories if observed.path(path).kind == "directory"]
    files = {path: old.files[path] for path in retained_files(desired, observed) if path in old.files}
    files.update({file.path: file.source.sha256 for file in desired.files})
    return Manifest(
        stack=desired.stack,
        files=files,
        sealed={file.path: file.seal.digest for file in desired.files if file.seal},
        sealed_by={file.path: file.seal.key for file in desired.files if file.seal},
        links=_own_links(desired, old, plan, files),
        originals=_originals(desired, observed, plan.actions),
        directories=tuple(dict.fromkeys([*(path for path in still_there if path not in gone), *made])),
        owned=tuple(unit.name for unit in desired.units if unit.has_file or unit.is_instance or _is_ours(unit, observed, old)),
        releases=_releases(desired, observed, plan),
        units=_applied(desired, plan, old, observed, after) if after else old.units,
        notices=_noticed(desired, after) if after else old.notices,
        exposure=_exposure(desired, after or observed),
        predecessor=_predecessor(desired, observed, old),
        declared_by=desired.declared_by,
        hidden=hidden_units.record(desired, observed, plan.actions, old),
        replaced=hidden_units.replaced(desired, observed, plan.actions, old),
    )


def _amended(desired: Desired, observed: Observed, old: Manifest, plan: Plan) -> Manifest:
    """Of units that something else has defined nothing is owned but the files that a mask has set aside.

    A run that was killed may have put one back already.
    """
    gone = {action.target for action in plan.actions if isinstance(action, (Remove, Restore))}
    still = {path: copy for path, copy in old.originals.items() if observed.path(copy).kind == "file"}
    aside = {action.target: action.to for action in plan.actions if isinstance(action, SetAside)}
    kept = {path: copy for path, copy in {**still, **aside}.items() if not {path, copy} & gone}
    return Manifest(desired.stack, links=dict.fromkeys(kept, "/dev/null"), originals=kept)


def is_empty(manifest: Manifest, desired: Desired) -> bool:
    """There is nothing to remember."""
    return desired.is_partial and not manifest.originals


def _predecessor(desired: Desired, observed: Observed, old: Manifest) -> Mapping[str, Any]:
    """As it was before it first gave way."""
    if desired.predecessor is None:
        return {}
    unit = desired.predecessor.unit
    now = {"unit": unit, "ran": observed.unit(unit).is_up, "enabled": observed.predecessor.is_enabled}
    return old.predecessor or now


def _releases(desired: Desired, observed: Observed, plan: Plan) -> dict[str, tuple[str, ...]]:
    """The history that stays, and what is superfluous but was left alone."""
    stay = kept(desired, observed)
    removed = {action.target for action in plan.actions if isinstance(action, RemoveRelease)}
    found = {}
    for home, releases in on_record(desired, observed).items():
        there = [release for release in releases if is_built(f"{home}/{release}", observed)]
        left = {*stay.get(home, ()), *(release for release in there if f"{home}/{release}" not in removed)}
        found[home] = tuple(release for release in releases if release in left)
    return {home: releases for home, releases in found.items() if releases}


def _own_links(desired: Desired, old: Manifest, plan: Plan, files: Mapping[str, str]) -> dict[str, str]:
    """Not those that somebody else has made of a unit of somebody else: they stay when the stack goes."""
    made = {action.target for action in plan.actions if isinstance(action, MakeLink)}
    return {
        link.path: link.target
        for link in desired.links
        if link.path in made or link.path in old.links or link.target in files or TARGET.fullmatch(link.target)
    }


def _originals(desired: Desired, observed: Observed, actions: tuple[Action, ...]) -> dict[str, str]:
    """path → where somebody else's file is kept; "" for one that was there already, just as declared."""
    old = observed.manifest.originals if observed.manifest else {}
    owned = observed.manifest.files if observed.manifest else {}
    found = {path: copy for path, copy in old.items() if path in desired.paths}
    for file in desired.files:
        if observed.path(file.path).sha256 == file.source.sha256 and file.path not in owned and not _is_ours_by_itself(file):
            found.setdefault(file.path, "")
    found.update({action.target: action.to for action in actions if isinstance(action, SetAside)})
    return found


def _is_ours_by_itself(file: File) -> bool:
    """Nobody else writes such a file, though the record that would say so is lost: it has a stamp, or lies in a release."""
    is_stamped = file.source.data is not None and f"{stamp.NAME}=".encode() in file.source.data
    return is_stamped or TARGET.fullmatch("/".join(file.path.split("/")[-3:-1])) is not None


def _homes_without_record(desired: Desired, observed: Observed) -> list[str]:
    """Directories of releases that were made before the record was lost; `current` tells that it was a stack that did."""
    if observed.manifest is not None:
        return []
    live = [unit.release for unit in desired.units if unit.release and TARGET.fullmatch(observed.path(unit.release.path).target)]
    scripts = {posixpath.dirname(file.path) for file in desired.files if _is_ours_by_itself(file)}
    found = []
    for link in live:
        home = posixpath.dirname(link.path)
        found += [home, f"{home}/releases", *(path for path in (f"{home}/{link.target}",) if path in scripts)]
    return [path for path in dict.fromkeys(found) if observed.path(path).kind == "directory"]


def _applied(desired: Desired, plan: Plan, old: Manifest, observed: Observed, after: Observed) -> dict[str, dict[str, Any]]:
    """Running units have what was declared, but for those that were kept as they were: of them we know what we knew."""
    as_it_was = {name for name, _reason in plan.restart_pending}
    records = {name: dict(old.units[name]) for name in as_it_was if name in old.units}
    ran = {action.target for action in plan.actions if isinstance(action, (Start, Restart))}
    for unit in desired.units:
        state = after.unit(unit.name)
        if unit.runs_once and unit.name in old.units and unit.name not in ran:
            records[unit.name] = dict(old.units[unit.name])
        elif unit.name not in as_it_was and (state.is_up or (unit.runs_once and unit.name in ran and not state.is_skipped)):
            records[unit.name] = {**unit.stamps.as_record(state.invocation), **_given(unit, ran, observed, after)}
    return records


def _given(unit: Unit, started: Collection[str], before: Observed, after: Observed) -> dict[str, Any]:
    """What its start has applied that is not the stack's: as it was seen before, for it was judged or started with that.

    What changed during the run counts where the clock says that it was there at the start. What a start itself has written
    does too, or the unit would be restarted for ever: a file that was not there before, or why it was restarted.
    """
    if not unit.document.entries:
        return {}
    state, given = after.unit(unit.name), after.unit(unit.name).given
    seen = {key_of(each): each for each in before.foreign.get(unit.name, ())}
    had = list(seen.values())
    if unit.name in started:
        was_stale = bool(foreign_causes(unit.name, before).restart)
        had = [each for each in after.foreign.get(unit.name, ()) if _had(each, seen.get(key_of(each)), state, was_stale)]
    found: dict[str, Any] = {"foreign": given_by(had)}
    record = after.record(unit.name)
    if given is not None and (given.traits or given.variables):
        found["traits"] = traits_of(given, environment_of(unit.document.values("Service", "Environment")))
    elif record is not None and "traits" in record:
        found["traits"] = record["traits"]
    return found


def _had(now: Foreign, before: Foreign | None, state: UnitState, was_stale: bool) -> bool:
    is_same = before is not None and before.restart == now.restart
    is_its_own = now.kind == ENVIRONMENT and (was_stale or before is None or not before.restart)
    return is_same or is_its_own or now.kind == GROUPS or is_older(now, state)


def _is_ours(unit: Unit, observed: Observed, old: Manifest) -> bool:
    """It is made of files of the stack, and there was none before: it goes with them."""
    return unit.is_generated and (unit.name in old.owned or observed.unit(unit.name).load == "not-found")


def _exposure(desired: Desired, observed: Observed) -> dict[str, float]:
    return {unit.name: observed.exposure[unit.name] for unit in desired.units if unit.name in observed.exposure}


def _noticed(desired: Desired, after: Observed) -> dict[str, dict[str, str]]:
    return {
        notice.unit: {"invocation": after.unit(notice.unit).invocation, "digest": notice.digest}
        for notice in desired.notices
        if after.unit(notice.unit).is_up
    }


def put_back(before: Observed, after: Observed) -> Manifest | None:
    """Written when all was put back: what was on record, for the start that each unit is in now."""
    old = before.manifest
    if old is None:
        return None

    def renewed(records: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        return {name: _renewed(record, before.unit(name), after.unit(name)) for name, record in records.items()}

    return replace(old, units=renewed(old.units), notices=renewed(old.notices))


def _renewed(record: Mapping[str, Any], before: UnitState, after: UnitState) -> dict[str, Any]:
    """What a new start has applied that is not the stack's is not known: the clock tells."""
    if record["invocation"] != before.invocation or before.invocation == after.invocation:
        return dict(record)
    known = {key: value for key, value in record.items() if key not in ("foreign", "traits")}
    return {**known, "invocation": after.invocation}


def ever_written(manifest: Manifest, desired: Desired) -> list[str]:
    """The paths beside which a run that was killed may have left something."""
    kept = filter(None, manifest.originals.values())
    return [*manifest.files, *manifest.links, *kept, desired.scope.manifest_path(desired.stack)]
