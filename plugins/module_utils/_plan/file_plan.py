# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, links and directories: what must be written, linked, set aside, put back and removed."""

from __future__ import annotations

import posixpath

from .._desired import enablement, stamp
from .._desired.desired import Desired, File, Link, Unit
from .._text import listed
from . import existing_units, hidden_units, releases
from .actions import Action, MakeDirectory, MakeLink, Remove, Restore, SetAside, SetAttributes, WriteFile
from .observed import Observed, PathState
from .removal import Removal, ancestors, is_back, putting_back
from .unit_changes import changed_directives, is_about_to_change, old_document


def actions_for(desired: Desired, observed: Observed, gone: Removal) -> list[Action]:
    if desired.is_partial:
        stale = existing_units.link_actions(desired, observed)
    else:
        restored = {action.target for action in gone.files if isinstance(action, Restore)}
        stale = [action for action in _stale_links(desired, observed) if action.target not in restored]
        stale += _masks(desired, observed)
    told = {action.target for action in stale}
    return [
        *_directories(desired, observed),
        *releases.builds(desired, observed),
        *_originals(desired, observed),
        *_files(desired, observed),
        *_links(desired, observed),
        *stale,
        *(action for action in gone.files if action.target not in told),
        *(hidden_units.returning(desired, observed)),
    ]


def _directories(desired: Desired, observed: Observed) -> list[Action]:
    """The folder of records, and what lies above it, is made with the first record, before all actions."""
    missing: dict[str, str] = {}
    records = f"{desired.scope.state_directory}/"
    for path in desired.paths:
        for parent in reversed(ancestors(path)):
            is_made = path.startswith(records) and not parent.startswith(records)
            if observed.path(parent).kind == "missing" and not is_made:
                missing.setdefault(parent, path)
    mode_of = desired.scope.directory_mode
    return [MakeDirectory(parent, f"for {posixpath.basename(path)}", mode_of(parent)) for parent, path in missing.items()]


def _originals(desired: Desired, observed: Observed) -> list[Action]:
    """Somebody else's files whose place the stack takes: a file that it adopts, or that it masks."""
    actions: list[Action] = []
    replaced = [file.path for file in desired.files if observed.path(file.path).sha256 != file.source.sha256]
    theirs = {link.path for link in desired.links if is_foreign_link(link, observed) and not desired.is_partial}
    if observed.manifest is None and not desired.is_partial:  # lost, perhaps: the file itself says that it was a stack
        replaced = [path for path in replaced if not is_stamped(observed.path(path))]
    for path in [*replaced, *(link.path for link in desired.links)]:
        kept = desired.scope.original_path(desired.stack, path)
        if (is_foreign(path, observed) or path in theirs) and (desired.is_partial or observed.path(kept).kind == "missing"):
            until = "it is unmasked" if desired.is_partial else "the stack goes"
            actions.append(SetAside(path, f"it is not of this stack, and will be put back when {until}", kept))
    return actions


def is_foreign(path: str, observed: Observed) -> bool:
    """A file that this stack has not made."""
    if observed.path(path).kind != "file":
        return False
    manifest = observed.manifest
    if manifest is None or not manifest.wrote(path):
        return True
    return manifest.originals.get(path) == "" or is_back(path, observed)  # "": found as we would have written it


def is_stamped(state: PathState) -> bool:
    """The file says by itself that a stack has written it."""
    return state.content is not None and f"{stamp.NAME}=".encode() in state.content


def is_foreign_link(link: Link, observed: Observed) -> bool:
    """A link to something else that this stack has not made. Below .wants and the like the name alone counts."""
    state, manifest = observed.path(link.path), observed.manifest
    if state.kind != "link" or _is_right(link, observed) or posixpath.dirname(link.path).endswith(_OF_NAMES):
        return False
    if manifest is None:  # lost, perhaps: then the link looks as those of releases do
        return not (releases.TARGET.fullmatch(link.target) and releases.TARGET.fullmatch(state.target))
    return link.path not in manifest.links or is_back(link.path, observed)


