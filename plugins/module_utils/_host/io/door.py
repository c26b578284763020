# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to the files of the host: by descriptors, never by a path that somebody may change under our hands.

The way to a path is opened name by name, symbolic links are followed by hand, and both are judged as systemd-tmpfiles
does ("unsafe path transition"): what an unprivileged user has made must not lead to what belongs to another. Below
`root` lies an image: its absolute links stay in it. All that follows is relative to the open folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import stat
from typing import Callable, Iterator, TypeVar

from .accounts import Account
from .acting import acting_as, as_owner_of, who_runs_this
from .place import Folder, Place, UnsafePath, inode_of

_STEP = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_LINKS_AT_MOST = 40  # as the kernel: path_resolution(7)
_RECORDS = "daemonic.systemd"  # the name of their folder in every scope
_FOLDERS_AT_MOST = 64  # that stay open

_AS_WE_ARE = contextlib.nullcontext()
Found = TypeVar("Found")


class Door:
    """root: of an image, or ""; user: whose files they are, if not of who runs this.

    is_lenient: what is changed may lie where a folder of a user leads to a folder of another, by the will of the
    administrator (unsafe: warn, ignore). To look there is always allowed. Symbolic links of users never lead to others.
    """

    def __init__(self, root: str = "", user: Account | None = None, is_lenient: bool = False) -> None:
        self._root = root
        self._user = user if user and user.uid != os.geteuid() else None
        self._is_lenient = is_lenient
        self._open: dict[tuple[str, int, bool], Folder] = {}

    # Whose hands

    def as_user(self) -> contextlib.AbstractContextManager[None]:
        """Everything in the scope of a user is done as this user."""
        if self._user is None or os.geteuid() != 0:
            return _AS_WE_ARE
        return acting_as(self._user.uid, self._user.gid, os.getgrouplist(self._user.name, self._user.gid))

    @contextlib.contextmanager
    def at(self, path: str) -> Iterator[Place]:
        """To change something at a path: as root only where the folder is root's, else as the user to whom it belongs."""
        with self.as_user(), self._named(path):
            place = self._place(path, self._is_lenient)
            with as_owner_of(place.folder.info, self._root):
                yield place

    @contextlib.contextmanager
    def looking_at(self, path: str) -> Iterator[Place]:
        """To look at what lies at a path, or to read it."""
        with self.as_user(), self._named(path):
            yield self._place(path, True)

    def look(self, path: str, at: Callable[[Place], Found]) -> Found:
        """The same in one call, since most of what a run does is this."""
        with self.as_user():
            try:
                return at(self._place(path, True))
            except OSError as error:
                raise self._with_path(error, path)  # noqa: B904, it is the same one

    @contextlib.contextmanager
    def following(self, path: str) -> Iterator[Place]:
        """The same of what a symbolic link at the path leads to in the end."""
        with self.as_user(), self._named(path):
            yield self._place_of(path, *self._walk(path, True, follows=True))

    @contextlib.contextmanager
    def inside(self, path: str) -> Iterator[Folder]:
        """To look into a folder, also one that a symbolic link leads to."""
        with self.as_user(), self._named(path):
            yield self._folder(path, True)

    def is_directory(self, path: str) -> bool:
        """Or a symbolic link that leads to one."""
        try:
            with self.as_user():
                self._folder(path, True)
        except OSError:
            return False
        return True

    def make_parents(self, path: str, mode: int = 0o700) -> None:
        """The folders of our own records, which are private, whoever comes first; what lies above them is not."""
        above = os.path.dirname(path)
        if self.is_directory(above):
            return
        self.make_parents(above, 0o700 if _RECORDS in os.path.dirname(above).split("/") else 0o755)
        with contextlib.suppress(FileExistsError), self.at(above) as place:
            place.make_directory(mode)

    @contextlib.contextmanager
    def _named(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._with_path(error, path)  # noqa: B904, it is the same one

    def _with_path(self, error: OSError, path: str) -> OSError:
        """What fails in a folder has only its name there; a person needs the path. Of two names, one of a version of the file
        beside it, the path counts.
        """
        if isinstance(error.filename, str) and not error.filename.startswith("/"):
            name = os.path.basename(path) if error.filename2 is not None else error.filename
            error.filename = f"{self._root}{os.path.dirname(path).rstrip('/')}/{name}"
            error.filename2 = None
        return error

    def resolved(self, path: str) -> str:
        """Where a path lies for this process, for programs that know no descriptors: in an image its folder as it really is."""
        if not self._root:
            return path
        try:
            with self.looking_at(path) as place:
                return f"{os.readlink(f'/proc/self/fd/{place.folder.fd}')}/{place.name}"
        except (FileNotFoundError, NotADirectoryError):
            above, _slash, name = path.rstrip("/").rpartition("/")
            return f"{self.resolved(above) if above else self._root}/{name}"

    # Ways

    def _place(self, path: str, is_lenient: bool) -> Place:
        """Raises OSError where there is no such folder, UnsafePath where it may not be used."""
        above, _slash, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return self._place_of(path, *self._walk(path, is_lenient, follows=False))
        return self._place_of(path, self._folder(above or "/", is_lenient), name)

    def _place_of(self, path: str, folder: Folder, name: str) -> Place:
        return Place(folder, name, f"{self._root}{path}", self._user is None and who_runs_this() == 0)

    def _folder(self, path: str, is_lenient: bool) -> Folder:
        """An open one is used again as long as the path still leads to it."""
        key = (path, os.geteuid(), is_lenient)
        known = self._open.get(key)
        try:
            info = os.stat(f"{self._root}{path}")
        except OSError as error:  # in an image a link may lead to what is only there
            if not self._root and isinstance(error, (FileNotFoundError, NotADirectoryError)):
                raise
        else:
            if known is not None and inode_of(info) == inode_of(known.info):
                return known
        if len(self._open) >= _FOLDERS_AT_MOST:
            self._open.clear()
        folder, name = self._walk(path, is_lenient, follows=True)
        if name != ".":
            folder = _step(folder, name)
        if not stat.S_ISDIR(folder.info.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), f"{self._root}{path}")
        self._open[key] = folder
        return folder

    def _top(self) -> Folder:
        key = ("", 0, True)
        if key not in self._open:
            top = (
                Door()._folder(self._root, True)
                if self._root
                else Folder(os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
            )
            self._open[key] = top
        return self._open[key]

    def _walk(self, path: str, is_lenient: bool, follows: bool) -> tuple[Folder, str]:
        """The folder and the name in it; "." where the path is that of the folder. follows: a link at the end, too."""
        way = _Way(path, self._root, is_lenient)
        folders = [self._top()]
        waiting = _names(path)
        while waiting:
            name = waiting.pop()
            if name == "..":
                del folders[max(1, len(folders) - 1) :]
                way.comes_to(folders[-1].info)
                continue
            if not waiting and not follows:
                way.ends_at(folders[-1].info)
                return folders[-1], name
            try:
                step = _step(folders[-1], name)
            except FileNotFoundError:
                if waiting:
                    raise
                way.ends_at(folders[-1].info)
                return folders[-1], name
            way.comes_to(step.info)
            if stat.S_ISLNK(step.info.st_mode):
                target = os.readlink("", dir_fd=step.fd)
                way.follows(step.info, target)
                folders = folders[:1] if target.startswith("/") else folders
                waiting += _names(target)
            elif stat.S_ISDIR(step.info.st_mode):
                folders.append(step)
            elif waiting:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), f"{self._root}{path}")
            else:
                way.ends_at(step.info)
                return folders[-1], name
        way.ends_at(folders[-1].info)
        return folders[-1], "."


