# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the managed node: read by digest, written beside and renamed.

Every path is one of the host that is described; below `root`, where an image is built that is not running. Everything is
done as the user whose files they are, so that root never follows a link that a user has laid.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import time
from typing import Any, Collection, Iterable, Mapping

from ..._desired.desired import File
from ..._plan.observed import PathState, ReleaseState
from . import release_files
from .accounts import Account, Accounts
from .backups import Backups
from .door import Door
from .file_contents import copy, digested, give_anew, name_beside, remove_directory_if_empty, write
from .lock import Lock
from .place import Attributes, Known, Place, attributes_of
from .uploads import source_of

NEW_FILE_MODE = 0o644
DIRECTORY_MODE = 0o755
_READ_AT_MOST = 4 * 1024 * 1024  # unit files and the like are compared word by word; others are only shown
_NO_FOLDER = (FileNotFoundError, NotADirectoryError)


class Disk:
    def __init__(self, root: str = "", user: Account | None = None, is_lenient: bool = False) -> None:
        self._root = root
        self.door = Door(root, user, is_lenient)
        self.accounts = Accounts(root)
        self._staged: dict[str, Known] = {}
        self._kept = Backups(self.door)
        self._lock = Lock(Door(user=user) if root else self.door, is_in_home=user is not None)

    @property
    def is_image(self) -> bool:
        return self._root != ""

    def at(self, path: str) -> str:
        """Where a path of the host that is described lies for this process; "" of an image is its root."""
        return self.door.resolved(path) if path else self._root

    def as_owner(self) -> contextlib.AbstractContextManager[None]:
        """For what is done with such paths elsewhere (release_builder.py): by the user whose they are."""
        return self.door.as_user()

    # Reading

    def state_of(self, path: str, wanted_sha256: str = "") -> PathState:
        """What lies at a path. The content comes along where it differs from the wanted digest and is not too large."""
        try:
            return self.door.look(path, lambda place: self._state_of(place, wanted_sha256))
        except _NO_FOLDER:
            return PathState()

    def _state_of(self, place: Place, wanted_sha256: str) -> PathState:
        info = place.look()
        if info is None:
            return PathState()
        if stat.S_ISLNK(info.st_mode):
            return PathState("link", target=place.target(), changed=_monotonic(info.st_ctime_ns))
        if not (stat.S_ISREG(info.st_mode) and place.is_usable(info)):
            return PathState("directory" if stat.S_ISDIR(info.st_mode) else "other")
        digest, data, info = digested(place, _READ_AT_MOST)
        differs, is_long = digest != wanted_sha256, len(data) > _READ_AT_MOST
        return PathState(
            kind="file",
            sha256=digest,
            mode=stat.S_IMODE(info.st_mode),
            owner=self.accounts.user_name(info.st_uid),
            group=self.accounts.group_name(info.st_gid),
            changed=_monotonic(info.st_ctime_ns),
            content=data if differs and not is_long else None,
            is_long=differs and is_long,
        )

    def mode_of(self, path: str) -> int | None:
        """The mode of a regular file; None where there is none."""
        try:
            info = self.door.look(path, Place.look)
        except OSError:
            return None
        return stat.S_IMODE(info.st_mode) if info is not None and stat.S_ISREG(info.st_mode) else None

    def followed(self, path: str) -> PathState:
        """The same of what a link leads to, with its content. kind: other for what cannot be read."""
        try:
            with self.door.looking_at(path) as place:
                own = place.look()
            with self.door.following(path) as place:
                digest, data, info = digested(place, _READ_AT_MOST)
        except _NO_FOLDER:
            return PathState()
        except OSError:
            return PathState("other")
        changed = _monotonic(max(own.st_ctime_ns if own else 0, info.st_ctime_ns))
        return PathState("file", digest, stat.S_IMODE(info.st_mode), changed=changed, content=data[:_READ_AT_MOST])

    def state_of_directory(self, path: str) -> PathState:
        """The same for a directory that is to hold something: a link to a directory will do."""
        return PathState("directory") if self.door.is_directory(path) else self.state_of(path)

    def links_in(self, directory: str) -> dict[str, str]:
        """Path → absolute target of the symbolic links in a directory; none where there is no such directory.

        Hidden ones are left out, as systemd does: what a run that was killed has left beside its place is one.
        """
        try:
            with self.door.inside(directory) as folder:
                links = {name: target for name, target in folder.links().items() if not name.startswith(".")}
        except _NO_FOLDER:
            return {}
        return {f"{directory}/{name}": os.path.normpath(os.path.join(directory, target)) for name, target in links.items()}

    def names_in(self, directory: str) -> list[str]:
        try:
            with self.door.inside(directory) as folder:
                return folder.names()
        except _NO_FOLDER:
            return []

    def read(self, path: str) -> bytes:
        with self.door.following(path) as place:
            return place.read()[0]

    def read_json(self, path: str) -> Any:
        """The value, or None where there is no such file. Raises ValueError for one that is no JSON."""
        try:
            return json.loads(self.read(path))
        except _NO_FOLDER:
            return None

    def state_of_release(self, path: str, thoroughly: bool) -> ReleaseState:
        with self.as_owner():
            return release_files.state_of(self.at(path), thoroughly)

    # Writing

    def stage(self, file: File) -> None:
        """Write a file beside its place, complete with owner and mode. Raises OSError; the old file is untouched."""
        with source_of(file.source) as source, self.door.at(file.path) as place:
            new, attributes = _new(place), self._attributes(file, place)
            self._staged[file.path] = ()
            self._staged[file.path] = write(new, source, attributes, file.source.sha256)

    def _attributes(self, file: File, place: Place) -> Attributes:
        """What the declaration leaves open stays as it was, or is that of the process and readable."""
        info = place.look()
        if info is not None and stat.S_ISREG(info.st_mode) and place.is_usable(info):
            uid, gid, mode = attributes_of(info)
            mode &= 0o777  # as for write(2): set-id bits were given to another content, or by another owner
        else:
            uid, gid, mode = 0 if place.has_root else os.geteuid(), 0 if place.has_root else os.getegid(), NEW_FILE_MODE
        uid = self.accounts.uid(file.owner) if file.owner is not None else uid
        gid = self.accounts.gid(file.group) if file.group is not None else gid
        return uid, gid, mode if file.mode is None else file.mode

    def commit(self, path: str) -> None:
        with self._kept.keeping(path) as place:
            _new(place).rename(place.name, self._staged[path])
            del self._staged[path]

    def discard(self) -> None:
        """Remove what was staged and never committed."""
        for path in self._staged:
            with contextlib.suppress(*_NO_FOLDER), self.door.at(path) as place:
                _new(place).unlink_if_there()
        self._staged.clear()

    def remove_node(self, path: str, service: str) -> None:
        from .socket_nodes import remove_node  # most runs do without

        with contextlib.suppress(*_NO_FOLDER), self.door.at(path) as place:
            remove_node(place, service)

    def sweep(self, paths: Iterable[str], needed: Collection[str] = ()) -> None:
        """Remove what a killed run has left beside these paths. needed: those whose old file a rollback still needs."""
        for path in paths:
            with contextlib.suppress(*_NO_FOLDER), self.door.at(path) as place:
                _new(place).unlink_if_there()
                if path not in needed:
                    place.beside(name_beside(place.path, "old")).unlink_if_there()

    def take_over(self, before: Mapping[str, PathState]) -> list[str]:
        """What lay at these paths before a run that was killed is what they go back to. Returns those where it is lost."""
        return [path for path, was in before.items() if not self._kept.take_over(path, was, self._owner_of(was))]

    def _owner_of(self, state: PathState) -> tuple[int, int]:
        try:
            return (self.accounts.uid(state.owner), self.accounts.gid(state.group)) if state.kind == "file" else (-1, -1)
        except KeyError:  # the account is gone since
            return -1, -1

    def keep(self, path: str) -> None:
        """Before another program makes something at a path. What a file holds that lies there is not kept."""
        with contextlib.suppress(*_NO_FOLDER):
            with self.door.looking_at(path) as place:
                info = place.look()
            if info is not None and stat.S_ISREG(info.st_mode):
                return
        self._kept.keep(path)

    def put_back(self, path: str) -> None:
        """What was at this path before the transaction: file, link, directory or nothing."""
        self._kept.put_back(path)

    def forget(self) -> None:
        """The transaction has succeeded: nothing is rolled back any more."""
        self._kept.forget()

    def set_attributes(self, path: str, file: File) -> None:
        with self.door.at(path) as place:
            self._kept.keep_attributes(path, place)
            give_anew(place, self._attributes(file, place), file.source.sha256)

    def make_directory(self, path: str, mode: int = DIRECTORY_MODE) -> None:
        """It may be there by now: the folder of records lies below the same directories of a user's home.

        The mode is that, whatever the umask is: a daemon that is not root must enter its release.
        """
        with self._kept.keeping(path) as place:
            try:
                place.make_directory(mode)
            except FileExistsError:
                if not self.door.is_directory(path):
                    raise

    def remove_directory_if_empty(self, path: str) -> None:
        with contextlib.suppress(*_NO_FOLDER), self.door.at(path) as place:
            remove_directory_if_empty(place)

    def make_link(self, path: str, target: str) -> None:
        """A symbolic link, in one rename: whoever looks sees the old or the new one."""
        with self._kept.keeping(path) as place:
            _lay(place, target)

    def remove(self, path: str) -> None:
        with self._kept.keeping(path) as place:
            place.unlink()

    def remove_for_good(self, path: str) -> None:
        """A file of our own, of which no transaction needs the old version."""
        with contextlib.suppress(*_NO_FOLDER), self.door.at(path) as place:
            place.unlink_if_there()

    def set_release_aside(self, path: str) -> bool:
        with self.as_owner():
            return release_files.set_aside(self.at(path))

    def put_release_back(self, path: str) -> None:
        with self.as_owner():
            release_files.put_back(self.at(path))

    def carry_over(self, path: str) -> None:
        with self.as_owner():
            release_files.carry_over(self.at(path))

    def forget_release_aside(self, path: str) -> None:
        with self.as_owner():
            release_files.remove_aside(self.at(path))

    def remove_release(self, path: str) -> None:
        """All that was built; a link is removed, and not followed."""
        self.set_release_aside(path)
        self.forget_release_aside(path)

    def copy(self, path: str, to: str) -> None:
        """A copy with owner, mode and times, beside and renamed; of a link the link."""
        self.door.make_parents(to)
        with self.door.looking_at(path) as old:
            info = old.look()
            target = old.target() if info is not None and stat.S_ISLNK(info.st_mode) else None
        with self._kept.keeping(to) as place:
            if target is not None:
                _lay(place, target)
            else:
                new = _new(place)
                new.rename(place.name, copy(old, new))

    def keep_file(self, path: str) -> None:
        """Before a file of our own is overwritten: keeps it, so that it can be restored even on a full disk."""
        self._kept.keep(path)

    def write_json(self, path: str, value: Any, is_last: bool = False) -> None:
        """A small private file of our own, beside and renamed. Raises OSError; the old file is untouched.

        is_last: with it nothing can be rolled back any more, and no backup is left.
        """
        text = f"{json.dumps(value, indent=1)}\n".encode()  # in the order that was declared
        self.door.make_parents(path)
        with self.door.at(path) as place:
            new = _new(place)
            try:
                written = write(new, io.BytesIO(text), (0 if place.has_root else os.geteuid(), os.getegid(), 0o600))
            except OSError as error:
                new.unlink_if_there()
                raise named(error, path) from error
            if is_last:
                self._kept.forget()
            new.rename(place.name, written)

    def lock(self, path: str, holder: str) -> str:
        """Take the lock, until it is given up or the process ends. Returns "" or, when it is taken, what its holder wrote."""
        return self._lock.take(path, holder)

    def tell(self, step: str) -> None:
        self._lock.tell(step)

    def unlock(self) -> None:
        self._lock.give_up()


def named(error: OSError, path: str) -> OSError:
    """What was written to a descriptor fails without a name: the path that was meant."""
    return OSError(error.errno, error.strerror, path)


def _new(place: Place) -> Place:
    return place.beside(name_beside(place.path, "new"))


def _lay(place: Place, target: str) -> None:
    new = _new(place)
    new.symlink(target)
    new.rename(place.name)


def _monotonic(realtime_ns: int) -> int:
    """A time of the file system in µs of the clock that systemd stamps its units with."""
    return time.monotonic_ns() // 1000 - (time.time_ns() - realtime_ns) // 1000