_OF_NAMES = tuple(f".{kind}" for kind in enablement.DEPENDENCY_DIRECTORIES.values())


def _files(desired: Desired, observed: Observed) -> list[Action]:
    units = {unit.path: unit for unit in desired.units if unit.has_file}
    actions: list[Action] = []
    for file in desired.files:
        state = observed.path(file.path)
        if state.kind == "missing":
            actions.append(WriteFile(file.path, "is new", file))
        elif state.sha256 != file.source.sha256:
            actions.append(WriteFile(file.path, _why_differs(file, units.get(file.path), desired, observed), file))
        else:
            differing = differing_attributes(file, state)
            if differing:
                actions.append(SetAttributes(file.path, differing, file))
    return actions


def _why_differs(file: File, unit: Unit | None, desired: Desired, observed: Observed) -> str:
    manifest, state = observed.manifest, observed.path(file.path)
    if state.kind == "link":
        return f"it is a link to {state.target}"
    if file.seal and file.seal.why:
        return file.seal.why
    if manifest and manifest.wrote(file.path) and state.sha256 not in manifest.wrote(file.path):
        return "was changed by hand since the last run"
    old = old_document(unit, desired, observed) if unit else None
    if unit is None or old is None:
        return "its content changed"
    live = observed.path(unit.release.path).target if unit.release else ""
    keys = changed_directives(unit, old, live)
    if keys:
        return f"{listed(keys)} changed"
    inputs = [path for path in unit.inputs if is_about_to_change(path, observed)]
    if inputs:
        return f"its stamp changes with {listed(inputs)}"
    return "its release changed" if unit.release and live != unit.release.target else "its comments or order changed"


def differing_attributes(file: File, state: PathState) -> str:
    """Owner, group and mode that are not as declared, as clauses; "" where all are."""
    wanted = (("owner", state.owner, file.owner), ("group", state.group, file.group))
    parts = [f"{name} is {now}, not {want}" for name, now, want in wanted if want is not None and now != want]
    if file.mode is not None and state.mode != file.mode:
        parts.append(f"mode is {state.mode:04o}, not {file.mode:04o}")
    return "; ".join(parts)


def _links(desired: Desired, observed: Observed) -> list[Action]:
    return [
        MakeLink(link.path, _why_linked(link, observed), link.target) for link in desired.links if not _is_right(link, observed)
    ]


def _is_right(link: Link, observed: Observed) -> bool:
    state = observed.path(link.path)
    return state.kind == "link" and enablement.plain(state.target) == enablement.plain(link.target)


def _why_linked(link: Link, observed: Observed) -> str:
    state = observed.path(link.path)
    return f"{link.reason}; it pointed to {state.target}" if state.kind == "link" else link.reason


def _stale_links(desired: Desired, observed: Observed) -> list[Action]:
    """Links that enable a unit of the stack and that its [Install] section does not ask for."""
    wanted = {link.path for link in desired.links}
    actions: list[Action] = []
    for unit in desired.units:
        if unit.enabled is None:
            continue
        why = f"{unit.name} does not ask for it any more" if unit.enabled else f"{unit.name} is not to be enabled"
        for path, target in observed.links.items():
            if path not in wanted and enablement.is_enabling(path, target, unit.name, unit.path, desired.scope.unit_directory):
                actions.append(Remove(path, why))
    return list({action.target: action for action in actions}.values())


def _masks(desired: Desired, observed: Observed) -> list[Action]:
    """masked: false removes a mask; a unit file of the stack takes its place by itself."""
    actions: list[Action] = []
    for unit in desired.units:
        path = desired.scope.path_of(unit.name)
        state = observed.path(path)
        if unit.masked is False and not unit.has_file and state.kind == "link" and state.target == "/dev/null":
            actions.append(putting_back(path, f"{unit.name} is not to be masked", observed))
    return actions
