# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes releases: unpacks the source, makes the virtual environment, tries both, and marks what is complete.

All of it happens before any file that counts is touched. What fails leaves nothing, what is killed leaves no mark.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tarfile
from typing import IO, Any, Iterator, Mapping, Sequence

from ..._declaration.source import Source
from ..._declaration.tree import TreeEntry, ancestors, digest_of, is_inside, leading_out, stays_inside
from ..._desired import sandbox, venv_commands
from ..._desired.desired import Build
from ..._desired.identity import THROW_AWAY
from ..._result import build_errors
from ..io import release_files
from ..io.commands import Commands
from ..io.disk import Disk
from ..io.release_files import BuildFailed
from ..io.sandbox import Sandbox
from ..io.uploads import copy, source_of
from .build_tools import find_index, find_uv

# Of the throwaway user: a folder of a /tmp of his own.
_HOME = "/tmp/home"
_PATIENCE = 3600  # seconds: a source distribution may be compiled


class Builder:
    """Makes the releases of one run: all of them or none."""

    def __init__(self, disk: Disk, commands: Commands) -> None:
        self._disk = disk
        self._commands = commands
        self._sandbox = Sandbox(commands)
        self._made: dict[str, bool] = {}  # path → something was set aside for it
        self._sandbox.sweep()

    def build(self, build: Build) -> None:
        """Raises BuildFailed or OSError."""
        keeps = self._disk.state_of_release(build.path, False).kind == "complete"
        self._made[build.path] = self._disk.set_release_aside(build.path) and keeps
        with _on_neutral_ground():
            with self._disk.as_owner():
                for path in (build.path, build.source_directory, venv_commands.wheelhouse(build)):
                    os.mkdir(self._disk.at(path), 0o755)
            self._unpack(build)
            if not self._disk.is_image:
                self._make(build)
            self._drop(venv_commands.wheelhouse(build))
            self._try(build)
        with self._disk.as_owner():
            place = self._disk.at(build.path)
            release_files.write_mark(place, release_files.close_to_others(place), build.tests)

    def test(self, build: Build) -> None:
        """What is there already, for a new entry. Raises BuildFailed or OSError."""
        with _on_neutral_ground():
            self._try(build)
        with self._disk.as_owner():
            place = self._disk.at(build.path)
            mark = release_files.read_mark(place)
            release_files.write_mark(place, mark, [*mark["tested"], *build.tests])

    def undo(self) -> None:
        """None of what was made stays, and what was there before comes back."""
        for path, was_there in self._made.items():
            if was_there:
                self._disk.put_release_back(path)
            else:
                self._disk.remove_release(path)
        self._made.clear()

    def finish(self) -> None:
        for path in self._made:
            self._disk.carry_over(path)
            self._disk.forget_release_aside(path)
        self._made.clear()

    # The source

    def _unpack(self, build: Build) -> None:
        if build.kind == "tree" and build.source:
            self._unpack_tree(build, build.source)
        elif build.kind == "script" and build.source:
            self._copy(build.source, f"{build.source_directory}/{build.source.name}")
        for wheel in (*build.wheels, *([build.source] if build.kind == "wheel" and build.source else [])):
            self._copy(wheel, f"{venv_commands.wheelhouse(build)}/{wheel.name}")
        with self._disk.as_owner(), open(self._disk.at(venv_commands.requirements_file(build)), "x", encoding="utf-8") as stream:
            stream.write("".join(f"{line}\n" for line in build.requirements))

    def _copy(self, source: Source, path: str) -> None:
        with source_of(source) as stream, self._disk.as_owner(), open(self._disk.at(path), "xb") as target:
            copy(stream, target, source)

    def _unpack_tree(self, build: Build, source: Source) -> None:
        with source_of(source) as stream, self._disk.as_owner():
            try:
                found = digest_of(_unpack(stream, self._disk.at(build.source_directory)))
            except (tarfile.TarError, EOFError, ValueError) as error:
                raise BuildFailed(f"{build.place}.source: cannot be unpacked: {error}. Nothing was changed.") from error
        if found != source.sha256:
            problem = "has changed on the controller while it was read"
            raise BuildFailed(f"{build.place}.source: {source.name} {problem}. Nothing was changed; run the task again.")

    def _drop(self, *paths: str) -> None:
        with self._disk.as_owner():
            for path in paths:
                shutil.rmtree(self._disk.at(path))

    # Programs

    def _make(self, build: Build) -> None:
        """The environment, and what Python compiles: by who will own it, or by a throwaway user, from whom it is taken over."""
        with self._disk.as_owner():
            os.mkdir(build.venv, 0o755)
        uv = find_uv()
        if self._sandbox.throws_away:
            self._make_apart(build, uv)
        elif self._commands.is_for_user or os.geteuid() != 0:
            home, index = os.path.expanduser(f"~{self._commands.user_name}"), sandbox.for_installers(os.environ)
            self._run_make(build, venv_commands.call(build, uv, home, index, {}, is_apart=False), uv)
        elif build.has_venv:  # check_builds has said so
            raise BuildFailed(f"{build.place}: without D-Bus nobody but root could make its virtual environment.")
        if not build.has_venv:
            self._drop(build.venv)

    def _make_apart(self, build: Build, uv: str) -> None:
        from .take_ownership import take_over

        name = self._sandbox.name_for("build")
        place = self._sandbox.workshop(name)
        index, files = find_index(_HOME, os.environ) if build.has_venv else ({}, {})
        try:
            call = venv_commands.call(build, uv, _HOME, index, files, is_apart=True)
            self._run_make(build, call, uv, name, (f"CacheDirectory={name}", sandbox.bound(place, build.venv)))
            take_over(place, build)
        finally:
            self._sandbox.clear(name)

    def _run_make(self, build: Build, call: Mapping[str, Any], uv: str, name: str = "", more: Sequence[str] = ()) -> None:
        command = [build.python, "-I", "-S", "-c", venv_commands.MAKE]
        rc, output = self._sandbox.run(THROW_AWAY, command, json.dumps(call).encode(), _PATIENCE, name, more)
        found = venv_commands.steps(build, uv)
        if rc and found:  # what cannot be compiled is no failure
            raise BuildFailed(build_errors.story(build.place, *venv_commands.failure(rc, output, found), build.from_source))

    def _try(self, build: Build) -> None:
        if self._disk.is_image:
            path = f"{build.source_directory}/{build.entry.name}"
            if build.entry.kind == "script" and self._disk.state_of(path).kind != "file":
                raise BuildFailed(f"{build.place}: there is no file {build.entry.name} in the source. Nothing was changed.")
            return
        from .trial import Stage

        with Stage(build, self._commands, self._disk, self._sandbox) as stage:
            rc, output = self._sandbox.run(stage.who, venv_commands.trial(build), stage.given, venv_commands.PATIENCE + 5)
        if rc:
            output = self._commands.discreet(output)
            raise BuildFailed(build_errors.story(build.place, "find and import what it runs", rc, output))


