# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the managed node: read by digest, written beside and renamed."""

from __future__ import annotations

import grp
import hashlib
import json
import os
import pwd
import shutil
import stat
import tempfile
import time
from typing import Any

from .._stack.desired import File
from .._stack.observed import PathState

NEW_FILE_MODE = 0o644
_SHOWN_AT_MOST = 256 * 1024


def state_of(path: str, wanted_sha256: str = "") -> PathState:
    """What lies at a path. The content comes along where it differs from the wanted digest and is not too large."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return PathState()
    if stat.S_ISLNK(info.st_mode):
        return PathState("link", target=os.readlink(path))
    if not stat.S_ISREG(info.st_mode):
        return PathState("directory" if stat.S_ISDIR(info.st_mode) else "other")
    with open(path, "rb") as stream:
        data = stream.read()
    digest = hashlib.sha256(data).hexdigest()
    return PathState(
        kind="file",
        sha256=digest,
        mode=stat.S_IMODE(info.st_mode),
        owner=_user(info.st_uid),
        group=_group(info.st_gid),
        changed=_monotonic(info.st_ctime_ns),
        content=data if digest != wanted_sha256 and len(data) <= _SHOWN_AT_MOST else None,
    )


def state_of_directory(path: str) -> PathState:
    """The same for a directory that is to hold something: links to directories will do."""
    if os.path.isdir(path):
        return PathState("directory")
    return state_of(path)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _monotonic(realtime_ns: int) -> int:
    """A time of the file system in µs of the clock that systemd stamps its units with."""
    return time.monotonic_ns() // 1000 - (time.time_ns() - realtime_ns) // 1000


class Staged:
    """Files written beside their places; `commit` renames one, `discard` removes those that were never renamed."""

    def __init__(self) -> None:
        self._waiting: dict[str, str] = {}

    def add(self, file: File) -> None:
        """Write a file beside its place, complete with owner and mode. Raises OSError; the old file is untouched."""
        directory, name = os.path.split(file.path)
        handle, beside = tempfile.mkstemp(prefix=f".{name[:64]}.", suffix=".new", dir=directory)
        self._waiting[file.path] = beside
        with os.fdopen(handle, "wb") as stream:
            if file.source.data is not None:
                stream.write(file.source.data)
            elif file.source.upload:
                with open(file.source.upload, "rb") as upload:
                    shutil.copyfileobj(upload, stream)
            stream.flush()
            os.fsync(stream.fileno())
        _inherit_attributes(file.path, beside)
        set_attributes(beside, file)

    def commit(self, path: str) -> None:
        os.replace(self._waiting.pop(path), path)

    def discard(self) -> None:
        for beside in self._waiting.values():
            try:
                os.unlink(beside)
            except FileNotFoundError:
                continue
        self._waiting.clear()


def _inherit_attributes(old: str, new: str) -> None:
    """What the declaration leaves open stays as it was, or is root's and readable."""
    try:
        info = os.stat(old)
    except FileNotFoundError:
        os.chmod(new, NEW_FILE_MODE)
        return
    os.chown(new, info.st_uid, info.st_gid)
    os.chmod(new, stat.S_IMODE(info.st_mode))


def set_attributes(path: str, file: File) -> None:
    uid = pwd.getpwnam(file.owner).pw_uid if file.owner is not None else -1
    gid = grp.getgrnam(file.group).gr_gid if file.group is not None else -1
    if uid != -1 or gid != -1:
        os.chown(path, uid, gid)
    if file.mode is not None:  # after chown, which clears set-id bits
        os.chmod(path, file.mode)


def make_link(path: str, target: str) -> None:
    """A symbolic link, in one rename: whoever looks sees the old or the new one."""
    beside = f"{os.path.dirname(path)}/.{os.path.basename(path)}.{os.getpid()}.new"
    os.symlink(target, beside)
    os.replace(beside, path)


def write_json(path: str, value: Any) -> None:
    """A small private file of our own, beside and renamed."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    beside = f"{path}.new"
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=1, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(beside, path)


def read_json(path: str) -> Any:
    """The value, or None where there is no such file. Raises ValueError for one that is no JSON."""
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except FileNotFoundError:
        return None
