# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the managed node: read by digest, written beside and renamed.

Every path is one of the host that is described; below `root`, where an image is built that is not running. Everything is
done as the user whose files they are, so that root never follows a link that a user has laid.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import stat
import time
from typing import Any, Collection, Iterable, Iterator, Mapping

from .._desired.desired import File
from .._plan.observed import PathState, ReleaseState
from . import releases
from .accounts import Account, Accounts
from .kept import Kept, beside, remove_directory_if_empty, unlink_if_there
from .uploads import source_of

NEW_FILE_MODE = 0o644
DIRECTORY_MODE = 0o755
_READ_AT_MOST = 4 * 1024 * 1024  # unit files and the like are compared word by word; others are only shown


class Disk:
    def __init__(self, root: str = "", user: Account | None = None) -> None:
        self._root = root
        self._user = user if user and user.uid != os.geteuid() else None
        self.accounts = Accounts(root)
        self._staged: dict[str, str] = {}
        self._kept = Kept()
        self._lock: tuple[int, str] | None = None

    def _at(self, path: str) -> str:
        return f"{self._root}{path}"

    @property
    def is_image(self) -> bool:
        return self._root != ""

    def at(self, path: str) -> str:
        """Where a path of the host that is described lies for this process."""
        return self._at(path)

    def as_owner(self) -> contextlib.AbstractContextManager[None]:
        """For what is done with such paths elsewhere (build.py): by the user whose they are."""
        return self._as_user()

    @contextlib.contextmanager
    def _as_user(self) -> Iterator[None]:
        if self._user is None:
            yield
            return
        groups = os.getgroups()
        os.initgroups(self._user.name, self._user.gid)
        os.setegid(self._user.gid)
        os.seteuid(self._user.uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)

    # Reading

    def state_of(self, path: str, wanted_sha256: str = "") -> PathState:
        """What lies at a path. The content comes along where it differs from the wanted digest and is not too large."""
        with self._as_user():
            return self._state_of(path, wanted_sha256)

    def _state_of(self, path: str, wanted_sha256: str) -> PathState:
        try:
            info = os.lstat(self._at(path))
        except (FileNotFoundError, NotADirectoryError):
            return PathState()
        if stat.S_ISLNK(info.st_mode):
            return PathState("link", target=os.readlink(self._at(path)), changed=_monotonic(info.st_ctime_ns))
        if not stat.S_ISREG(info.st_mode):
            return PathState("directory" if stat.S_ISDIR(info.st_mode) else "other")
        with open(self._at(path), "rb") as stream:
            data = stream.read()
        digest = hashlib.sha256(data).hexdigest()
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

    def followed(self, path: str) -> PathState:
        """The same of what a link leads to, with its content. kind: other for what cannot be read."""
        place = self._at(path)
        with self._as_user():
            try:
                own, info = os.lstat(place), os.stat(place)
                if not stat.S_ISREG(info.st_mode):
                    return PathState("other")
                with open(place, "rb") as stream:
                    data = stream.read(_READ_AT_MOST)
            except (FileNotFoundError, NotADirectoryError):
                return PathState()
            except OSError:
                return PathState("other")
        changed = _monotonic(max(own.st_ctime_ns, info.st_ctime_ns))
        digest = hashlib.sha256(data).hexdigest()
        return PathState("file", digest, stat.S_IMODE(info.st_mode), changed=changed, content=data)

    def state_of_directory(self, path: str) -> PathState:
        """The same for a directory that is to hold something: a link to a directory will do."""
        with self._as_user():
            is_directory = os.path.isdir(self._at(path))
        return PathState("directory") if is_directory else self.state_of(path)

    def links_in(self, directory: str) -> dict[str, str]:
        """Path → absolute target of the symbolic links in a directory; none where there is no such directory.

        Hidden ones are left out, as systemd does: what a run that was killed has left beside its place is one.
        """
        try:
            with self._as_user(), os.scandir(self._at(directory)) as entries:
                names = [entry.name for entry in entries if entry.is_symlink() and not entry.name.startswith(".")]
                links = {name: os.readlink(f"{self._at(directory)}/{name}") for name in names}
        except (FileNotFoundError, NotADirectoryError):
            return {}
        return {f"{directory}/{name}": os.path.normpath(os.path.join(directory, target)) for name, target in links.items()}

    def names_in(self, directory: str) -> list[str]:
        try:
            with self._as_user():
                return sorted(os.listdir(self._at(directory)))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read(self, path: str) -> bytes:
        with self._as_user(), open(self._at(path), "rb") as stream:
            return stream.read()

    def read_json(self, path: str) -> Any:
        """The value, or None where there is no such file. Raises ValueError for one that is no JSON."""
        try:
            return json.loads(self.read(path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def state_of_release(self, path: str, thoroughly: bool) -> ReleaseState:
        with self._as_user():
            return releases.state_of(self._at(path), thoroughly)

    # Writing

    def stage(self, file: File) -> None:
        """Write a file beside its place, complete with owner and mode. Raises OSError; the old file is untouched."""
        with source_of(file.source) as source, self._as_user():
            new = beside(self._at(file.path), "new")
            unlink_if_there(new)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            self._staged[file.path] = new
            with os.fdopen(handle, "wb") as stream:
                shutil.copyfileobj(source, stream)
                stream.flush()
                os.fsync(stream.fileno())
            _inherit_attributes(self._at(file.path), new)
            self._set_attributes(new, file)

    def commit(self, path: str) -> None:
        with self._as_user(), self._kept.keeping(self._at(path)):
            os.replace(self._staged[path], self._at(path))
            del self._staged[path]

    def discard(self) -> None:
        """Remove what was staged and never committed."""
        with self._as_user():
            for new in self._staged.values():
                unlink_if_there(new)
        self._staged.clear()

    def remove_node(self, path: str, service: str) -> None:
        from .nodes import remove_node  # most runs do without

        with self._as_user():
            remove_node(self._at(path), service)

    def sweep(self, paths: Iterable[str], needed: Collection[str] = ()) -> None:
        """Remove what a killed run has left beside these paths. needed: those whose old file is a way back still."""
        with self._as_user():
            for path in paths:
                unlink_if_there(beside(self._at(path), "new"))
                if path not in needed:
                    unlink_if_there(beside(self._at(path), "old"))

    def take_over(self, before: Mapping[str, PathState]) -> list[str]:
        """What lay at these paths before a run that was killed is what they go back to. Returns those where it is lost."""
        with self._as_user():
            return [path for path, was in before.items() if not self._kept.take_over(self._at(path), was, self._owner_of(was))]

    def _owner_of(self, state: PathState) -> tuple[int, int]:
        try:
            return (self.accounts.uid(state.owner), self.accounts.gid(state.group)) if state.kind == "file" else (-1, -1)
        except KeyError:  # the account is gone since
            return -1, -1

    def keep(self, path: str) -> None:
        """Before another program makes something at a path. What a file holds that lies there is not kept."""
        place = self._at(path)
        with self._as_user():
            if os.path.islink(place) or not os.path.isfile(place):
                with self._kept.keeping(place):
                    pass

    def put_back(self, path: str) -> None:
        """What was at this path before the transaction: file, link, directory or nothing."""
        with self._as_user():
            self._kept.put_back(self._at(path))

    def forget(self) -> None:
        """The transaction is well: there is no way back any more."""
        with self._as_user():
            self._kept.forget()

    def set_attributes(self, path: str, file: File) -> None:
        with self._as_user():
            self._kept.keep_attributes(self._at(path))
            self._set_attributes(self._at(path), file)

    def _set_attributes(self, path: str, file: File) -> None:
        uid = self.accounts.uid(file.owner) if file.owner is not None else -1
        gid = self.accounts.gid(file.group) if file.group is not None else -1
        if uid != -1 or gid != -1:
            os.chown(path, uid, gid)
        if file.mode is not None:  # after chown, which clears set-id bits
            os.chmod(path, file.mode)

    def make_directory(self, path: str, mode: int = DIRECTORY_MODE) -> None:
        """It may be there by now: the folder of records lies below the same directories of a user's home."""
        with self._as_user(), self._kept.keeping(self._at(path)):
            try:
                os.mkdir(self._at(path), mode)
                os.chmod(self._at(path), mode)  # whatever the umask is: a daemon that is not root must enter its release
            except FileExistsError:
                if not os.path.isdir(self._at(path)):
                    raise

    def remove_directory_if_empty(self, path: str) -> None:
        with self._as_user():
            remove_directory_if_empty(self._at(path))

    def make_link(self, path: str, target: str) -> None:
        """A symbolic link, in one rename: whoever looks sees the old or the new one."""
        place, new = self._at(path), beside(self._at(path), "new")
        with self._as_user(), self._kept.keeping(place):
            unlink_if_there(new)
            os.symlink(target, new)
            os.replace(new, place)

    def remove(self, path: str) -> None:
        with self._as_user(), self._kept.keeping(self._at(path)):
            os.unlink(self._at(path))

    def remove_for_good(self, path: str) -> None:
        """A file of our own, of which no transaction needs the old version."""
        with self._as_user():
            unlink_if_there(self._at(path))

    def set_release_aside(self, path: str) -> bool:
        with self._as_user():
            return releases.set_aside(self._at(path))

    def put_release_back(self, path: str) -> None:
        with self._as_user():
            releases.put_back(self._at(path))

    def carry_over(self, path: str) -> None:
        with self._as_user():
            releases.carry_over(self._at(path))

    def forget_release_aside(self, path: str) -> None:
        with self._as_user():
            releases.remove_aside(self._at(path))

    def remove_release(self, path: str) -> None:
        """All that was built; a link is removed, and not followed."""
        self.set_release_aside(path)
        self.forget_release_aside(path)

    def copy(self, path: str, to: str) -> None:
        """A copy with owner, mode and times, beside and renamed; of a link the link."""
        place, new = self._at(to), beside(self._at(to), "new")
        with self._as_user(), self._kept.keeping(place):
            os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
            if os.path.islink(self._at(path)):
                unlink_if_there(new)
                os.symlink(os.readlink(self._at(path)), new)
                os.replace(new, place)
                return
            shutil.copy2(self._at(path), new)
            info = os.stat(self._at(path))
            os.chown(new, info.st_uid, info.st_gid)
            os.chmod(new, stat.S_IMODE(info.st_mode))
            os.replace(new, place)

    def keep_file(self, path: str) -> None:
        """Before a file of our own is written anew: it can be put back, also where the disk is full by then."""
        with self._as_user(), self._kept.keeping(self._at(path)):
            pass

    def write_json(self, path: str, value: Any, is_last: bool = False) -> None:
        """A small private file of our own, beside and renamed. Raises OSError; the old file is untouched.

        is_last: with it there is no way back any more, and nothing is left that leads there.
        """
        new = beside(self._at(path), "new")
        with self._as_user():
            os.makedirs(os.path.dirname(new), mode=0o700, exist_ok=True)
            try:
                with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
                    json.dump(value, stream, indent=1)  # in the order that was declared
                    stream.write("\n")
                    stream.flush()
                    os.fsync(stream.fileno())
            except OSError as error:
                unlink_if_there(new)
                raise named(error, path) from error
            if is_last:
                self._kept.forget()
            os.replace(new, self._at(path))

    def lock(self, path: str, holder: str) -> str:
        """Take the lock, until it is given up or the process ends. Returns "" or, when it is taken, what its holder wrote.

        It lies below /run of the host itself, for an image too: what locks is a process.
        """
        with self._as_user():
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.read(handle, 4096).decode("utf-8", "replace").replace("\n", ": ") or "somebody who has just taken it"
        self._lock = handle, holder
        self.tell("")
        return ""

    def tell(self, step: str) -> None:
        """What the holder of the lock is doing, for those who find it taken, and for the task that waits for the end.

        A full /run is no reason to fail: it is only told.
        """
        if self._lock:
            handle, holder = self._lock
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
                os.pwrite(handle, "\n".join(filter(None, (holder, step))).encode("utf-8", "surrogateescape"), 0)

    def unlock(self) -> None:
        if self._lock:
            os.ftruncate(self._lock[0], 0)
            os.close(self._lock[0])
            self._lock = None


def named(error: OSError, path: str) -> OSError:
    """What was written to a descriptor fails without a name: the path that was meant."""
    return OSError(error.errno, error.strerror, path)


def _inherit_attributes(old: str, new: str) -> None:
    """What the declaration leaves open stays as it was, or is that of the process and readable."""
    try:
        info = os.stat(old)
    except FileNotFoundError:
        os.chmod(new, NEW_FILE_MODE)
        return
    os.chown(new, info.st_uid, info.st_gid)
    os.chmod(new, stat.S_IMODE(info.st_mode))


def _monotonic(realtime_ns: int) -> int:
    """A time of the file system in µs of the clock that systemd stamps its units with."""
    return time.monotonic_ns() // 1000 - (time.time_ns() - realtime_ns) // 1000
