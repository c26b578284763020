# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock that keeps two runs apart. It lies where nobody else can put a file, and tells what its holder is doing."""

from __future__ import annotations

import contextlib
import fcntl
import os

from .door import Door
from .place import Place, inode_of

_JUST_TAKEN = "somebody who has just taken it"


class Lock:
    """door: that of the host itself, for an image too: what locks is a process. is_in_home: nothing is left of it there."""

    def __init__(self, door: Door, is_in_home: bool) -> None:
        self._door = door
        self._is_in_home = is_in_home
        self._held: tuple[int, str, str] | None = None

    def take(self, path: str, holder: str) -> str:
        """Until it is given up or the process ends. Returns "" or, when it is taken, what its holder wrote."""
        with self._door.at(path) as place:
            handle = place.open_or_create()
            said = _locked(handle, place)
        if said:
            os.close(handle)
            return said
        self._held = handle, holder, path
        self.tell("")
        return ""

    def tell(self, step: str) -> None:
        """What the holder is doing, for those who find it taken, and for the task that waits for the end.

        A full disk is no reason to fail: it is only told.
        """
        if self._held:
            handle, holder, _path = self._held
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
                os.pwrite(handle, "\n".join(filter(None, (holder, step))).encode("utf-8", "surrogateescape"), 0)

    def give_up(self) -> None:
        if not self._held:
            return
        handle, _holder, path = self._held
        self._held = None
        os.ftruncate(handle, 0)
        if self._is_in_home:
            with contextlib.suppress(OSError), self._door.at(path) as place:
                place.unlink()
        os.close(handle)


def _locked(handle: int, place: Place) -> str:
    """Who has it, if not we."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, 4096, 0).decode("utf-8", "replace").replace("\n", ": ") or _JUST_TAKEN
    is_there = inode_of(os.fstat(handle)) == inode_of(place.look())  # its holder may just have removed it
    return "" if is_there else _JUST_TAKEN
