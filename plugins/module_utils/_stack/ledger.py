# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manifest of a stack says before a run, and after it."""

from __future__ import annotations

from .actions import Action, MakeDirectory, RemoveDirectory
from .desired import Desired
from .observed import Manifest, Observed
from .removal import retained_releases


def intent(desired: Desired, observed: Observed, actions: tuple[Action, ...]) -> Manifest:
    """Written before the first action: all that is owned or is about to be, so that no interruption loses track."""
    old = observed.manifest or Manifest(desired.stack)
    new = outcome(desired, observed, actions)
    return Manifest(
        stack=desired.stack,
        complete=False,
        files={**old.files, **new.files},
        links={**old.links, **new.links},
        directories=tuple(dict.fromkeys([*old.directories, *new.directories])),
        units=old.units,
    )


def outcome(desired: Desired, observed: Observed, actions: tuple[Action, ...], after: Observed | None = None) -> Manifest:
    """Written when all went well. after: the host after the run, whose running units carry the stack's stamps."""
    old = observed.manifest or Manifest(desired.stack)
    made = [action.target for action in actions if isinstance(action, MakeDirectory)]
    gone = {action.target for action in actions if isinstance(action, RemoveDirectory)}
    files = {path: old.files[path] for path in retained_releases(desired, observed) if path in old.files}
    files.update({file.path: file.source.sha256 for file in desired.files})
    return Manifest(
        stack=desired.stack,
        complete=True,
        files=files,
        links={link.path: link.target for link in desired.links},
        directories=tuple(path for path in dict.fromkeys([*old.directories, *made]) if path not in gone),
        units=_running(desired, after) if after else old.units,
    )


def _running(desired: Desired, after: Observed) -> dict[str, dict[str, str]]:
    return {
        unit.name: {"stamp": unit.stamp, "invocation": after.unit(unit.name).invocation}
        for unit in desired.units
        if after.unit(unit.name).is_up or unit.runs_once
    }
