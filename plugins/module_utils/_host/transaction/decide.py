# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of one stack through the host until all is decided: expand, observe, check, plan. Nothing is touched."""

from __future__ import annotations

from typing import Sequence

from ..._checks.written_units import Written, about_to_be_written, units_of
from ..._dataclasses import replace
from ..._declaration.model import Stack
from ..._declaration.problems import Problems
from ..._desired.credentials import Keeping
from ..._desired.desired import Desired
from ..._desired.expand import expand
from ..._desired.unit_drafts import Host
from ..._plan.conflicts import find_obstacles
from ..._plan.observed import Observed
from ..._plan.plan import Plan, plan
from ..._plan.propagation import check_needed, not_looked_at, warnings_of_stops
from ..._plan.release_contents import told_of_contents
from ..._plan.releases import must_be_built
from ..io.context import HostContext
from ..io.systemd_version import systemd_version
from ..observation.facts import (
    check_accounts,
    check_scripts,
    find_installed,
    find_interpreters,
    real_interpreters,
    with_kept_modes,
    with_uploads,
)
from ..observation.hidden_units import with_others
from ..observation.observe import observe, unit_states
from ..observation.specifiers import Specifiers
from ..preflight.exposure import judge_before
from .credentials import check_mounts, find_keeping
from .decision import Decision


def decide(stack: Stack, context: HostContext, only_looks: bool) -> Decision:
    """Read the host, plan, check everything. Raises ValidationFailed.

    only_looks: nothing will be done, so that all units are checked, not only those that change.
    """
    problems = Problems()
    stack = with_kept_modes(with_uploads(stack), context.disk)
    desired, keeping, systemd = _expanded(stack, context, problems)
    observed = with_others(desired, observe(desired, context.disk, context.commands, context.manager), context.disk)
    if not only_looks and _reads_again(desired, observed, context):
        desired, keeping, systemd = _expanded(stack, context, problems)
        observed = with_others(desired, observe(desired, context.disk, context.commands, context.manager), context.disk)
    find_obstacles(desired, observed, problems)
    check_accounts(desired.files, context.disk, problems)
    warnings = _built(stack, desired, observed, context, problems)
    warnings += _asked(desired, observed, only_looks, context, problems)
    problems.raise_if_any()
    needed = _needed(desired, observed, only_looks)
    if not needed:
        present = {path: state.sha256 for path, state in observed.paths.items() if state.kind == "file"}
        check_scripts(desired, present, context.commands, problems)
        problems.raise_if_any()
    planned, observed = _planned(desired, observed, stack, context)
    planned, lingering = _lingering(planned, context, problems)
    check_needed(planned.actions, desired, observed, problems)
    warnings += tuple(warnings_of_stops(planned.actions, desired, observed))
    warnings += told_of_contents(desired, observed, planned.actions)
    units = units_of(stack, desired)
    is_unsure = only_looks or observed.was_interrupted  # what such a run has written was not seen to be well
    written = units if is_unsure else about_to_be_written(units, planned)
    warnings += lingering
    warnings += _in_safe_folders(stack, desired, planned, context, problems)
    warnings += _checked(stack, desired, observed, planned, written, context, problems)
    judged = judge_before(stack, units, written, observed, systemd, context, problems)
    problems.raise_if_any()
    return Decision(
        stack=stack,
        desired=desired,
        observed=replace(observed, exposure=judged.exposure),
        plan=Plan(()) if stack.state == "validated" else planned,
        needed=needed,
        warnings=(*warnings, *judged.warnings),
        keeping=keeping,
        unjudged=judged.later,
    )


def _planned(desired: Desired, observed: Observed, stack: Stack, context: HostContext) -> tuple[Plan, Observed]:
    """The plan, and the host with what it would move along of others: looked at only where a plan reaches them."""
    window = int(stack.settle * 1_000_000)
    while True:
        planned = plan(desired, observed, window)
        unknown = not_looked_at(planned.actions, desired, observed)
        if not unknown or not context.manager.is_running:
            return planned, observed
        states = unit_states(unknown, context.commands)
        observed = replace(observed, units={**observed.units, **states}, along=observed.along | set(unknown))


