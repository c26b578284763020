# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of one stack through the host: expand, observe, check, plan; then apply, settle, record."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from .._stack import ledger, report
from .._stack.desired import Desired, Scope
from .._stack.expand import expand
from .._stack.health import Failure
from .._stack.model import Stack
from .._stack.observed import Observed
from .._stack.obstacles import find_obstacles
from .._stack.plan import Plan, plan, plan_removal
from .._stack.problems import Problems
from .apply import NotStaged, apply
from .commands import Commands
from .facts import check_accounts, check_scripts, find_interpreters, require_systemd
from .files import write_json
from .observe import observe, unit_states
from .settle import last_lines, settle


@dataclass(frozen=True)
class Decision:
    """All that is known before anything is touched. needed: digests of large files that must be sent first."""

    stack: Stack
    desired: Desired
    observed: Observed
    plan: Plan
    needed: tuple[str, ...] = ()


class Unhealthy(Exception):
    """Units did not start or did not stay up. lines: unit → its last journal lines; complaints: what systemctl said;
    after: the host as it is now.
    """

    def __init__(
        self, failures: list[Failure], lines: dict[str, list[str]], complaints: list[str], after: Observed
    ) -> None:
        self.failures = failures
        self.after = after
        self.lines = lines
        self.complaints = complaints
        super().__init__(self.story)

    @property
    def story(self) -> str:
        parts = [self._of_unit(failure) for failure in self.failures]
        return "\n".join(parts or [f"systemctl: {complaint}" for complaint in self.complaints])

    def _of_unit(self, failure: Failure) -> str:
        journal = "".join(f"\n    {line}" for line in self.lines[failure.unit])
        return f"{failure.unit} {failure.problem}." + (f" Its last lines:{journal}" if journal else "")


def decide(stack: Stack, scope: Scope, commands: Commands) -> Decision:
    """Read the host, check everything, plan. Touches nothing. Raises Refused."""
    problems = Problems()
    require_systemd(scope, problems)
    problems.raise_if_any()
    if stack.state == "absent":
        empty = Desired(stack.name, scope, (), (), (), ())
        observed = observe(empty, commands)
        return Decision(stack, empty, observed, plan_removal(scope, observed))
    interpreters = find_interpreters(stack, problems)
    desired = expand(stack, scope, interpreters)
    observed = observe(desired, commands)
    find_obstacles(desired, observed, problems)
    check_accounts(desired.files, problems)
    problems.raise_if_any()
    planned = plan(desired, observed, int(stack.settle * 1_000_000))
    needed = _needed(desired, observed)
    if not needed:
        present = {path: state.sha256 for path, state in observed.paths.items() if state.kind == "file"}
        check_scripts(desired, present, commands, problems)
        problems.raise_if_any()
    return Decision(stack, desired, observed, planned, needed)


def _needed(desired: Desired, observed: Observed) -> tuple[str, ...]:
    missing = (
        file.source.sha256
        for file in desired.files
        if file.source.data is None and file.source.upload is None and observed.path(file.path).sha256 != file.source.sha256
    )
    return tuple(dict.fromkeys(missing))


def carry_out(decision: Decision, commands: Commands) -> Observed:
    """Apply the plan, prove the units healthy, record what the stack owns. Returns the host as it is then.

    Raises Unhealthy, NotStaged, CommandFailed or OSError.
    """
    desired, before, actions = decision.desired, decision.observed, decision.plan.actions
    if not actions and not decision.plan.watch:
        return before
    complaints: list[str] = []
    if actions:
        _record(ledger.intent(desired, before, actions).as_json(), desired)
        try:
            complaints = apply(actions, commands)
        except NotStaged:
            _record(before.manifest.as_json() if before.manifest else None, desired)
            raise
    failures = _settle(decision, commands)
    after = _look_again(desired, before, commands)
    if failures or complaints:
        raise Unhealthy(failures, last_lines(failures, commands), complaints, after)
    if decision.stack.state == "absent":
        _record(None, desired)
    else:
        outcome = ledger.outcome(desired, before, actions, after)
        if actions or before.manifest is None or outcome.as_json() != before.manifest.as_json():
            _record(outcome.as_json(), desired)
    return after


def _record(manifest: dict[str, Any] | None, desired: Desired) -> None:
    path = desired.scope.manifest_path(desired.stack)
    if manifest is not None:
        write_json(path, manifest)
    elif os.path.exists(path):
        os.unlink(path)


def _look_again(desired: Desired, before: Observed, commands: Commands) -> Observed:
    names = [unit.name for unit in desired.units if not unit.is_template]
    return Observed(before.paths, unit_states(names, commands), before.links, before.manifest, before.now)


def _settle(decision: Decision, commands: Commands) -> list[Failure]:
    watched = [unit for unit in decision.desired.units if unit.name in decision.plan.watch]
    acted_on = {action.target for action in decision.plan.actions}
    known = {unit.name: decision.observed.unit(unit.name).restarts for unit in watched if unit.name not in acted_on}
    return settle(watched, decision.stack.settle, known, commands) if watched else []


def failure_of(decision: Decision, unhealthy: Unhealthy, with_diff: bool) -> dict[str, Any]:
    """What a task returns whose units are not well: what was done, which unit failed, and its own last words."""
    lines = unhealthy.lines
    failures = [{"unit": f.unit, "problem": f.problem, "journal": lines[f.unit]} for f in unhealthy.failures]
    return {**result_of(decision, unhealthy.after, with_diff), "failed": True, "msg": unhealthy.story, "failures": failures}


def result_of(decision: Decision, after: Observed, with_diff: bool) -> dict[str, Any]:
    """What the task returns. In check mode `after` is the host as it is."""
    actions = decision.plan.actions
    result: dict[str, Any] = {
        "changed": bool(actions),
        "actions": [action.as_result() for action in actions],
        "units": report.units_of(decision.desired, after),
        "invocation": {},
    }
    if with_diff:
        result["diff"] = report.diff_of(actions, decision.desired, decision.observed)
    return result
