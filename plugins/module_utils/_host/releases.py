# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases on the disk: is one complete and as it was built? A mark that is written last says so. And their removal."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from typing import Any, Iterable

from .._plan.observed import ReleaseState

MARK = ".complete"
_RELEASE = re.compile("/[^/]+/releases/[0-9a-f]{16}$")


class BuildFailed(Exception):
    """A release could not be made, and nothing is left of it. The message is for a person."""


def state_of(place: str, thoroughly: bool) -> ReleaseState:
    """thoroughly: file by file, by what changes when somebody writes to one."""
    mark = read_mark(place)
    if mark is None:
        return ReleaseState(_kind_without_mark(place))
    is_as_built = not thoroughly or all(_print_of(f"{place}/{name}") == found for name, found in mark["files"])
    return ReleaseState("complete" if is_as_built else "changed", tuple(mark["tested"]))


def _kind_without_mark(place: str) -> str:
    """One that is built has folders from its beginning."""
    try:
        with os.scandir(place) as found:
            kinds = {entry.is_dir(follow_symlinks=False) for entry in found if not entry.name.startswith((".", "__pycache__"))}
    except OSError:
        return "partial" if os.path.lexists(place) or os.path.lexists(_aside(place)) else "missing"
    return "script" if kinds == {False} else "partial"


def read_mark(place: str) -> Any:
    """{files: [[name, print]…], tested: […]}, or None where there is none that can be read."""
    try:
        with open(f"{place}/{MARK}", encoding="utf-8", errors="surrogateescape") as stream:
            mark = json.load(stream)
        return mark if isinstance(mark["files"], list) and isinstance(mark["tested"], list) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_mark(place: str, files: list[list[str]], tested: Iterable[str]) -> None:
    """The last thing of a release; beside and renamed, on the disk when this returns."""
    beside = f"{place}/{MARK}.new"
    with open(beside, "w", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump({"files": files, "tested": sorted(set(tested))}, stream)
        stream.flush()
        os.fchmod(stream.fileno(), 0o644)
        os.fsync(stream.fileno())
    os.replace(beside, f"{place}/{MARK}")


def close_to_others(place: str) -> list[list[str]]:
    """Whatever the umask was: all may read, nobody but the owner may write. Returns the files with their prints.

    Compiled files are left out, since Python may write them anew.
    """
    files = []
    for folder, _folders, names in os.walk(place):
        os.chmod(folder, 0o755)
        links = [name for name in _folders if os.path.islink(f"{folder}/{name}")]
        for name in (*names, *links):
            path = f"{folder}/{name}"
            info = os.lstat(path)
            if not stat.S_ISLNK(info.st_mode):
                os.chmod(path, 0o755 if info.st_mode & 0o100 else 0o644)
            if not name.endswith(".pyc"):
                files.append([os.path.relpath(path, place), _print_of(path)])
    return sorted(files)


def _print_of(path: str) -> str:
    """What changes when somebody writes to a file: cheap enough for thousands at each run."""
    try:
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            return f"link {os.readlink(path)}"
    except OSError:
        return "missing"
    return f"{info.st_mode:o} {info.st_uid} {info.st_size} {info.st_mtime_ns}"


def set_aside(place: str) -> bool:
    """Out of the way in one rename, so that no half of it is ever taken for a release. False where there is nothing."""
    if not _RELEASE.search(place):
        raise ValueError(f"{place} is not the directory of a release")
    _remove_tree(_aside(place))
    if not os.path.lexists(place):
        return False
    os.rename(place, _aside(place))
    return True


def put_back(place: str) -> None:
    """What was set aside, to its place."""
    _remove_tree(place)
    os.rename(_aside(place), place)


def remove_aside(place: str) -> None:
    _remove_tree(_aside(place))


def _aside(place: str) -> str:
    parent, _slash, name = place.rpartition("/")
    return f"{parent}/.{name}.old"


def _remove_tree(place: str) -> None:
    """Follows no link, within it or in its place."""
    if os.path.islink(place):
        os.unlink(place)
    elif os.path.lexists(place):
        shutil.rmtree(place)
