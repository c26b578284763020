# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a transaction changes, kept as it was until the transaction has succeeded: backups for the rollback."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
from typing import Callable, Iterator

from ..._plan.observed import PathState
from .door import Door
from .file_contents import copy, digest_of, give_anew, name_beside, remove_directory_if_empty
from .place import Attributes, Known, Place, attributes_of

_NO_FOLDER = (FileNotFoundError, NotADirectoryError)


class Backups:
    """The old file stays beside its place, the very one where the file system has hard links, so that putting it back is
    one rename and brings owner, mode and times along. In a folder that others can write it is a copy: there a second name
    could be one of somebody else's file.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._ways_back: dict[str, Callable[[], None]] = {}
        self._old: list[str] = []

    @contextlib.contextmanager
    def keeping(self, path: str) -> Iterator[Place]:
        """Around whatever writes, links, makes or removes a path. What it was before its first change counts."""
        with self._door.at(path) as place:
            is_first = path not in self._ways_back
            if is_first:
                self._keep(path, place)
            try:
                yield place
            except OSError:
                if is_first:  # nothing happened to it, so nothing is to be put back
                    self._ways_back.pop(path, None)
                    _old(place).unlink_if_there()
                raise

    def keep(self, path: str) -> None:
        """Before something else makes or writes what lies there."""
        try:
            with self.keeping(path):
                pass
        except _NO_FOLDER:
            self._ways_back.setdefault(path, functools.partial(self._remove, path))

    def _keep(self, path: str, place: Place) -> None:
        info = place.look()
        if info is None:
            self._ways_back[path] = functools.partial(self._remove, path)
            return
        if stat.S_ISDIR(info.st_mode):  # directories are removed at the very end, when nothing is rolled back any more
            return
        if stat.S_ISLNK(info.st_mode):
            self._ways_back[path] = functools.partial(self._link_again, path, place.target(), info)
            return
        self._old.append(path)
        self._ways_back[path] = functools.partial(self._rename, path, _keep_file(place))

    def keep_attributes(self, path: str, place: Place) -> None:
        """Before owner, group or mode of a file are changed, and nothing else of it."""
        info = place.look()
        if info is not None:
            sha256 = digest_of(place)
            self._ways_back.setdefault(path, functools.partial(self._give, path, attributes_of(info), sha256))

    def take_over(self, path: str, was: PathState, owner: tuple[int, int]) -> bool:
        """What lay at a path before a run that was killed is what it goes back to. False where that is lost.

        owner: uid and gid, of a file. It lies beside its place if that run came to it; else it lies where it was.
        """
        if was.kind == "missing":
            self._ways_back[path] = functools.partial(self._remove, path)
        elif was.kind == "link":
            self._ways_back[path] = functools.partial(self._link_again, path, was.target, None)
        try:
            with self._door.at(path) as place:
                return self._take_over(path, place, was, owner)
        except _NO_FOLDER:
            return was.kind != "file"

    def _take_over(self, path: str, place: Place, was: PathState, owner: tuple[int, int]) -> bool:
        old = _old(place)
        wanted = (*owner, was.mode)
        if was.kind == "file" and digest_of(old) == was.sha256:
            info = old.look()
            back: Callable[[], None] = functools.partial(self._rename, path, None)
            # Others could have put it there. Its content is right; that it is theirs is not.
            is_strange = place.folder.is_shared and (info is None or attributes_of(info) != wanted)
            self._ways_back[path] = functools.partial(self._own_again, back, path, wanted, was.sha256) if is_strange else back
            self._old.append(path)
            return True
        old.unlink_if_there()
        if was.kind != "file":
            return True
        if digest_of(place) != was.sha256:
            return False
        info = place.look()
        if info is not None and attributes_of(info) != wanted:
            self._keep(path, place)
            self._ways_back[path] = functools.partial(self._own_again, self._ways_back[path], path, wanted, was.sha256)
        return True

    def put_back(self, path: str) -> None:
        """Nothing where the transaction did not come to this path."""
        self._ways_back.pop(path, _nothing)()

    def forget(self) -> None:
        for path in self._old:
            with contextlib.suppress(*_NO_FOLDER), self._door.at(path) as place:
                _old(place).unlink_if_there()
        self._old.clear()
        self._ways_back.clear()

    # Ways back

    def _remove(self, path: str) -> None:
        with contextlib.suppress(*_NO_FOLDER), self._door.at(path) as place:
            info = place.look()
            if info is not None and stat.S_ISDIR(info.st_mode):
                remove_directory_if_empty(place)
            else:
                place.unlink_if_there()

    def _rename(self, path: str, known: Known | None) -> None:
        with self._door.at(path) as place:
            old = _old(place)
            old.rename(place.name, known)
            old.unlink_if_there()  # rename(2) leaves both names where they are one and the same file

    def _link_again(self, path: str, target: str, info: os.stat_result | None) -> None:
        with self._door.at(path) as place:
            new = place.beside(name_beside(place.path, "new"))
            new.symlink(target)
            if info is not None and not place.folder.is_shared:  # by name: somebody could have exchanged it
                new.own_link(info)
            new.rename(place.name)

    def _own_again(self, put_back: Callable[[], None], path: str, attributes: Attributes, sha256: str) -> None:
        put_back()
        self._give(path, attributes, sha256)

    def _give(self, path: str, attributes: Attributes, sha256: str) -> None:
        with self._door.at(path) as place:
            give_anew(place, attributes, sha256)


def _old(place: Place) -> Place:
    return place.beside(name_beside(place.path, "old"))


def _keep_file(place: Place) -> Known | None:
    """Returns what it is known by, where somebody could exchange it."""
    old = _old(place)
    old.unlink_if_there()
    if not place.folder.is_shared:
        with contextlib.suppress(OSError):  # a file system without hard links, or a file of somebody else
            place.link(old.name)
            return None
    known = copy(place, old)
    return known if place.folder.is_shared else None


def _nothing() -> None:
    pass
