# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How exposed may a service be? The scores are those of `systemd-analyze security`, the limit is `max_exposure`."""

from __future__ import annotations

from typing import Iterable, Mapping

from .._declaration.problems import Problems
from .._plan.observed import Exposure
from .written_units import Written

# systemd 250 can judge a unit file that is not loaded: systemd-analyze(1), "--offline=".
OFFLINE_SINCE = 250
_GAPS_SHOWN = 3


def services(units: Iterable[Written]) -> dict[str, Written]:
    """Those whose unit file the stack writes."""
    return {each.unit.name: each for each in units if each.unit.has_file and each.unit.name.endswith(".service")}


def are_due(of: Mapping[str, Written], written: Iterable[Written], known: Mapping[str, float], limit: float | None) -> list[str]:
    """What must be judged again: what is written, and under a limit what is not known to keep to it."""
    changing = {each.unit.name for each in written}
    return [name for name in of if name in changing or (limit is not None and not known.get(name, 11) <= limit)]


def check_exposure(found: Mapping[str, Exposure], of: Mapping[str, Written], limit: float | None, problems: Problems) -> None:
    for name, exposure in sorted(found.items()):
        if limit is not None and exposure.score > limit:
            place = of[name].unit.place
            remedy = f"{_advice(exposure, of[name])}, or raise max_exposure"
            problems.add(_place(place), name, too_exposed(exposure, limit), remedy)


def too_exposed(exposure: Exposure, limit: float) -> str:
    """A clause after the name of the service."""
    return f"has an exposure of {exposure.score:g}, over the limit of {limit:g}"


def _place(place: str) -> str:
    return f"{place}.hardening" if place.startswith("daemons.") else place


def _advice(exposure: Exposure, written: Written) -> str:
    gaps = [f"{directive} ({share:g})" for directive, share in exposure.gaps[:_GAPS_SHOWN]]
    most = f"What adds most is {', '.join(gaps)}. " if gaps else ""
    daemon = next((each for each in written.stack.daemons if written.unit.place == f"daemons.{each.name}"), None)
    if daemon is not None and daemon.hardening != "strict":
        return f"{most}Set hardening: {'standard or strict' if daemon.hardening == 'none' else 'strict'}"
    return f"{most}Set these directives"
