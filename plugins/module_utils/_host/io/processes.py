# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from /proc who holds a socket, and what runs from a directory.

What cannot be read, as an ordinary user or in a race, is left out."""

from __future__ import annotations

import os
from typing import Collection, Iterable, Iterator, Sequence

from ..._desired.stamp import RELEASE
from ..._health.diagnostics import Process
from ..._health.listeners import unit_in
from ..._text import line, lines_in

_SHOWN = 120  # characters of a command line


def text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace", newline="\n") as stream:
            return stream.read()
    except OSError:
        return ""


def groups_of(pid: int | str) -> str:
    """Its control groups, below those of the manager: the host may be a container, whose own name stands before them."""
    own = dict(_ways(1))
    return "".join(f"{kind}:{_below(path, own.get(kind, ''))}\n" for kind, path in _ways(pid))


def _ways(pid: int | str) -> Iterator[tuple[str, str]]:
    """(number and controllers of a hierarchy, path in it)"""
    for each in lines_in(text_of(f"/proc/{pid}/cgroup")):
        if each.count(":") >= 2:
            number, controllers, path = each.split(":", 2)
            yield f"{number}:{controllers}", path


def _below(path: str, manager: str) -> str:
    root = manager[: -len("/init.scope")] if manager.endswith("/init.scope") else ""
    return path[len(root) :] if path.startswith(f"{root}/") else path


def process(pid: int) -> Process | None:
    """None for one that has ended."""
    groups = groups_of(pid)
    if not groups:
        return None
    command = text_of(f"/proc/{pid}/cmdline").replace("\0", " ").strip() or text_of(f"/proc/{pid}/comm").strip()
    variables = text_of(f"/proc/{pid}/environ").split("\0")
    invocation = next((each.partition("=")[2] for each in variables if each.startswith("INVOCATION_ID=")), "")
    return Process(pid, line(command, _SHOWN), groups, invocation)


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


def processes_in(directories: Collection[str]) -> dict[str, str]:
    """Directory → a process that runs from it: by its program, command line, working directory or mapped files, or because
    systemd has started its unit from there. This process is none of them.
    """
    found: dict[str, str] = {}
    left = set(directories)
    marks = {path: {f"{path}/".encode(), f"{os.path.realpath(path)}/".encode()} for path in directories}
    for name in _names_in("/proc") if directories else ():
        if not name.isdigit() or int(name) == os.getpid() or not left:
            continue
        text = _traces_of(name)
        used = {path for path in left if any(mark in text for mark in marks[path])} or _releases_of_unit(name, left)
        if not used:
            text = _bytes_of(f"/proc/{name}/maps")
            used = {path for path in left if any(mark in text for mark in marks[path])}
        found.update(dict.fromkeys(used, f"{line(text_of(f'/proc/{name}/comm').strip()) or 'process'} ({name})"))
        left -= used
    return found


def _traces_of(pid: str) -> bytes:
    links = [f"{target}/" for target in (_target_of(f"/proc/{pid}/{link}") for link in ("exe", "cwd", "root"))]
    return "\n".join(links).encode("utf-8", "surrogateescape") + _bytes_of(f"/proc/{pid}/cmdline").replace(b"\0", b"/\n")


def _releases_of_unit(pid: str, directories: Collection[str]) -> set[str]:
    """By what PID 1 has noted when it started the unit: a daemon may call itself what it likes, and stay in /."""
    unit = unit_in(groups_of(pid))
    daemon = unit.partition("@")[0].partition(".service")[0]
    own = [path for path in directories if path.split("/")[-3:-2] == [daemon]]
    noted = _bytes_of(f"/run/systemd/units/log-extra-fields:{unit}") if own else b""
    return {path for path in own if f"{RELEASE}={os.path.basename(path)}".encode() in noted}


def _target_of(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def _bytes_of(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""
