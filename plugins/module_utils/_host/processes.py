# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from /proc who holds a socket. What cannot be read, as an ordinary user or in a race, is left out."""

from __future__ import annotations

import os
from typing import Iterable, Sequence

from .._outcome.evidence import Process

_SHOWN = 120  # characters of a command line


def text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def process(pid: int) -> Process | None:
    """None for one that has ended."""
    groups = text_of(f"/proc/{pid}/cgroup")
    if not groups:
        return None
    command = text_of(f"/proc/{pid}/cmdline").replace("\0", " ").strip() or text_of(f"/proc/{pid}/comm").strip()
    variables = text_of(f"/proc/{pid}/environ").split("\0")
    invocation = next((each.partition("=")[2] for each in variables if each.startswith("INVOCATION_ID=")), "")
    return Process(pid, command if len(command) <= _SHOWN else f"{command[: _SHOWN - 1]}…", groups, invocation)


def holders_of(inodes: Sequence[str]) -> list[list[Process]]:
    """Of each socket, by its inode, the processes that hold it."""
    if not inodes:
        return []
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[str, list[Process]] = {inode: [] for inode in inodes}
    for name in _names_in("/proc"):
        held = {wanted[target] for target in _targets_in(f"/proc/{name}/fd") if target in wanted} if name.isdigit() else set()
        known = process(int(name)) if held else None
        for inode in held if known else ():
            found[inode] += [known] if known else []
    return list(found.values())


def inodes_of(pid: int) -> frozenset[str]:
    """Of the sockets that a process holds."""
    targets = _targets_in(f"/proc/{pid}/fd")
    return frozenset(target[len("socket:[") : -1] for target in targets if target.startswith("socket:["))


def _targets_in(folder: str) -> Iterable[str]:
    for name in _names_in(folder):
        try:
            yield os.readlink(f"{folder}/{name}")
        except OSError:  # closed meanwhile
            continue


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
