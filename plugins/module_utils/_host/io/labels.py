# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SELinux labels: what is written gets the one that the policy of the host has for its place (restorecon(8)).

A file that is renamed into its place keeps the label of where it was written, and a program in a new directory that of the
directory: systemd may then not execute it (203/EXEC). On a host without SELinux nothing of this happens.
"""

from __future__ import annotations

import os

from ..._systemd_cli import argv
from .commands import Commands, which

_MOUNTED = "/sys/fs/selinux"
_PROGRAM = "restorecon"
_ATTRIBUTE = "security.selinux"


class Labels:
    """Gathers what was written, until somebody is about to use it."""

    def __init__(self, commands: Commands, is_image: bool) -> None:
        self._commands = commands
        self._written: list[str] = []
        self._is_on = not is_image and os.path.exists(f"{_MOUNTED}/enforce") and which(_PROGRAM, "") != ""

    def add(self, path: str) -> None:
        """A file, a link, or a directory with all that is in it."""
        if self._is_on:
            self._written.append(path)

    def restore(self) -> None:
        """A host whose policy has no word for a path leaves it as it is, and so does one without restorecon."""
        if self._written:
            self._commands.attempt(argv.restore_labels(self._written))
            self._written.clear()


def label_that_counts(path: str) -> str:
    """The type of a path's label, of a link its own; "" where it does not decide, or is not known."""
    try:
        with open(f"{_MOUNTED}/enforce", encoding="ascii") as stream:
            if stream.read().strip() != "1":
                return ""
        label = os.getxattr(path, _ATTRIBUTE, follow_symlinks=False).rstrip(b"\0").decode("ascii", "replace")
    except OSError:
        return ""
    return label.split(":")[2] if label.count(":") >= 2 else ""
