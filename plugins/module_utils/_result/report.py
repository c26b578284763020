# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan and states → what the task returns. The diff comes from the plan, so it is the same in check mode."""

from __future__ import annotations

import posixpath
from typing import Any, Iterable

from .._dataclasses import replace
from .._desired import enablement
from .._desired.desired import READABLE_BY_ALL, Build, Desired, File, Unit
from .._health.watched import untried
from .._plan import hidden_units, removal
from .._plan.actions import (
    OF_THE_MANAGER,
    Action,
    BuildRelease,
    Disable,
    Enable,
    MakeLink,
    Remove,
    Restore,
    SetAttributes,
    Start,
    WriteFile,
)
from .._plan.existing_units import enabling_links
from .._plan.observed import Observed, PathState
from .._plan.plan import Plan
from .._plan.staleness import DROP_IN
from .._unitfile.names import template_of
from .timer_warnings import warnings_about_timers

_SHOWN_AT_MOST = 256 * 1024


def result_of(
    planned: Plan, desired: Desired, before: Observed, after: Observed, warnings: Iterable[str], with_diff: bool
) -> dict[str, Any]:
    """What the task returns. In check mode `after` is the host as it is."""
    result: dict[str, Any] = {
        "changed": any(_changes(action, before, after) for action in planned.actions),
        "actions": [action.as_result() for action in planned.actions],
        "condition_not_met": [unit.name for unit in _skipped(desired, after)],
        "restart_pending": [{"unit": unit, "reason": reason} for unit, reason in planned.restart_pending],
        "units": asked_of(desired, planned, before, after) if desired.is_partial else units_of(desired, after),
        "warnings": [
            *desired.warnings,
            *warnings,
            *warnings_of(desired, before, planned),
            *warnings_about_timers(desired, before, after, planned.actions),
            *_told_of_skipped(desired, before, after),
        ],
        "invocation": {},
    }
    if with_diff:
        result["diff"] = diff_of(planned.actions, desired, before)
    return result


def _changes(action: Action, before: Observed, after: Observed) -> bool:
    """What systemd has skipped was not started, though it was tried."""
    if isinstance(action, OF_THE_MANAGER):
        return action.is_needed
    was, now = before.unit(action.target), after.unit(action.target)
    return not (isinstance(action, Start) and now.is_skipped and was.active == "inactive")


def _skipped(desired: Desired, after: Observed) -> list[Unit]:
    return [unit for unit in desired.units if unit.wants_to_run and after.unit(unit.name).is_skipped]


def _told_of_skipped(desired: Desired, before: Observed, after: Observed) -> list[str]:
    found = _skipped(desired, after)
    if not found:
        return []
    from .._health.causes import unmet

    return [
        f"{unit.name} was not started, since a condition of its unit is not met{unmet(unit, 'Condition')}"
        f"{', and it does not run any more' if before.unit(unit.name).is_up else ''}."
        for unit in found
    ]


def diff_of(actions: Iterable[Action], desired: Desired, observed: Observed) -> list[dict[str, str]]:
    """One entry a file, as `--diff` shows it. The content of a file that not all may read is never shown."""
    replaced = _replaced_scripts(desired, observed)
    entries = []
    for action in actions:
        before_path = replaced.get(action.target, action.target)
        pair = _before_and_after(action, observed.path(before_path))
        if pair is not None:
            before, after = pair
            entries.append({"before": before, "after": after, "before_header": before_path, "after_header": action.target})
    return entries


def _replaced_scripts(desired: Desired, observed: Observed) -> dict[str, str]:
    """Script of a new release → the one that is live now, with which a person wants to see it compared."""
    replaced = {}
    for unit in desired.units:
        live = observed.path(unit.release.path).target if unit.release else ""
        if unit.release and live and live != unit.release.target:
            home = posixpath.dirname(unit.release.path)
            new = next((file.path for file in desired.files if file.path.startswith(f"{unit.release_path}/")), "")
            old = f"{home}/{live}/{posixpath.basename(new)}"
            if new and observed.path(old).kind == "file":
                replaced[new] = old
    return replaced


def _before_and_after(action: Action, state: PathState) -> tuple[str, str] | None:
    if isinstance(action, WriteFile):
        is_hidden = action.file.is_secret or (state.kind == "file" and not state.mode & READABLE_BY_ALL)
        if is_hidden:  # a digest of a short secret could be found by trying
            return ("" if state.kind == "missing" else "(not shown)\n"), "(not shown: new content)\n"
        before = "" if state.kind == "missing" else _shown(state.content, state.sha256)
        return before, _shown(action.file.source.data, action.file.source.sha256)
    if isinstance(action, SetAttributes):
        return f"{state.owner} {state.group} {state.mode:04o}\n", _attributes_after(action.file, state)
    if isinstance(action, MakeLink):
        return (f"link to {state.target}\n" if state.kind == "link" else ""), f"link to {action.to}\n"
    if isinstance(action, BuildRelease):
        return "", _contents(action.build)
    if isinstance(action, (Remove, Restore)):
        return _removed(state), ""
    return None


