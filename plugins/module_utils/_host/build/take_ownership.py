# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes root's what a throwaway user has made: each file is written again, so that nobody has one of them open.

Nothing that this user has made is followed: folders are entered by descriptor, and what is neither a folder, a file nor a
link that may stay is refused. Owner, mode and attributes are those of a new file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from typing import Iterator

from ..._desired import venv_commands
from ..._desired.desired import Build
from ..io.disk import named
from ..io.release_files import BuildFailed

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 100


def take_over(place: str, build: Build) -> None:
    """place: what stood at `venv` for who has made it. Raises BuildFailed or OSError."""
    compiled = os.path.basename(venv_commands.compiled(build))
    with _opened(place) as made:
        if build.has_venv:
            with _opened(build.venv) as venv:
                _Takeover(build, (build.python, os.path.realpath(build.python))).folder(made, venv, build.venv, {compiled})
        if compiled in os.listdir(made):
            with _opened(compiled, made) as source, _opened(build.source_directory) as target:
                _compiled(source, target, build.source_directory)


@contextlib.contextmanager
def _opened(name: str, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class _Takeover:
    """interpreters: where a link may lead that leads out."""

    def __init__(self, build: Build, interpreters: tuple[str, ...]) -> None:
        self._place = build.place
        self._interpreters = interpreters

    def folder(self, source: int, target: int, path: str, without: set[str] | None = None, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise self._refused(path, "lies too deep")
        for name in sorted(set(os.listdir(source)) - (without or set())):
            self._entry(name, source, target, f"{path}/{name}", depth)

    def _entry(self, name: str, source: int, target: int, path: str, depth: int) -> None:
        kind = stat.S_IFMT(os.stat(name, dir_fd=source, follow_symlinks=False).st_mode)
        if kind == stat.S_IFDIR:
            os.mkdir(name, 0o755, dir_fd=target)
            with _opened(name, source) as inner, _opened(name, target) as new:
                self.folder(inner, new, path, depth=depth + 1)
        elif kind == stat.S_IFLNK:
            self._link(name, source, target, path)
        elif kind == stat.S_IFREG:
            _copy(name, source, target, path)
        else:
            raise self._refused(path, "is neither a file, a folder nor a link")

    def _link(self, name: str, source: int, target: int, path: str) -> None:
        """Beside itself, or to the interpreter: what virtual environments have."""
        to = os.readlink(name, dir_fd=source)
        if "/" in to and os.path.realpath(to) == self._interpreters[-1]:
            to = to if to in self._interpreters else self._interpreters[-1]
        elif "/" in to or to in (".", ".."):
            raise self._refused(path, f"leads out of the release, to {to!r}")
        os.symlink(to, name, dir_fd=target)

    def _refused(self, path: str, problem: str) -> BuildFailed:
        return BuildFailed(f"{self._place}: {path!r}, which a requirement has brought, {problem}. Nothing was changed.")


def _compiled(source: int, target: int, path: str) -> None:
    """Into the folders of the source, which are there; what is anything else stays where it is."""
    for name in os.listdir(source):
        kind = os.stat(name, dir_fd=source, follow_symlinks=False).st_mode
        if name.endswith(".pyc") and stat.S_ISREG(kind):
            _copy(name, source, target, f"{path}/{name}")
        elif stat.S_ISDIR(kind) and not path.endswith("/__pycache__"):
            if name == "__pycache__":
                os.mkdir(name, 0o755, dir_fd=target)
            with contextlib.suppress(FileNotFoundError, NotADirectoryError), _opened(name, source) as inner:
                _compiled_below(inner, target, name, path)


def _compiled_below(source: int, target: int, name: str, path: str) -> None:
    with _opened(name, target) as new:
        _compiled(source, new, f"{path}/{name}")


def _copy(name: str, source: int, target: int, path: str) -> None:
    with open(os.open(name, _FILE, dir_fd=source), "rb") as stream:
        info = os.fstat(stream.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise OSError(f"{path} was replaced while it was read")
        new = os.open(name, _NEW, 0o755 if info.st_mode & 0o100 else 0o644, dir_fd=target)
        try:
            with open(new, "wb") as copy:
                shutil.copyfileobj(stream, copy, 1 << 20)
                copy.flush()
                os.utime(new, ns=(info.st_atime_ns, info.st_mtime_ns))  # compiled files have the time of theirs in them
        except OSError as error:
            raise named(error, path) from error
