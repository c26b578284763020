# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan and states → what the task returns. The diff comes from the plan, so it is the same in check mode."""

from __future__ import annotations

from typing import Any, Iterable

from .actions import Action, MakeDirectory, MakeLink, Remove, RemoveDirectory, SetAttributes, WriteFile
from .desired import Desired, File, Unit
from .observed import Observed, UnitState


def diff_of(actions: Iterable[Action], observed: Observed) -> list[dict[str, str]]:
    """One entry a file, as `--diff` shows it. The content of a file that not all may read is never shown."""
    entries = []
    for action in actions:
        pair = _before_and_after(action, observed)
        if pair is not None:
            before, after = pair
            entries.append({"before": before, "after": after, "before_header": action.target, "after_header": action.target})
    return entries


def _before_and_after(action: Action, observed: Observed) -> tuple[str, str] | None:
    state = observed.path(action.target)
    if isinstance(action, WriteFile):
        hidden = action.file.is_secret or (state.kind == "file" and not state.mode & 0o004)
        before = "" if state.kind == "missing" else _shown(state.content, state.sha256, hidden)
        return before, _shown(action.file.source.data, action.file.source.sha256, hidden)
    if isinstance(action, SetAttributes):
        return f"{state.owner} {state.group} {state.mode:04o}\n", _attributes_after(action.file, observed)
    if isinstance(action, MakeLink):
        return (f"link to {state.target}\n" if state.kind == "link" else ""), f"link to {action.to}\n"
    if isinstance(action, Remove):
        return (f"link to {state.target}\n" if state.kind == "link" else f"file with sha256 {state.sha256}\n"), ""
    if isinstance(action, MakeDirectory):
        return "", "directory\n"
    return ("directory\n", "") if isinstance(action, RemoveDirectory) else None


def _shown(content: bytes | None, sha256: str, hidden: bool) -> str:
    if hidden or content is None:
        return f"({'not shown' if hidden else 'large'}: sha256 {sha256})\n"
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return f"(binary: sha256 {sha256})\n"


def _attributes_after(file: File, observed: Observed) -> str:
    state = observed.path(file.path)
    mode = state.mode if file.mode is None else file.mode
    return f"{file.owner or state.owner} {file.group or state.group} {mode:04o}\n"


def units_of(desired: Desired, observed: Observed) -> dict[str, dict[str, Any]]:
    """The stack's units by name; a template has no state of its own."""
    return {unit.name: _unit(unit, observed.unit(unit.name)) for unit in desired.units if not unit.is_template}


def _unit(unit: Unit, state: UnitState) -> dict[str, Any]:
    return {
        "active_state": state.active,
        "sub_state": state.sub,
        "result": state.result,
        "enabled": unit.enabled,
        "main_pid": state.main_pid,
        "restarts": state.restarts,
        "invocation_id": state.invocation,
        "stamp": unit.stamp,
        **({"release": unit.release.target.rpartition("/")[2]} if unit.release else {}),
    }
