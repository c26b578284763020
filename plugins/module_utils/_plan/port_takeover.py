# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of somebody else gives way to sockets of the stack, and takes its place again when they go.

Two cannot listen at one port, so there is a moment without anybody. It is as short as can be: all files are written and
systemd has read them before, and the service ends by a signal that leaves the processes alone that serve its clients.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .._desired.desired import Desired
from .._text import listed
from .actions import Action, DaemonReload, Disable, Enable, Remove, Restart, Restore, Start, Stop, TakeOverPorts, WriteFile
from .observed import Observed


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
    return [TakeOverPorts(predecessor.unit, reason, ports, predecessor.signal, observed.predecessor.is_strict)]


def after(desired: Desired, observed: Observed, has_given_way: bool) -> list[Action]:
    """When the sockets are open: it goes on with the rest, or ends. Where the stack goes, all is as it was."""
    recorded = observed.manifest.predecessor if observed.manifest else {}
    if desired.predecessor is not None:
        unit = desired.predecessor.unit
        goes_on = desired.predecessor.goes_on
        actions = _going_on(unit, recorded, observed, has_given_way) if goes_on else _ending(unit, observed)
    elif recorded:
        unit = recorded["unit"]
        actions = _taking_back(unit, recorded, observed)
    else:
        return []
    is_marked = any(isinstance(action, (Enable, Disable)) for action in actions)
    if is_marked or (has_given_way and observed.predecessor.is_strict):
        actions.append(DaemonReload("systemd", f"it must see how {unit} is enabled, and how it ends"))
    return actions


def _going_on(unit: str, recorded: Mapping[str, Any], observed: Observed, has_given_way: bool) -> list[Action]:
    actions: list[Action] = []
    if has_given_way:
        actions.append(Restart(unit, "it goes on with what is left to it"))
    elif not observed.unit(unit).is_up and recorded.get("ran"):
        actions.append(Start(unit, "there is something left to it"))
    return [*actions, *_enabling(unit, recorded, observed)]


def _ending(unit: str, observed: Observed) -> list[Action]:
    why = "the sockets serve all that it has served"
    stop = [Stop(unit, why)] if observed.unit(unit).is_up else []
    return [*stop, *([Disable(unit, why)] if observed.predecessor.is_enabled else [])]


def _taking_back(unit: str, recorded: Mapping[str, Any], observed: Observed) -> list[Action]:
    actions: list[Action] = []
    if observed.unit(unit).is_up:
        actions.append(Restart(unit, "it serves all again that it served before"))
    elif recorded["ran"]:
        actions.append(Start(unit, "it serves again what it served before"))
    return [*actions, *_enabling(unit, recorded, observed)]


def _enabling(unit: str, recorded: Mapping[str, Any], observed: Observed) -> list[Action]:
    is_due = recorded.get("enabled") and not observed.predecessor.is_enabled
    return [Enable(unit, "it was enabled before")] if is_due else []
