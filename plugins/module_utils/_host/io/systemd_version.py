# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the systemd that a host, or an image that is not running, has installed."""

from __future__ import annotations

import os
import re

from ..._systemd_cli import argv
from .commands import CommandFailed, Commands

# Its private library has the version in its name ("libsystemd-shared-252.so", "libsystemd-shared-255.4-1.fc40.so"), and a
# folder is listed in microseconds. Distributions put it beside systemd or into a folder of the architecture.
_LIBRARY = re.compile(r"libsystemd-shared-(\d+)")
_FOLDERS = ("/usr/lib", "/usr/lib64", "/lib", "/lib64")


def systemd_version(root: str, commands: Commands) -> int:
    """The major version; 0 where it cannot be known. root: of an image, "" for the host itself."""
    for folder in _FOLDERS:
        found = _version_below(f"{root}{folder}")
        if found:
            return found
    return 0 if root else _asked(commands)


def _version_below(folder: str) -> int:
    """/usr/lib/systemd, then /usr/lib/<architecture>/systemd."""
    architectures = [name for name in _names(folder) if "-linux-" in name]
    candidates = (f"{folder}/systemd", *(f"{folder}/{name}/systemd" for name in architectures))
    versions = [_LIBRARY.match(name) for candidate in candidates for name in _names(candidate)]
    return max((int(match.group(1)) for match in versions if match), default=0)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _asked(commands: Commands) -> int:
    """For a systemd that is linked otherwise. systemctl(1), --version: "systemd 252 (252.39-1~deb12u2)"."""
    try:
        match = re.match(r"systemd (\d+)", commands.output(argv.version()))
    except CommandFailed:
        return 0
    return int(match.group(1)) if match else 0
