# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that is open, and a name in it: what is done there is done there, whatever becomes of the path meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import Tuple

from .acting import acting_as, who_runs_this

_SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_READ = os.O_RDONLY | _SAFELY
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ATTEMPTS = 8  # to make a file at a name that others can take, too
_OTHERS_WRITE = 0o022  # with an ACL the bits of the group are its mask, so that they show it: acl(5)

# What may be read where nothing else is said: far more than any file that is compared or shown.
READ_AT_MOST = 256 * 1024 * 1024

Attributes = Tuple[int, int, int]  # uid, gid, mode
Known = Tuple[int, ...]  # what a file is known by as long as nobody changes it: known_by()


class UnsafePath(OSError):
    """The way leads where somebody else than we wants it to lead, or what lies there is none of what may be used."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(errno.ENOLINK, problem, path)


class Folder:
    """A directory that is open, until nobody has it any more."""

    __slots__ = ("fd", "info")

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.info = os.fstat(fd)

    def __del__(self) -> None:
        os.close(self.fd)

    @property
    def is_shared(self) -> bool:
        """Somebody else than root, and than who runs this, can put something there."""
        is_ours = self.info.st_uid in (0, who_runs_this())
        return not is_ours or bool(self.info.st_mode & _OTHERS_WRITE)

    def names(self) -> list[str]:
        fd = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            return sorted(os.listdir(fd))
        finally:
            os.close(fd)

    def links(self) -> dict[str, str]:
        """Name → target of the symbolic links in it."""
        fd = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            with os.scandir(fd) as entries:
                names = [entry.name for entry in entries if entry.is_symlink()]
            return {name: os.readlink(name, dir_fd=self.fd) for name in names}
        finally:
            os.close(fd)


class Place:
    """A name in an open folder, whatever lies there. Nothing here follows a symbolic link."""

    __slots__ = ("folder", "has_root", "name", "path")

    def __init__(self, folder: Folder, name: str, path: str, has_root: bool) -> None:
        self.folder = folder
        self.name = name
        self.path = path
        self.has_root = has_root

    def beside(self, name: str) -> Place:
        return Place(self.folder, name, f"{os.path.dirname(self.path)}/{name}", self.has_root)

    def as_root(self) -> contextlib.AbstractContextManager[None]:
        """For what is done with an open file alone: root may, where it only acts as the owner of the folder."""
        is_acting = self.has_root and os.geteuid() != 0
        return acting_as(0, 0, []) if is_acting else contextlib.nullcontext()

    # Looking

    def look(self) -> os.stat_result | None:
        """As lstat(2); None where there is nothing."""
        try:
            return os.stat(self.name, dir_fd=self.folder.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def target(self) -> str:
        return os.readlink(self.name, dir_fd=self.folder.fd)

    def leads_nowhere(self) -> bool:
        """A symbolic link whose target is missing."""
        try:
            os.stat(self.name, dir_fd=self.folder.fd)
        except OSError:
            return True
        return False

    def open(self) -> int:
        """A regular file, to read, never waiting for anybody. Raises UnsafePath for all else, and opens no device."""
        info = self.look()
        if info is not None and not stat.S_ISREG(info.st_mode):
            raise UnsafePath(self.path, "it is no regular file")
        fd = os.open(self.name, _READ, dir_fd=self.folder.fd)
        try:
            self._require_usable(os.fstat(fd))
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _require_usable(self, info: os.stat_result) -> None:
        if not stat.S_ISREG(info.st_mode):
            raise UnsafePath(self.path, "it is no regular file")
        if info.st_nlink > 1 and not self.is_usable(info):
            raise UnsafePath(self.path, "it is a file with several names, in a folder that others than its owner can write")

    def is_usable(self, info: os.stat_result) -> bool:
        """A file of somebody else can be given a second name in a folder of one's own: link(2)."""
        return info.st_nlink < 2 or not self.folder.is_shared or info.st_uid == self.folder.info.st_uid

    def read(self, at_most: int = READ_AT_MOST) -> tuple[bytes, os.stat_result]:
        """Raises UnsafePath for what is no regular file, or longer than that."""
        fd = self.open()
        try:
            data = _read(fd, at_most + 1)
            if len(data) > at_most:
                raise UnsafePath(self.path, f"it is longer than {at_most} bytes")
            return data, os.fstat(fd)
        finally:
            os.close(fd)

    def head(self, size: int) -> bytes:
        """The beginning of a regular file."""
        fd = self.open()
        try:
            return _read(fd, size)
        finally:
            os.close(fd)

    # Changing

    def create(self) -> int:
        """A new file that is ours alone (0600), to read and write: root's where root runs this, whoever acts, so that
        nobody opens it before it is whole. What lay there is removed, never written to.
        """
        for _attempt in range(_ATTEMPTS):
            self.unlink_if_there()
            with contextlib.suppress(FileExistsError), self.as_root():
                return _without_acl(os.open(self.name, _CREATE, 0o600, dir_fd=self.folder.fd))
        raise UnsafePath(self.path, "somebody puts something there each time that it is removed")

    def open_or_create(self) -> int:
        """A private file of our own that stays, to read and write."""
        fd = os.open(self.name, os.O_RDWR | os.O_CREAT | _SAFELY, 0o600, dir_fd=self.folder.fd)
        try:
            self._require_usable(os.fstat(fd))
        except BaseException:
            os.close(fd)
            raise
        return fd

    def give(self, fd: int, attributes: Attributes) -> None:
        """Once, on the open file: its mode is never wider than it will be. The owner first, since that clears set-id bits."""
        uid, gid, mode = attributes
        with self.as_root():
            os.fchown(fd, uid, gid)
            os.fchmod(fd, mode)

    def rename(self, name: str, known: Known | None = None) -> None:
        """In the same folder, over what lies there. known: what it must be; others could have exchanged it."""
        if known is not None and known != known_by(self.look()):
            raise UnsafePath(self.path, "somebody has exchanged what this run has put there")
        os.replace(self.name, name, src_dir_fd=self.folder.fd, dst_dir_fd=self.folder.fd)

    def link(self, name: str) -> None:
        """A second name of the very same file."""
        os.link(self.name, name, src_dir_fd=self.folder.fd, dst_dir_fd=self.folder.fd, follow_symlinks=False)

    def symlink(self, target: str) -> None:
        for _attempt in range(_ATTEMPTS):
            self.unlink_if_there()
            with contextlib.suppress(FileExistsError):
                return os.symlink(target, self.name, dir_fd=self.folder.fd)
        raise UnsafePath(self.path, "somebody puts something there each time that it is removed")

    def unlink(self) -> None:
        os.unlink(self.name, dir_fd=self.folder.fd)

    def unlink_if_there(self) -> None:
        """Looks first: a read-only file system refuses to unlink what is not there, too."""
        if self.look() is not None:
            with contextlib.suppress(FileNotFoundError):
                self.unlink()

    def make_directory(self, mode: int) -> None:
        """With that mode from the start, whatever the umask is: to change it afterwards could reach another one."""
        umask = os.umask(0)
        try:
            os.mkdir(self.name, mode, dir_fd=self.folder.fd)
        finally:
            os.umask(umask)

    def remove_directory(self) -> None:
        os.rmdir(self.name, dir_fd=self.folder.fd)

    def own_link(self, info: os.stat_result) -> None:
        """Owner and times of a symbolic link."""
        os.chown(self.name, info.st_uid, info.st_gid, dir_fd=self.folder.fd, follow_symlinks=False)
        times = (info.st_atime_ns, info.st_mtime_ns)
        os.utime(self.name, ns=times, dir_fd=self.folder.fd, follow_symlinks=False)


def attributes_of(info: os.stat_result) -> Attributes:
    return info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)


def inode_of(info: os.stat_result | None) -> tuple[int, int] | None:
    return (info.st_dev, info.st_ino) if info else None


def known_by(info: os.stat_result | None) -> Known | None:
    """More than its inode, which a file that is removed leaves to the next one."""
    return (info.st_dev, info.st_ino, info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_mtime_ns) if info else None


def _without_acl(fd: int) -> int:
    """A new file has none by the default ACL of its folder, which would let others in than its mode says: acl(5)."""
    with contextlib.suppress(OSError):
        os.removexattr(fd, "system.posix_acl_access")
    return fd


def _read(fd: int, at_most: int) -> bytes:
    parts, size = [], 0
    while size < at_most:
        part = os.read(fd, min(at_most - size, 1 << 20))
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)
