# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks systemd how exposed services are: by their files before anything is touched, or once they are loaded."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from typing import Iterable, Mapping, Sequence

from .._checks.exposure import OFFLINE_SINCE, are_due, check_exposure, services, too_exposed
from .._checks.written import Written
from .._declaration.model import Stack
from .._declaration.problems import Problems
from .._outcome.failure import Failure
from .._plan.observed import Exposure, Observed
from .._systemctl import argv, parse
from .commands import CommandFailed, Commands
from .tools import Tools


@dataclass(frozen=True)
class Judged:
    """exposure: service → score; later: services that can be judged only when they are loaded."""

    exposure: Mapping[str, float]
    later: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge_before(
    stack: Stack, units: Sequence[Written], written: Sequence[Written], observed: Observed, systemd: int, tools: Tools,
    problems: Problems,
) -> Judged:  # fmt: skip
    """The services of the stack as they will be. Nothing is run where nothing changes and what is on record is fine."""
    known, of = dict(observed.exposure), services(units)
    if not tools.manager.scope.has_manager:
        limited = of and stack.max_exposure is not None
        return Judged(known, warnings=("max_exposure is not looked at: no manager answers here.",) if limited else ())
    due = are_due(of, written, known, stack.max_exposure)
    changing = {each.unit.name for each in written}
    later: tuple[str, ...] = ()
    if systemd and systemd < OFFLINE_SINCE:
        later = tuple(name for name in due if name in changing)
        found = loaded([name for name in due if name not in changing], tools.commands)
    else:
        found = _by_files([of[name] for name in due], tools.commands)
    check_exposure(found, of, stack.max_exposure, problems)
    known.update({name: exposure.score for name, exposure in found.items()})
    if not later or stack.max_exposure is None:
        return Judged(known, later)
    told = f"systemd {systemd} cannot tell the exposure of {', '.join(later)} beforehand: it is judged after the start."
    return Judged(known, later, (told,))


def judge_after(names: Sequence[str], limit: float | None, commands: Commands) -> tuple[dict[str, float], list[Failure]]:
    """The scores of loaded services, and those above the limit as failures."""
    found = loaded(names, commands)
    over = [
        Failure(name, too_exposed(exposure, limit), "")
        for name, exposure in sorted(found.items())
        if limit is not None and exposure.score > limit
    ]
    return {name: exposure.score for name, exposure in found.items()}, over


def loaded(names: Sequence[str], commands: Commands) -> dict[str, Exposure]:
    return _asked(names, names, commands, offline=False) if names else {}


def _by_files(units: Sequence[Written], commands: Commands) -> dict[str, Exposure]:
    """The unit files with their drop-ins in a folder of their own, which comes first in the search."""
    if not units:
        return {}
    with tempfile.TemporaryDirectory(prefix="daemonic-") as folder:
        os.chmod(folder, 0o755)  # a user's manager reads them as that user
        for unit in units:
            _write(unit, folder)
        names = [unit.unit.name for unit in units]
        return _asked([f"{folder}/{name}" for name in names], names, commands, offline=True)


def _write(written: Written, folder: str) -> None:
    for text in written.texts:
        is_dropin = text.path != written.unit.path
        path = f"{folder}/{written.unit.name}{'.d/' + os.path.basename(text.path) if is_dropin else ''}"
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text.document.render())
        os.chmod(path, 0o644)


def _asked(units: Sequence[str], names: Iterable[str], commands: Commands, offline: bool) -> dict[str, Exposure]:
    """Where systemd does not tell, nothing is known: a score is no reason to stop a deployment by itself."""
    try:
        found: Mapping[str, Exposure] = parse.exposures(
            commands.output(argv.security(units, for_user=commands.is_for_user, offline=offline))
        )
    except CommandFailed:
        return {}
    return {name: found[name] for name in names if name in found}
