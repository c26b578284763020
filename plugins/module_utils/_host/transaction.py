# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of one stack through the host: expand, observe, check, plan; then apply, settle, record."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field, replace
from typing import Any, Mapping

from .._checks.written import about_to_be_written, units_of
from .._declaration.model import Stack
from .._declaration.problems import Problems
from .._desired.credentials import Keeping
from .._desired.desired import Desired
from .._desired.drafts import Host
from .._desired.expand import expand
from .._outcome import ledger, report
from .._outcome.health import Failure
from .._outcome.watch import watched
from .._plan.observed import Manifest, Observed
from .._plan.obstacles import find_obstacles
from .._plan.plan import Plan, plan
from .._plan.releases import must_be_built
from .apply import NotStaged, apply
from .build import check_builds
from .checks import check_host
from .commands import Commands, Runner
from .credentials import check_mounts, find_keeping
from .disk import Disk
from .facts import check_accounts, check_scripts, find_installed, find_interpreters, real_interpreters
from .manager import find_manager
from .observe import observe, unit_states
from .settle import last_lines, settle
from .tools import Tools
from .version import systemd_version


@dataclass(frozen=True)
class Decision:
    """All that is known before anything is touched. needed: digests of large files that must be sent first.

    warnings: what the checks have found that is no mistake for certain. keeping: how the host keeps the secrets in it.
    """

    stack: Stack
    desired: Desired
    observed: Observed
    plan: Plan
    needed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)


class Locked(Exception):
    """Another run is at work."""


class Unhealthy(Exception):
    """Units did not start or did not stay up. lines: unit → its last journal lines; complaints: what systemctl said;
    after: the host as it is now.
    """

    def __init__(self, failures: list[Failure], lines: Mapping[str, list[str]], complaints: list[str], after: Observed) -> None:
        self.failures = failures
        self.lines = lines
        self.complaints = complaints
        self.after = after
        super().__init__(self.story)

    @property
    def story(self) -> str:
        parts = [self._of_unit(failure) for failure in self.failures]
        return "\n".join(parts or [f"systemctl: {complaint}" for complaint in self.complaints])

    def _of_unit(self, failure: Failure) -> str:
        journal = "".join(f"\n    {line}" for line in self.lines[failure.unit])
        return f"{failure.unit} {failure.problem}." + (f" Its last lines:{journal}" if journal else "")


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
    desired, keeping = Desired(stack.name, scope, adopt=stack.adopt), Keeping()
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
    warnings = check_host(stack, desired, observed, written, tools, problems) if written else ()
    problems.raise_if_any()
    return Decision(stack, desired, observed, Plan(()) if stack.state == "validated" else planned, needed, warnings, keeping)


def _needed(desired: Desired, observed: Observed, only_looks: bool) -> tuple[str, ...]:
    """What has not travelled and the host has not got. Scripts must be seen to be checked; a release is only built of its own."""
    sources = [file.source for file in desired.files if observed.path(file.path).sha256 != file.source.sha256]
    if not only_looks:
        sources += [source for build in desired.builds if must_be_built(build, observed) for source in build.travels]
    missing = (source.sha256 for source in sources if source.data is None and source.upload is None)
    return tuple(dict.fromkeys(missing))


def carry_out(decision: Decision, tools: Tools) -> Observed:
    """Apply the plan, prove the units healthy, record what the stack owns. Returns the host as it is then.

    Raises Unhealthy, NotStaged, CommandFailed or OSError.
    """
    desired, before, planned = decision.desired, decision.observed, decision.plan
    complaints: list[str] = []
    if before.manifest and not before.manifest.complete:
        tools.disk.sweep(_ever_written(before.manifest, desired))
    if planned.actions:
        complaints = _apply(decision, tools)
    failures = _settle(decision, tools.commands)
    after = _look_again(decision, tools.commands)
    if failures or complaints:
        raise Unhealthy(failures, last_lines(failures, tools.commands), complaints, after)
    apply(planned.last, desired.scope.linger_path, tools.disk, tools.commands)
    outcome = None if decision.stack.state == "absent" else ledger.outcome(desired, before, planned, after)
    if planned.actions or outcome is None or before.manifest is None or outcome.as_json() != before.manifest.as_json():
        _record(outcome, desired, tools.disk)
    if before.was_interrupted:
        tools.disk.remove_directory_if_empty(desired.scope.originals_directory(desired.stack))
    return after


def _ever_written(manifest: Manifest, desired: Desired) -> list[str]:
    return [
        *manifest.files,
        *manifest.links,
        *filter(None, manifest.originals.values()),
        desired.scope.manifest_path(desired.stack),
    ]


def _apply(decision: Decision, tools: Tools) -> list[str]:
    """The intent is on record before the first action, and off it when not even the files could be staged."""
    desired, before, planned = decision.desired, decision.observed, decision.plan
    try:
        _record(ledger.intent(desired, before, planned), desired, tools.disk)
    except OSError as error:
        raise NotStaged(desired.scope.manifest_path(desired.stack), error) from error
    try:
        return apply(planned.first, desired.scope.linger_path, tools.disk, tools.commands)
    except NotStaged:
        with contextlib.suppress(OSError):  # the disk is full; a record that says too much does no harm
            _record(before.manifest, desired, tools.disk)
        raise


def _record(manifest: Manifest | None, desired: Desired, disk: Disk) -> None:
    path = desired.scope.manifest_path(desired.stack)
    if manifest is not None:
        disk.write_json(path, manifest.as_json())
        return
    if disk.state_of(path).kind == "file":
        disk.remove(path)
    if not any(name.endswith(".json") for name in disk.names_in(desired.scope.state_directory)):
        disk.remove_if_there(desired.scope.digest_key_path)
    originals, credentials = desired.scope.originals_directory(desired.stack), desired.scope.credentials_directory
    for directory in (originals, credentials, *desired.scope.state_parents):
        disk.remove_directory_if_empty(directory)


def _look_again(decision: Decision, commands: Commands) -> Observed:
    """The units as they are now; what a run without actions has seen is still true."""
    if not decision.desired.scope.has_manager or not (decision.plan.actions or decision.plan.watch):
        return decision.observed
    return replace(decision.observed, units=unit_states(decision.desired.unit_names, commands))


def _settle(decision: Decision, commands: Commands) -> list[Failure]:
    """What is not well after the plan was carried out; a run that did nothing waits for nothing."""
    return settle(watched(decision.desired, decision.observed, decision.plan, decision.stack.settle), commands)


def failure_of(decision: Decision, unhealthy: Unhealthy, with_diff: bool) -> dict[str, Any]:
    """What a task returns whose units are not well: what was done, which unit failed, and its own last words."""
    lines = unhealthy.lines
    failures = [{"unit": f.unit, "problem": f.problem, "journal": lines[f.unit]} for f in unhealthy.failures]
    return {**result_of(decision, unhealthy.after, with_diff), "failed": True, "msg": unhealthy.story, "failures": failures}


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