def _removed(state: PathState) -> str:
    if state.kind == "link":
        return f"link to {state.target}\n"
    return f"file with sha256 {state.sha256}\n" if state.mode & READABLE_BY_ALL else "file that is not shown\n"


def _contents(build: Build) -> str:
    """What a release is made of, without showing any of it."""
    lines = [f"{build.kind} {build.source.name} {build.source.sha256[:16]}"] if build.source else []
    lines += [f"{len(build.requirements)} requirements"] if build.requirements else []
    lines += [f"virtual environment of {build.python}"] if build.has_venv else []
    return "".join(f"{line}\n" for line in lines)


def _shown(content: bytes | None, sha256: str) -> str:
    if content is None or len(content) > _SHOWN_AT_MOST:
        return f"(large: sha256 {sha256})\n"
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return f"(binary: sha256 {sha256})\n"


def _attributes_after(file: File, state: PathState) -> str:
    mode = state.mode if file.mode is None else file.mode
    return f"{file.owner or state.owner} {file.group or state.group} {mode:04o}\n"


def warnings_of(desired: Desired, observed: Observed, planned: Plan) -> list[str]:
    """What a person should know though the task is well."""
    warnings = [f"{unit} was not restarted, because {reason}." for unit, reason in planned.restart_pending]
    warnings += [
        f"{unit} has changed and sleeps until its first client, so that nothing has tried it. Give it health, which does."
        for unit in untried(desired, observed, planned)
    ]
    warnings += [*hidden_units.warnings(desired, observed), *_left(desired, observed)]
    if any(each.kind == DROP_IN for found in observed.foreign.values() for each in found):
        from .dropin_warnings import warnings_of_drop_ins  # most hosts do without

        warnings += [warning for unit in desired.units for warning in warnings_of_drop_ins(unit, desired, observed)]
    return warnings


def _left(desired: Desired, observed: Observed) -> list[str]:
    """What goes, but for a part that is not only the stack's any more."""
    links = observed.manifest.links if observed.manifest and not desired.is_partial else {}
    gone = [path for path in links if path not in desired.paths and removal.is_left(path, observed)]
    return [
        *(f"{path} stays, because {by} names it." for path, by in observed.needed.items()),
        *(f"{path} was changed since the stack made it, and stays a link to {observed.path(path).target}." for path in gone),
    ]


def units_of(desired: Desired, observed: Observed) -> dict[str, dict[str, Any]]:
    """The stack's units by name; a template has no state of its own."""
    return {unit.name: _unit(unit, observed) for unit in desired.units if not unit.is_template}


def asked_of(desired: Desired, planned: Plan, before: Observed, after: Observed) -> dict[str, dict[str, Any]]:
    """Units that something else has defined. Whether they are enabled shows in their links, with those of the plan."""
    links = dict(before.links)
    sysv = set(before.sysv_enabled)
    for action in planned.actions:
        if isinstance(action, MakeLink):
            links[action.target] = action.to
        elif isinstance(action, Remove):
            links.pop(action.target, None)
        elif isinstance(action, (Enable, Disable)):
            sysv.discard(action.target)
            sysv |= {action.target} if isinstance(action, Enable) else set()
    then = replace(after, links=links)
    return {
        unit.name: {
            **_unit(unit, after),
            "enabled": unit.name in sysv or bool(enabling_links(unit, desired, then)),
            "stamp": after.unit(unit.name).stamp,
        }
        for unit in desired.units
        if not unit.is_template and not unit.is_companion
    }


def units_as_before(desired: Desired, observed: Observed) -> dict[str, dict[str, Any]]:
    """The same after all was put back: what is enabled, live and running is what was there, and not what was declared."""
    units = {unit.name: unit for unit in desired.units}
    folder = desired.scope.unit_directory
    return {name: {**told, **_as_before(units[name], observed, folder)} for name, told in units_of(desired, observed).items()}


def _as_before(unit: Unit, observed: Observed, folder: str) -> dict[str, Any]:
    links = observed.links.items()
    live = observed.path(unit.release.path).target.rpartition("/")[2] if unit.release else ""
    return {
        "enabled": any(enablement.is_enabling(path, target, unit.name, unit.path, folder) for path, target in links),
        "stamp": observed.unit(unit.name).stamp,
        **({"release": live} if unit.release else {}),
    }


def _exposure(unit: Unit, observed: Observed) -> dict[str, float]:
    """An instance is exposed as its template is."""
    judged = template_of(unit.name) if unit.is_instance else unit.name
    return {"exposure": observed.exposure[judged]} if judged in observed.exposure else {}


def _unit(unit: Unit, observed: Observed) -> dict[str, Any]:
    state = observed.unit(unit.name)
    return {
        "active_state": state.active,
        "sub_state": state.sub,
        "result": state.result,
        "condition_met": not state.is_skipped,
        "enabled": bool(unit.links) and not unit.masked,
        "main_pid": state.main_pid,
        "restarts": state.restarts,
        "invocation_id": state.invocation,
        "stamp": unit.stamps.restart,
        **_exposure(unit, observed),
        **({"release": unit.release.target.rpartition("/")[2]} if unit.release else {}),
    }
