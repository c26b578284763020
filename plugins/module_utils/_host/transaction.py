# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of one stack through the host until all is decided: expand, observe, check, plan; and what a task returns."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import Any

from .._checks.written import about_to_be_written, units_of
from .._declaration.model import Stack
from .._declaration.problems import Problems
from .._desired.credentials import Keeping
from .._desired.desired import Desired
from .._desired.drafts import Host
from .._desired.expand import expand
from .._outcome import report
from .._plan.observed import Observed
from .._plan.obstacles import find_obstacles
from .._plan.plan import Plan, plan
from .._plan.releases import must_be_built
from .commands import Commands, Runner
from .credentials import check_mounts, find_keeping
from .disk import Disk
from .exposure import judge_before
from .facts import check_accounts, check_scripts, find_installed, find_interpreters, real_interpreters
from .installers import check_builds
from .manager import find_manager
from .observe import observe
from .tools import Tools
from .version import systemd_version


@dataclass(frozen=True)
class Decision:
    """All that is known before anything is touched. needed: digests of large files that must be sent first.

    warnings: what the checks have found that is no mistake for certain. keeping: how the host keeps the secrets in it.
    unjudged: services whose exposure shows only when they are loaded.
    """

    stack: Stack
    desired: Desired
    observed: Observed
    plan: Plan
    needed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)
    unjudged: tuple[str, ...] = ()


class Locked(Exception):
    """Another run is at work."""


def prepare(stack: Stack, runner: Runner) -> Tools:
    """Raises Refused where the stack cannot be for this host."""
    manager = find_manager(stack)
    return Tools(Disk(manager.scope.root, manager.user), Commands(runner, manager.user), manager)


def lock(stack: Stack, tools: Tools) -> None:
    """One run at a time changes a host; the lock ends with the process, however it ends. Raises Locked."""
    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    holder = tools.disk.lock(tools.manager.lock_path, f"stack {stack.name}, process {os.getpid()}, since {now}")
    if holder:
        raise Locked(f"Another run changes this host now: {holder}. Nothing was changed. Run this task again when it is done.")


def decide(stack: Stack, tools: Tools, only_looks: bool) -> Decision:
    """Read the host, plan, check everything. Touches nothing. Raises Refused.

    only_looks: nothing will be done, so that all units are checked, not only those that change.
    """
    problems = Problems()
    scope, disk, commands = tools.manager.scope, tools.disk, tools.commands
    desired, keeping, systemd = Desired(stack.name, scope, adopt=stack.adopt), Keeping(), 0
    if stack.state != "absent":
        interpreters, installed = find_interpreters(stack, scope, problems), find_installed(stack, scope, disk)
        systemd = systemd_version(scope.root, commands)
        keeping = find_keeping(stack, scope, disk, systemd)
        check_mounts(stack, scope, problems)
        host = Host(interpreters, installed, systemd, keeping, real_interpreters(interpreters))
        desired = expand(stack, scope, host)
    if tools.manager.user:
        desired = replace(desired, user=tools.manager.user.name)
    observed = observe(desired, disk, commands, tools.manager)
    find_obstacles(desired, observed, problems)
    check_accounts(desired.files, disk, problems)
    check_builds(desired, observed, commands, problems)
    problems.raise_if_any()
    needed = _needed(desired, observed, only_looks)
    if not needed:
        present = {path: state.sha256 for path, state in observed.paths.items() if state.kind == "file"}
        check_scripts(desired, present, commands, problems)
        problems.raise_if_any()
    planned = plan(desired, observed, int(stack.settle * 1_000_000))
    units = units_of(stack, desired)
    written = units if only_looks else about_to_be_written(units, planned)
    warnings: tuple[str, ...] = ()
    if written:  # a run that changes nothing does without the imports, too
        from .checks import check_host

        warnings = check_host(stack, desired, observed, planned, written, tools, problems)
    judged = judge_before(stack, units, written, observed, systemd, tools, problems)
    problems.raise_if_any()
    observed = replace(observed, exposure=judged.exposure)
    planned = Plan(()) if stack.state == "validated" else planned
    return Decision(stack, desired, observed, planned, needed, (*warnings, *judged.warnings), keeping, judged.later)


def _needed(desired: Desired, observed: Observed, only_looks: bool) -> tuple[str, ...]:
    """What has not travelled and the host has not got. Scripts must be seen to be checked; a release is only built of its own."""
    sources = [file.source for file in desired.files if observed.path(file.path).sha256 != file.source.sha256]
    if not only_looks:
        sources += [source for build in desired.builds if must_be_built(build, observed) for source in build.travels]
    missing = (source.sha256 for source in sources if source.data is None and source.upload is None)
    return tuple(dict.fromkeys(missing))


def result_of(decision: Decision, after: Observed, with_diff: bool) -> dict[str, Any]:
    """What the task returns. In check mode `after` is the host as it is."""
    desired, observed, planned = decision.desired, decision.observed, decision.plan
    result: dict[str, Any] = {
        "changed": bool(planned.actions),
        "actions": [action.as_result() for action in planned.actions],
        "kept": [{"unit": unit, "reason": reason} for unit, reason in planned.kept],
        "units": report.units_of(desired, after),
        "warnings": [*desired.warnings, *decision.warnings, *report.warnings_of(desired, observed, planned.kept)],
        "invocation": {},
    }
    if with_diff:
        result["diff"] = report.diff_of(planned.actions, desired, observed)
    return result
