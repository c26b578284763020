# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of our own in which files are looked at by a program before they are put into their places."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from typing import Iterator, Mapping

from .accounts import Account

# The manager of a user needs a runtime directory even to test units; with its own, systemd 247 would take its socket.
RUNTIME = "runtime"
_PREFIX = "daemonic.systemd."


@contextlib.contextmanager
def staged(files: Mapping[str, bytes], user: Account | None) -> Iterator[str]:
    """A folder with these files, relative path → content, that only we can enter, or the user. It goes with the block."""
    parent = "/run" if os.geteuid() == 0 else tempfile.gettempdir()
    _sweep(parent)
    directory = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}.", dir=parent)
    try:
        for path, content in {**files, f"{RUNTIME}/systemd/.keep": b""}.items():
            os.makedirs(os.path.dirname(f"{directory}/{path}"), mode=0o700, exist_ok=True)
            with open(f"{directory}/{path}", "wb") as stream:
                stream.write(content)
        if user and user.uid != os.geteuid():
            _give(directory, user)
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _sweep(parent: str) -> None:
    """Remove what runs that were killed have left behind: their processes are no more."""
    for name in os.listdir(parent):
        pid = name[len(_PREFIX) :].partition(".")[0] if name.startswith(_PREFIX) else ""
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(f"{parent}/{name}", ignore_errors=True)


def _give(directory: str, user: Account) -> None:
    """From the inside out: as long as the folder itself is ours, nobody can put a link where we change an owner."""
    for folder, _folders, names in os.walk(directory, topdown=False):
        for path in (*(f"{folder}/{name}" for name in names), folder):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)
