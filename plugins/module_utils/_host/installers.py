# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has to make virtual environments with."""

from __future__ import annotations

import os

from .._declaration.problems import Problems
from .._desired.desired import Desired
from .._plan.observed import Observed
from .._plan.releases import must_be_built
from .commands import Commands
from .facts import which


def find_uv() -> str:
    return which("uv", "")


def check_builds(desired: Desired, observed: Observed, commands: Commands, problems: Problems) -> None:
    """What a release that is to be built needs of the host; asked only then."""
    for build in desired.builds:
        if not build.has_venv or not must_be_built(build, observed):
            continue
        if build.remote_wheels and not os.path.isdir(build.remote_wheels):
            remedy = "Put the wheels there first, or name a directory of the controller."
            problems.add(f"{build.place}.wheelhouse", build.remote_wheels, "there is no such directory on the host", remedy)
        if find_uv():
            continue
        rc, _output = commands.everything([build.python, "-I", "-c", "import ensurepip, venv"], {})
        if rc:
            version = os.path.basename(os.path.realpath(build.python))
            remedy = f"Install its package, {version}-venv on Debian and its kin; or put uv into /usr/local/bin."
            problems.add(f"{build.place}.python", build.python, "this interpreter cannot make virtual environments", remedy)