class _Way:
    """Judges the steps of a way: root's, and those of who acts, may lead anywhere."""

    def __init__(self, path: str, root: str, is_lenient: bool) -> None:
        self._path = path
        self._root = root
        self._is_lenient = is_lenient or os.geteuid() != 0  # who is not root has nothing to lose to the one above
        self._trusted = (0, os.geteuid())
        self._before: os.stat_result | None = None
        self._laid_by: set[int] = set()
        self._links = 0

    def comes_to(self, info: os.stat_result) -> None:
        before, self._before = self._before, info
        if before is None or self._is_lenient or before.st_uid in self._trusted or stat.S_ISLNK(before.st_mode):
            return
        if info.st_uid != before.st_uid:
            self._refuse(f"a folder of {_user(before.st_uid)} on the way to it leads to something of {_user(info.st_uid)}")

    def follows(self, info: os.stat_result, target: str) -> None:
        self._links += 1
        if self._links > _LINKS_AT_MOST:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), f"{self._root}{self._path}")
        if not target:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self._root}{self._path}")
        if info.st_uid not in self._trusted:
            self._laid_by.add(info.st_uid)

    def ends_at(self, info: os.stat_result) -> None:
        """Where a link of a user leads in the end must be this user's, too."""
        for uid in self._laid_by:
            if uid != info.st_uid:
                self._refuse(f"a symbolic link of {_user(uid)} on the way to it leads to something of {_user(info.st_uid)}")

    def _refuse(self, problem: str) -> None:
        raise UnsafePath(f"{self._root}{self._path}", problem)


def _step(folder: Folder, name: str) -> Folder:
    return Folder(os.open(name, _STEP, dir_fd=folder.fd))


def _names(path: str) -> list[str]:
    """The last one first."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the user {uid}"
