# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on the host in the way of the declaration: found before anything is touched."""

from __future__ import annotations

from .._declaration.problems import Problems
from .._desired.desired import Desired, File, Link
from . import hidden_units
from .declared_by import check_declared_by
from .file_plan import is_foreign_link, is_stamped
from .observed import Observed
from .open_sockets import check_kept_sockets
from .removal import ancestors, paths_to_remove

_KINDS = {"directory": "a directory", "file": "a file", "link": "a symbolic link", "other": "a device, socket or pipe"}
_ADOPT = "To let the stack have it, say adopt: true; what it takes is kept and put back when the stack goes."


def find_obstacles(desired: Desired, observed: Observed, problems: Problems) -> None:
    unmasked = {unit.path for unit in desired.units if unit.masked is False or is_masked_by_us(unit.path, observed)}
    masked = {unit.name: unit.place for unit in desired.units if unit.masked}
    for file in desired.files:
        _file_is_possible(file, file.path in unmasked, desired, observed, problems)
        _file_is_ours(file, desired, observed, problems)
    for link in desired.links:
        _link_is_possible(link, link.path.rpartition("/")[2] in masked, desired, observed, problems)
        _link_is_ours(link, desired, observed, problems)
    for path in dict.fromkeys(parent for below in desired.paths for parent in ancestors(below)):
        kind = observed.path(path).kind
        if kind not in ("missing", "directory"):
            problems.add(path, kind, f"{_KINDS[kind]} lies where a directory is needed", "Move it away, or choose another path.")
    hidden_units.check(desired, observed, problems)
    check_declared_by(desired, observed, problems)
    _masks(desired, observed, problems)
    _refused_starts(desired, observed, problems)
    check_kept_sockets(desired, observed, problems)
    _changed_by_hand(desired, observed, problems)


def _file_is_possible(file: File, may_unmask: bool, desired: Desired, observed: Observed, problems: Problems) -> None:
    state = observed.path(file.path)
    if state.kind in ("missing", "file"):
        return
    if state.kind == "link":
        is_mask = state.target == "/dev/null"
        if not is_mask:
            is_unit = file.path in {unit.path for unit in desired.units if unit.has_file}
            if not (is_unit and desired.adopt):
                problem = f"a symbolic link to {state.target} lies where a file is wanted"
                instead = ", or say adopt: true to have it replaced until the stack goes" if is_unit else ""
                problems.add(file.place, file.path, problem, f"Name the file that it points to, or remove the link{instead}.")
        elif not may_unmask:
            unit = file.path.rpartition("/")[2]
            problems.add(file.place, file.path, f"{unit} is masked", "Say masked: false to unmask it.")
        return
    remedy = "Name a file in it." if state.kind == "directory" else "Choose another path."
    problems.add(file.place, file.path, f"{_KINDS[state.kind]} lies where a file is wanted", remedy)


def _file_is_ours(file: File, desired: Desired, observed: Observed, problems: Problems) -> None:
    """A file that somebody else has made or changed is taken only when the declaration says so."""
    state = observed.path(file.path)
    other = observed.owners.get(file.path)
    if other:
        problems.add(
            file.place, file.path, f"it belongs to the stack {other}", f"Take it out of {other} first, or rename it here."
        )
    elif state.kind == "file" and state.sha256 != file.source.sha256 and not desired.adopt:
        written = observed.manifest.wrote(file.path) if observed.manifest else ()
        if not written and observed.manifest is None and is_stamped(state):
            record = desired.scope.manifest_path(desired.stack)
            problem = f"a stack has written it, and the record of {desired.stack} that would say so is not there"
            problems.add(file.place, file.path, problem, f"Restore {record}, or say adopt: true to make a new one.")
        elif not written:
            problems.add(file.place, file.path, "a file that this stack has not made lies there", _ADOPT)
        elif state.sha256 not in written:
            problems.add(
                file.place,
                file.path,
                "it was changed by hand since this stack wrote it",
                "Take the change over into the declaration, or say adopt: true to overwrite it.",
            )


def _link_is_possible(link: Link, is_mask: bool, desired: Desired, observed: Observed, problems: Problems) -> None:
    path = link.path
    kind = observed.path(path).kind
    if path in observed.owners:
        return
    if kind == "link" and is_foreign_link(link, observed) and not (desired.adopt or desired.is_partial or is_mask):
        target = observed.path(path).target
        if target.rpartition("/")[2] != link.target.rpartition("/")[2]:  # else it means the same unit
            problems.add(path, target, f"a link to {target} that this stack has not made lies there", _ADOPT)
    if kind in ("missing", "link"):
        return
    if kind == "file" and is_mask:  # set aside, and put back when it is unmasked
        return
    if kind == "file" and observed.manifest and observed.path(path).sha256 in observed.manifest.wrote(path):
        return
    problems.add(path, path, f"{_KINDS[kind]} lies where a link is needed", "Move it away.")


def _link_is_ours(link: Link, desired: Desired, observed: Observed, problems: Problems) -> None:
    """Another stack's is not taken; one that was changed since gives way as a file does that was changed by hand."""
    state = observed.path(link.path)
    if desired.is_partial or state.kind != "link":
        return
    place = next((unit.place for unit in desired.units if link in (*unit.links, unit.release)), link.path)
    other = observed.owners.get(link.path)
    if other:
        remedy = f"Take it out of {other} first, or rename it here."
        problems.add(place, link.path, f"it belongs to the stack {other}", remedy)
        return
    is_right = hidden_units.is_link_to(link, state.target) or hidden_units.is_ours(link.path, observed)
    is_known = observed.manifest is not None and link.path in observed.manifest.links
    if is_known and hidden_units.is_place(link, desired) and not is_right and not desired.adopt:
        problem = f"it is a link to {state.target}, changed since this stack made it"
        problems.add(place, link.path, problem, f"Leave it ({link.reason}), or say adopt: true to replace it.")


def _masks(desired: Desired, observed: Observed, problems: Problems) -> None:
    for unit in desired.units:
        is_ours = not desired.is_partial and is_masked_by_us(desired.scope.path_of(unit.name), observed)
        is_foreign = unit.masked is None and not is_ours
        if unit.wants_to_run and not unit.has_file and is_foreign and observed.unit(unit.name).load == "masked":
            problems.add(unit.place, unit.name, "it is masked and cannot be started", "Say masked: false to unmask it.")


def _refused_starts(desired: Desired, observed: Observed, problems: Problems) -> None:
    """What something else has installed, and what nobody may start by its name. systemd.unit(5), "RefuseManualStart=".

    Of what the stack defines the declaration tells (_desired/expand.py).
    """
    for unit in desired.units:
        state = observed.unit(unit.name)
        if unit.wants_to_run and not unit.has_file and state.refuses_start and not state.is_up:
            problem = "it cannot be started by its name (RefuseManualStart=), only by a unit that depends on it"
            problems.add(f"{unit.place}.state", unit.state, problem, "Start a unit that wants it, or take state away.")


def _changed_by_hand(desired: Desired, observed: Observed, problems: Problems) -> None:
    """What the stack is about to remove must still be what it has written."""
    if observed.manifest is None or desired.adopt:
        return
    for path in paths_to_remove(desired, observed):
        written = observed.manifest.wrote(path)
        if written and observed.path(path).kind == "file" and observed.path(path).sha256 not in written:
            problems.add(
                path,
                path,
                "this stack is about to remove it, but it was changed by hand",
                "Save what is needed of it, then say adopt: true.",
            )


def is_masked_by_us(path: str, observed: Observed) -> bool:
    return observed.manifest is not None and observed.manifest.links.get(path) == "/dev/null"
