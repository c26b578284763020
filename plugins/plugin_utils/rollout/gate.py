# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the units are still what they were when the transaction was over."""

from __future__ import annotations

from typing import Any, Mapping


def troubles(then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """then: as the transaction left them. now: as unit_info tells them. Sentences, none if all is well.

    What a socket, timer or path starts may have ended and been started since; failed it must not have.
    """
    found = []
    for name, before in then.items():
        unit = now.get(name) or {}
        state, result = unit.get("active_state"), unit.get("result")
        if unit.get("load_state") in (None, "not-found"):
            found.append(f"{name} is not there any more")
        elif state == "failed" or unit.get("sub_state") == "auto-restart":
            if before.get("active_state") != "failed":
                found.append(f"{name} has failed since ({result})")
        elif (unit.get("restarts") or 0) > (before.get("restarts") or 0):  # a start from outside would count from 0 again
            found.append(f"{name} was restarted by systemd since, as its process had ended")
        elif before.get("active_state") == "active" and state not in ("active", "reloading") and not unit.get("triggered_by"):
            found.append(f"{name} was active, and is {state} now")
    return found
