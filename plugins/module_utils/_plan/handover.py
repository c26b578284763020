# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of somebody else gives way to sockets of the stack, and takes its place again when they go.

Two cannot listen at one port, so there is a moment without anybody. It is as short as can be: all files are written and
systemd has read them before, and the service ends by a signal that leaves the processes alone that serve its clients.
"""

from __future__ import annotations

from typing import Sequence

from .._desired.desired import Desired
from .actions import Action, DaemonReload, Disable, Enable, HandOver, Remove, Restart, Restore, Start, Stop, WriteFile
from .observed import Observed
from .wording import listed


def before(desired: Desired, observed: Observed, files: Sequence[Action], units: Sequence[Action]) -> list[Action]:
    """Right before the units are started. It also gives way to itself, when it must read its files again."""
    predecessor = desired.predecessor
    if predecessor is None or not observed.unit(predecessor.unit).is_up:
        return []
    opened = [action.target for action in units if isinstance(action, (Start, Restart)) and action.target.endswith(".socket")]
    read = [action.target for action in files if isinstance(action, (WriteFile, Restore, Remove))]
    changed = [path for path in read if path in predecessor.reads]
    if opened:
        reason = f"{listed(opened)} {'is' if len(opened) == 1 else 'are'} to listen in its place"
    elif changed and predecessor.goes_on:
        reason = f"{listed(changed)} changed"
    else:
        return []
    ports = predecessor.ports if opened else ()
    return [HandOver(predecessor.unit, reason, ports, predecessor.signal, observed.predecessor.is_strict)]


def after(desired: Desired, observed: Observed, has_given_way: bool) -> list[Action]:
    """When the sockets are open: it goes on with the rest, or ends."""
    recorded = observed.manifest.predecessor if observed.manifest else {}
    if desired.predecessor is None:
        return _given_back(observed) if recorded else []
    unit, is_enabled = desired.predecessor.unit, observed.predecessor.is_enabled
    is_up = observed.unit(unit).is_up
    actions: list[Action] = []
    if desired.predecessor.goes_on:
        if has_given_way:
            actions.append(Restart(unit, "it goes on with what is left to it"))
        elif not is_up and recorded.get("ran"):
            actions.append(Start(unit, "there is something left to it"))
        if recorded.get("enabled") and not is_enabled:
            actions.append(Enable(unit, "it was enabled before, and there is something left to it"))
    else:
        actions += [Stop(unit, "the sockets serve all that it has served")] if is_up else []
        actions += [Disable(unit, "the sockets serve all that it has served")] if is_enabled else []
    if has_given_way and observed.predecessor.is_strict:
        actions.append(DaemonReload("systemd", f"{unit} ends with all of its processes again"))
    return actions


def _given_back(observed: Observed) -> list[Action]:
    """The stack goes: everything as it was."""
    recorded = observed.manifest.predecessor if observed.manifest else {}
    unit = recorded["unit"]
    actions: list[Action] = []
    if observed.unit(unit).is_up:
        actions.append(Restart(unit, "it serves all again that it served before"))
    elif recorded["ran"]:
        actions.append(Start(unit, "it serves again what it served before"))
    if recorded["enabled"] and not observed.predecessor.is_enabled:
        actions.append(Enable(unit, "it was enabled before"))
    return actions