def _reads_again(desired: Desired, observed: Observed, context: HostContext) -> bool:
    """As systemd_service does: first a daemon-reload, then a look at whether there is such a unit."""
    if not desired.is_partial:
        return False
    from ..._plan.existing_units import may_come

    if not may_come(desired, observed):
        return False
    context.commands.output(context.commands.systemctl.daemon_reload())
    return True


def _expanded(stack: Stack, context: HostContext, problems: Problems) -> tuple[Desired, Keeping, int]:
    """What the host shall hold, how it keeps secrets, and the version of its systemd."""
    scope, disk = context.manager.scope, context.disk
    desired, keeping, systemd = Desired(stack.name, scope, adopt=stack.adopt), Keeping(), 0
    if stack.state != "absent":
        specifiers = Specifiers(scope.root, context.manager.user)
        interpreters, installed = find_interpreters(stack, scope, problems), find_installed(stack, scope, disk, specifiers)
        systemd = systemd_version(scope.root, context.commands)
        keeping = find_keeping(stack, scope, disk, systemd)
        check_mounts(stack, scope, problems)
        host = Host(interpreters, installed, systemd, keeping, real_interpreters(interpreters), specifiers)
        desired = expand(stack, scope, host)
    user = context.manager.user
    return replace(desired, user=user.name if user else "", declared_by=stack.declared_by), keeping, systemd


def _built(stack: Stack, desired: Desired, observed: Observed, context: HostContext, problems: Problems) -> tuple[str, ...]:
    """Warnings about releases that are to be built: most runs do without the imports."""
    builds = [build for build in desired.builds if must_be_built(build, observed)]
    if not builds:
        return ()
    from ..build.build_tools import check_builds
    from ..preflight.build_paths import check_ways_of_builds

    check_builds(builds, context.commands, problems)
    if stack.unsafe == "ignore":
        return ()
    unsafe = Problems()
    check_ways_of_builds(builds, stack, desired, context, unsafe)
    return unsafe.by_policy(stack.unsafe, problems)


def _asked(desired: Desired, observed: Observed, only_looks: bool, context: HostContext, problems: Problems) -> tuple[str, ...]:
    """Warnings about units that something else has defined."""
    if not desired.is_partial:
        return ()
    from ..._plan.existing_units import check_asked
    from ..preflight.host_checks import unit_files

    return tuple(check_asked(desired, observed, only_looks, lambda: unit_files(context), problems))


def _checked(
    stack: Stack, desired: Desired, observed: Observed, planned: Plan, written: Sequence[Written], context: HostContext,
    problems: Problems,
) -> tuple[str, ...]:  # fmt: skip
    """Warnings about the units that are about to be written."""
    if not written:  # a run that changes nothing does without the imports, too
        return ()
    from ..preflight.host_checks import check_host

    return check_host(stack, desired, observed, planned, written, context, problems)


def _in_safe_folders(stack: Stack, desired: Desired, planned: Plan, context: HostContext, problems: Problems) -> tuple[str, ...]:
    """Warnings about folders of others that are about to be written in."""
    if not planned.actions or stack.unsafe == "ignore":
        return ()
    from ..preflight.path_walk import check_declared

    unsafe = Problems()
    check_declared(desired, planned.actions, context, unsafe)
    return unsafe.by_policy(stack.unsafe, problems)


def _lingering(planned: Plan, context: HostContext, problems: Problems) -> tuple[Plan, tuple[str, ...]]:
    """Only the manager of a user is started and ended."""
    if not context.manager.user:
        return planned, ()
    from ..observation.linger import check_linger

    return check_linger(planned, context, problems)


def _needed(desired: Desired, observed: Observed, only_looks: bool) -> tuple[str, ...]:
    """What has not travelled and the host has not got. Scripts must be seen to be checked; a release is only built of its own."""
    sources = [file.source for file in desired.files if observed.path(file.path).sha256 != file.source.sha256]
    if not only_looks:
        sources += [source for build in desired.builds if must_be_built(build, observed) for source in build.travels]
    missing = (source.sha256 for source in sources if source.data is None and source.upload is None)
    return tuple(dict.fromkeys(missing))
