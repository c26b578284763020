# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a transaction changes, kept as it was until the transaction has proven well: the way back of the disk."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import shutil
import stat
from typing import Callable, Iterator

from .._plan.observed import PathState


class Kept:
    """The old file stays beside its place, the very one where the file system has hard links, so that putting it back is
    one rename and brings owner, mode and times along.
    """

    def __init__(self) -> None:
        self._ways_back: dict[str, Callable[[], None]] = {}
        self._old: list[str] = []

    @contextlib.contextmanager
    def keeping(self, path: str) -> Iterator[None]:
        """Around whatever writes, links, makes or removes a path. What it was before its first change counts."""
        is_first = path not in self._ways_back
        if is_first:
            self._keep(path)
        try:
            yield
        except OSError:
            if is_first:  # nothing happened to it, so nothing is to be put back
                self._ways_back.pop(path, None)
                unlink_if_there(beside(path, "old"))
            raise

    def _keep(self, path: str) -> None:
        try:
            info = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            self._ways_back[path] = functools.partial(_remove, path)
            return
        if stat.S_ISDIR(info.st_mode):  # directories are removed at the very end, when there is no way back
            return
        if stat.S_ISLNK(info.st_mode):
            self._ways_back[path] = functools.partial(_link_again, path, os.readlink(path), info)
            return
        old = beside(path, "old")
        unlink_if_there(old)
        self._old.append(old)
        _copy(path, old, info)
        self._ways_back[path] = functools.partial(_rename, old, path)

    def keep_attributes(self, path: str) -> None:
        """Before owner, group or mode of a file are changed, and nothing else of it."""
        self._ways_back.setdefault(path, functools.partial(_set_attributes, path, os.stat(path)))

    def take_over(self, path: str, was: PathState, owner: tuple[int, int]) -> bool:
        """What lay at a path before a run that was killed is what it goes back to. False where that is lost.

        owner: uid and gid, of a file. It lies beside its place if that run came to it; else it lies where it was.
        """
        old = beside(path, "old")
        if was.kind == "missing":
            self._ways_back[path] = functools.partial(_remove, path)
        elif was.kind == "link":
            self._ways_back[path] = functools.partial(_link_again, path, was.target, None)
        elif was.kind == "file" and digest_of(old) == was.sha256:
            self._old.append(old)
            self._ways_back[path] = functools.partial(_rename, old, path)
            return True
        unlink_if_there(old)
        if was.kind != "file":
            return True
        if digest_of(path) != was.sha256:
            return False
        info = os.stat(path)
        if (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) != (*owner, was.mode):
            self._keep(path)
            self._ways_back[path] = functools.partial(_own_again, self._ways_back[path], path, owner, was.mode)
        return True

    def put_back(self, path: str) -> None:
        """Nothing where the transaction did not come to this path."""
        self._ways_back.pop(path, _nothing)()

    def forget(self) -> None:
        for old in self._old:
            unlink_if_there(old)
        self._old.clear()
        self._ways_back.clear()


def beside(path: str, ending: str) -> str:
    """A place for another version of a file, on the same file system, that nothing else reads.

    The next run finds it, should this one be killed, since only the path decides its name.
    """
    digest = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return f"{os.path.dirname(path)}/.daemonic-{digest}.{ending}"


def digest_of(path: str) -> str:
    """Of a regular file; "" where there is none."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return ""
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def unlink_if_there(path: str) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(path)


def remove_directory_if_empty(path: str) -> None:
    """What somebody else has put there stays, and its directory with it."""
    try:
        os.rmdir(path)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.EBUSY):  # EBUSY: a mount point
            raise


def _copy(path: str, old: str, info: os.stat_result) -> None:
    try:
        os.link(path, old)
    except OSError:  # a file system without hard links, or a file of somebody else
        shutil.copy2(path, old)
        os.chown(old, info.st_uid, info.st_gid)
        os.chmod(old, stat.S_IMODE(info.st_mode))  # after chown, which clears set-id bits


def _nothing() -> None:
    pass


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        remove_directory_if_empty(path)
    else:
        unlink_if_there(path)


def _rename(old: str, path: str) -> None:
    os.replace(old, path)
    unlink_if_there(old)  # rename(2) leaves both names where they are one and the same file


def _link_again(path: str, target: str, info: os.stat_result | None) -> None:
    new = beside(path, "new")
    unlink_if_there(new)
    os.symlink(target, new)
    if info is not None:
        os.chown(new, info.st_uid, info.st_gid, follow_symlinks=False)
        os.utime(new, ns=(info.st_atime_ns, info.st_mtime_ns), follow_symlinks=False)
    os.replace(new, path)


def _own_again(put_back: Callable[[], None], path: str, owner: tuple[int, int], mode: int) -> None:
    put_back()
    os.chown(path, *owner)
    os.chmod(path, mode)


def _set_attributes(path: str, info: os.stat_result) -> None:
    os.chown(path, info.st_uid, info.st_gid)
    os.chmod(path, stat.S_IMODE(info.st_mode))
