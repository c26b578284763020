# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has to make virtual environments with."""

from __future__ import annotations

import contextlib
import os
from typing import Mapping, Sequence

from ..._declaration.problems import Problems
from ..._desired.desired import Build
from ..._desired.identity import THROW_AWAY
from ..._desired.sandbox import for_installers
from ..io.commands import Commands, which
from ..io.sandbox import Sandbox


def find_uv() -> str:
    return which("uv", "")


# Where pip and uv find what says where packages come from: file → its name in the home of who builds, or the variable that
# names it, for one that he may not read.
_CONFIGURATIONS = (
    ("~/.config/pip/pip.conf", ".config/pip/pip.conf", ""),
    ("~/.pip/pip.conf", ".pip/pip.conf", ""),
    ("~/.config/uv/uv.toml", ".config/uv/uv.toml", ""),
    ("/etc/pip.conf", "pip.conf", "PIP_CONFIG_FILE"),
    ("/etc/uv/uv.toml", "uv.toml", "UV_CONFIG_FILE"),
)
_NOT_RUN = (126, 127)  # of timeout(1): it may not be run, or is not to be found
_MOST = 65536  # bytes of a configuration


def find_index(home: str, environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the host and the task say of the package index, for a throwaway user with this home: variables, and files."""
    variables = for_installers(environment)
    files = {}
    for name, place, variable in _CONFIGURATIONS:
        path = os.path.expanduser(variables.get(variable, name))
        if variable and _is_readable_by_all(path):
            continue
        with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as stream:
            files[f"{home}/{place}"] = stream.read(_MOST)
            variables.update({variable: f"{home}/{place}"} if variable else {})
    return variables, files


def _is_readable_by_all(path: str) -> bool:
    """Or there is none."""
    try:
        return bool(os.stat(path).st_mode & 0o004)
    except OSError:
        return True


def check_builds(builds: Sequence[Build], commands: Commands, problems: Problems) -> None:
    """What releases that are to be built need of the host."""
    sandbox = Sandbox(commands)
    for build in (build for build in builds if build.has_venv):
        if build.remote_wheels and not os.path.isdir(build.remote_wheels):
            remedy = "Put the wheels there first, or name a directory of the controller."
            problems.add(f"{build.place}.wheelhouse", build.remote_wheels, "there is no such directory on the host", remedy)
        if os.geteuid() == 0 and not sandbox.has_units:
            problem = "the host has no D-Bus, by which systemd is asked to run what is not root's as somebody else"
            problems.add(f"{build.place}.requirements", "dbus", problem, "Install dbus.")
            continue
        if find_uv():
            continue
        rc, _output = sandbox.run(THROW_AWAY, [build.python, "-I", "-S", "-c", "import ensurepip, venv"])
        if rc in _NOT_RUN:
            remedy = "Have it where all users can run it, not below /root."
            problems.add(f"{build.place}.python", build.python, "cannot be run by who builds, who is not root", remedy)
        elif rc:
            version = os.path.basename(os.path.realpath(build.python))
            remedy = f"Install its package, {version}-venv on Debian and its derivatives; or put uv into /usr/local/bin."
            problems.add(f"{build.place}.python", build.python, "this interpreter cannot make virtual environments", remedy)
