# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks systemd how exposed services are: by their files before anything is touched, or once they are loaded."""

from __future__ import annotations

from typing import Mapping, Sequence

from ..._checks.exposure import OFFLINE_SINCE, are_due, check_exposure, services, too_exposed
from ..._checks.written_units import Written
from ..._dataclasses import dataclass
from ..._declaration.model import Stack
from ..._declaration.problems import Problems
from ..._health.failure import Failure
from ..._plan.observed import Exposure, Observed
from ..._systemd_cli import argv, parse
from ..io.commands import Commands
from ..io.context import HostContext


@dataclass(frozen=True)
class Judged:
    """exposure: service → score; later: services that can be judged only when they are loaded."""

    exposure: Mapping[str, float]
    later: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge_before(
    stack: Stack, units: Sequence[Written], written: Sequence[Written], observed: Observed, systemd: int, context: HostContext,
    problems: Problems,
) -> Judged:  # fmt: skip
    """The services of the stack as they will be. Nothing is run where nothing changes and what is on record is fine."""
    known, of = dict(observed.exposure), services(units)
    if not context.manager.scope.has_manager:
        limited = of and stack.max_exposure is not None
        return Judged(known, warnings=("max_exposure is not looked at: no manager answers here.",) if limited else ())
    due = are_due(of, written, known, stack.max_exposure)
    changing = {each.unit.name for each in written}
    later: tuple[str, ...] = ()
    if systemd and systemd < OFFLINE_SINCE:
        later = tuple(name for name in due if name in changing)
        found = loaded([name for name in due if name not in changing], context.commands)
    else:
        found = _by_files([of[name] for name in due], context)
    check_exposure(found, of, stack.max_exposure, problems)
    known.update({name: exposure.score for name, exposure in found.items()})
    warnings = _untold(sorted({*due} - {*later} - {*found}), later, systemd) if stack.max_exposure is not None else ()
    return Judged(known, later, warnings)


def _untold(missing: Sequence[str], later: Sequence[str], systemd: int) -> tuple[str, ...]:
    """What a limit has not been held against, or not yet."""
    found = [f"systemd does not tell the exposure of {', '.join(missing)}: max_exposure was not looked at."] if missing else []
    if later:
        found.append(
            f"systemd {systemd} cannot tell the exposure of {', '.join(later)} beforehand: it is judged after the start."
        )
    return tuple(found)


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
    return _asked(argv.security(names, commands.is_for_user), names, commands, {}) if names else {}


def _by_files(units: Sequence[Written], context: HostContext) -> dict[str, Exposure]:
    """The unit files with their drop-ins in a folder of their own, which comes first in the search."""
    if not units:
        return {}
    from ..io.staging import RUNTIME, staged  # a run without changes does without

    commands, above = context.commands, len(context.manager.scope.unit_directory) + 1
    texts = [text for unit in units for text in unit.texts]
    files = {text.path[above:]: text.document.text.encode("utf-8", "surrogateescape") for text in texts}
    names = [unit.unit.name for unit in units]
    with staged(files, context.manager.user) as folder:
        runtime = {"XDG_RUNTIME_DIR": f"{folder}/{RUNTIME}"} if commands.is_for_user else {}
        paths = [f"{folder}/{name}" for name in names]
        return _asked(argv.security(paths, commands.is_for_user, offline=True), names, commands, runtime)


def _asked(command: Sequence[str], names: Sequence[str], commands: Commands, runtime: Mapping[str, str]) -> dict[str, Exposure]:
    """Where systemd does not tell, nothing is known: that is no reason to stop a deployment."""
    _rc, output = commands.everything([*commands.prefix, *command], runtime)
    found = parse.exposures(output)
    return {name: found[name] for name in names if name in found}
