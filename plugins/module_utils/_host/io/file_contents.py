# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in files: digested, copied and written from one open file to another."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from typing import IO, Collection, Iterator

from .place import Attributes, Known, Place, UnsafePath, attributes_of, known_by

_PART = 1 << 20
_DIGESTED_AT_MOST = 4 << 30


def name_beside(path: str, ending: str) -> str:
    """The name of another version of a file in its folder, which nothing else reads.

    The next run finds it, should this one be killed, since only the path decides its name. So can others: what lies there
    is never written to, nor trusted.
    """
    digest = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return f".daemonic-{digest}.{ending}"


def digested(place: Place, at_most: int) -> tuple[str, bytes, os.stat_result]:
    """The digest of a regular file, its beginning, and what fstat(2) says of it. Raises UnsafePath for all else."""
    fd = place.open()
    try:
        digest, head, kept = hashlib.sha256(), [], 0
        for part in _parts(fd, place):
            digest.update(part)
            if kept <= at_most:
                head.append(part)
                kept += len(part)
        return digest.hexdigest(), b"".join(head), os.fstat(fd)
    finally:
        os.close(fd)


def digest_of(place: Place) -> str:
    """Of a regular file that may be used; "" where there is none."""
    with contextlib.suppress(FileNotFoundError, UnsafePath), place.as_root():
        info = place.look()
        if info is not None and stat.S_ISREG(info.st_mode):
            return digested(place, 0)[0]
    return ""


def _parts(fd: int, place: Place) -> Iterator[bytes]:
    left = _DIGESTED_AT_MOST
    while left:
        part = os.read(fd, _PART)
        if not part:
            return
        left -= len(part)
        if left <= 0:
            raise UnsafePath(place.path, "it is longer than 4 GiB")
        yield part


def write(new: Place, source: IO[bytes], attributes: Attributes, sha256: str = "") -> Known:
    """A new file, whole and on the disk. Returns what it is known by. sha256: what its content must have, if anything."""
    fd = new.create()
    try:
        digest = hashlib.sha256()
        for part in iter(lambda: source.read(_PART), b""):
            digest.update(part)
            _write_all(fd, part)
        if sha256 and digest.hexdigest() != sha256:
            raise UnsafePath(new.path, "what was sent for it is not what was declared; run the task again")
        new.give(fd, attributes)
        os.fsync(fd)
        return known_by(os.fstat(fd)) or ()
    finally:
        os.close(fd)


def copy(place: Place, new: Place, attributes: Attributes | None = None, sha256: str = "") -> Known:
    """A copy with owner, mode, times and extended attributes, or with other attributes. Returns what it is known by.

    sha256: what its content must be, where somebody could have exchanged it.
    """
    with place.as_root():  # who owns the folder may not read all that is in it
        source = place.open()
    try:
        fd = new.create()
        try:
            _copy_content(source, fd, place, sha256)
            before = os.fstat(source)
            wanted = attributes or attributes_of(before)
            with new.as_root():
                os.fchown(fd, *wanted[:2])  # before the extended ones: it clears capabilities
                _copy_extended(source, fd, but=_ACLS if wanted != attributes_of(before) else ())
            new.give(fd, wanted)
            with new.as_root():
                os.utime(fd, ns=(before.st_atime_ns, before.st_mtime_ns))
            return known_by(os.fstat(fd)) or ()
        finally:
            os.close(fd)
    finally:
        os.close(source)


def _copy_content(source: int, fd: int, place: Place, sha256: str) -> None:
    digest = hashlib.sha256()
    for part in _parts(source, place):
        _write_all(fd, part)
        digest.update(part)
    if sha256 and digest.hexdigest() != sha256:
        raise UnsafePath(place.path, "somebody has changed it while this run was under way")


# They let others than the owner and the mode say, so that they belong to the old ones.
_ACLS = ("system.posix_acl_access",)


def _copy_extended(source: int, fd: int, but: Collection[str] = ()) -> None:
    """ACLs, labels and the like, as far as the file system and we may."""
    with contextlib.suppress(OSError):
        for name in set(os.listxattr(source)) - set(but):
            with contextlib.suppress(OSError):
                os.setxattr(fd, name, os.getxattr(source, name))


def give_anew(place: Place, attributes: Attributes, sha256: str) -> None:
    """Other owners or another mode: a new file of the same content. sha256: of the one that was looked at.

    Whoever owned the old one may have exchanged its content since, and may have it open for writing.
    """
    new = place.beside(name_beside(place.path, "new"))
    try:
        new.rename(place.name, copy(place, new, attributes, sha256))
    except OSError:
        new.unlink_if_there()
        raise


def remove_directory_if_empty(place: Place) -> None:
    """What somebody else has put there stays, and its directory with it."""
    try:
        place.remove_directory()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.EBUSY):  # EBUSY: a mount point
            raise


def _write_all(fd: int, part: bytes) -> None:
    left = memoryview(part)
    while left:
        left = left[os.write(fd, left) :]
