# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets that are to stay open as they are, although their definition changes: not all of them can.

At a daemon-reload systemd hands each listener over to the new definition by its address, and closes the one whose address
is not there any more, whether the unit is restarted or not: socket_deserialize_item() of src/core/socket.c, and tried on
systemd 247 to 262. The unit stays active without it.
"""

from __future__ import annotations

from .._declaration.problems import Problems
from .._desired import unit_checks
from .._desired.desired import Desired, Unit
from .._text import listed
from .observed import Observed
from .unit_changes import old_document
from .unit_plan import LEFT_TO_END, holder_of


def check_kept_sockets(desired: Desired, observed: Observed, problems: Problems) -> None:
    """What is kept must be able to listen on at its old address."""
    for unit in desired.units:
        if not unit.name.endswith(".socket") or unit.is_template or not observed.unit(unit.name).is_up:
            continue
        why = _kept_by(unit, desired, observed)
        gone = closed_addresses(unit, desired, observed) if why else []
        if gone:
            problem = (
                f"{unit.name} is open at {listed(gone)}, which systemd closes as soon as it reads a definition without it; "
                f"but {why}"
            )
            problems.add(f"{unit.place}.on_change", "keep" if "keep" in why else unit.on_change, problem, _remedy(why))


def closed_addresses(socket: Unit, desired: Desired, observed: Observed) -> list[str]:
    """Where it listens by its definition so far, and not by the new one."""
    old = old_document(socket, desired, observed)
    return [each for each in unit_checks.addresses(old) if each not in unit_checks.addresses(socket.document)] if old else []


def _kept_by(socket: Unit, desired: Desired, observed: Observed) -> str:
    if socket.state == "stopped" or socket.masked:
        return ""
    if socket.on_change == "keep":
        return f"on_change of {socket.name} is keep"
    return holder_of(socket, desired.units, observed)


def _remedy(why: str) -> str:
    if why.endswith(LEFT_TO_END):
        return "Run the task again when it has ended, or stop it."
    return "Add the new address and leave the old one beside it, or say on_change: restart to move at once."
