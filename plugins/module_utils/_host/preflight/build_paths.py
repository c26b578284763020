# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the ways to releases that are about to be built, whether or not their units are written."""

from __future__ import annotations

from typing import Sequence

from ..._checks.trusted_build_paths import uses_of_build
from ..._checks.written_units import units_of
from ..._declaration.model import Stack
from ..._declaration.problems import Problems
from ..._desired.desired import Build, Desired
from ..build.build_tools import find_uv
from ..io.context import HostContext
from .path_walk import check_uses


def check_ways_of_builds(
    builds: Sequence[Build], stack: Stack, desired: Desired, context: HostContext, problems: Problems
) -> None:
    uv, who = find_uv(), context.manager.user.name if context.manager.user else "root"
    units = {each.unit.release_path: each for each in units_of(stack, desired) if each.unit.release}
    uses = [
        (units[build.path], tuple(uses_of_build(build, units[build.path].unit, uv, who)))
        for build in builds
        if build.path in units
    ]
    check_uses(uses, desired, context, problems)