def _unpack(stream: IO[bytes], directory: str) -> Iterator[TreeEntry]:
    """What an archive of the controller holds, and nothing outside of the directory. Links come after all files."""
    links = []
    with tarfile.open(fileobj=stream, mode="r|gz") as archive:
        for member in archive:
            if not is_inside(member.name):
                raise ValueError(f"{member.name} lies outside of the source")
            path = f"{directory}/{member.name}"
            if member.isdir():
                os.mkdir(path, 0o755)
                yield TreeEntry(member.name, "directory")
            elif member.issym() and stays_inside(member.name, member.linkname):
                links.append(member)
            elif member.isreg():
                yield _unpack_file(archive, member, path)
            else:
                raise ValueError(f"{member.name} is neither file, directory nor link of the source")
    targets = {member.name: member.linkname for member in links}
    strange = leading_out(targets) or next((name for name in targets if any(above in targets for above in ancestors(name))), "")
    if strange:
        raise ValueError(f"{strange} is a link that leads out of the source, or lies below another one")
    for member in links:
        os.symlink(member.linkname, f"{directory}/{member.name}")
        yield TreeEntry(member.name, "link", member.linkname)


def _unpack_file(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> TreeEntry:
    content = archive.extractfile(member)
    if content is None:
        raise ValueError(f"{member.name} has no content")
    is_executable = bool(member.mode & 0o100)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o755 if is_executable else 0o644)
    digest = hashlib.sha256()
    with os.fdopen(handle, "wb") as target:
        for block in iter(lambda: content.read(1024 * 1024), b""):
            digest.update(block)
            target.write(block)
    return TreeEntry(member.name, "file", digest.hexdigest(), is_executable)


@contextlib.contextmanager
def _on_neutral_ground() -> Iterator[None]:
    """All may read what is made, whatever the umask was. Installers and Python find nothing in the working directory, which
    may be the home of some user who has put an uv.toml or a module there.
    """
    umask, here = os.umask(0o022), _here()
    os.chdir("/")
    try:
        yield
    finally:
        os.umask(umask)
        if here is not None:
            os.fchdir(here)
            os.close(here)


def _here() -> int | None:
    """None for the home of who has logged in, which the user who was become may not enter."""
    try:
        return os.open(".", os.O_PATH)
    except PermissionError:
        return None
