# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk of the simulated host: files, links and releases in memory, and what a run changes of them."""

from __future__ import annotations

import functools
import hashlib
import posixpath
from typing import Any, Mapping, Sequence

from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Build, File
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Accounts
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import (
    PathState,
    ReleaseState,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse

from .builders import HOME, UNITS

SECOND = 1_000_000
VENDOR = "/usr/lib/systemd/system"
MASKED = parse("# masked\n")

parsed = functools.lru_cache(maxsize=None)(parse)


class Impossible(AssertionError):
    """An action that would fail on a real host."""


class Killed(BaseException):
    """The run ends here, without a chance to do anything else."""


class Broken(OSError):
    """The next action cannot be done."""


class Disk:
    """What _host.io.disk.Disk is, in memory. Links keep their targets as they were written."""

    is_image = False

    def __init__(self, host: Any) -> None:
        self._host = host
        self._staged: dict[str, File] = {}
        self._kept: dict[str, tuple[Any, ...]] = {}
        self._beside: dict[str, PathState] = {}  # what a run that was killed has left beside its place
        self.files: dict[str, PathState] = {}
        self.links: dict[str, str] = {}
        self.directories = {
            "/",
            *parents_of(f"{UNITS}/x"),
            *parents_of(f"{VENDOR}/x"),
            "/opt",
            *parents_of("/var/lib/x"),
            *parents_of(f"{HOME}/x"),
        }
        self.records: dict[str, Any] = {}
        self.releases: dict[str, ReleaseState] = {}  # those that are built
        self.nodes: set[str] = set()  # Unix sockets

    def belongs_to(self, host: Any) -> None:
        """Another host has these contents, too."""
        self._host, self._staged = host, {}
        self._kept, self._beside = dict(self._kept), dict(self._beside)
        self.files, self.links = dict(self.files), dict(self.links)
        self.directories, self.records = set(self.directories), dict(self.records)
        self.releases = dict(self.releases)
        self.nodes = set(self.nodes)

    def at(self, path: str) -> str:
        return path

    @property
    def accounts(self) -> Accounts:
        return self._host.accounts  # type: ignore[return-value]

    # Reading

    def state_of(self, path: str, wanted_sha256: str = "") -> PathState:
        if path in self.links:
            return PathState("link", target=self.links[path])
        if path in self.nodes:
            return PathState("other")
        if path in self.records:
            return PathState("file")
        if path in self.files:
            state = self.files[path]
            return replace(state, content=None) if state.sha256 == wanted_sha256 else state
        return PathState("directory" if path in self.directories or path in self.releases else "missing")

    def followed(self, path: str) -> PathState:
        if self.absolute_links().get(path) == "/dev/null":
            return PathState("other")
        return self.files.get(self.absolute_links().get(path, path), PathState())

    def state_of_release(self, path: str, thoroughly: bool) -> ReleaseState:
        is_script = any(posixpath.dirname(file) == path for file in self.files)
        without_mark = "script" if is_script else "partial" if path in self.directories else "missing"
        return self.releases.get(path, ReleaseState(without_mark))

    def state_of_directory(self, path: str) -> PathState:
        return self.state_of(path)

    def links_in(self, directory: str) -> dict[str, str]:
        return {path: to for path, to in self.absolute_links().items() if posixpath.dirname(path) == directory}

    def names_in(self, directory: str) -> list[str]:
        known = (*self.files, *self.links, *self.directories, *self.records, *self.releases)
        return sorted({posixpath.basename(path) for path in known if posixpath.dirname(path) == directory})

    def read(self, path: str) -> bytes:
        return self.files[path].content or b""

    def read_json(self, path: str) -> Any:
        return self.records.get(path)

    def absolute_links(self) -> dict[str, str]:
        return {path: posixpath.normpath(posixpath.join(posixpath.dirname(path), to)) for path, to in self.links.items()}

    # The way back

    def keep(self, path: str) -> None:
        """Called before each change of a path."""
        self._kept.setdefault(path, (self.files.get(path), self.links.get(path), path in self.directories))

    def put_back(self, path: str) -> None:
        file, link, is_directory = self._kept.pop(path, (self.files.get(path), self.links.get(path), path in self.directories))
        for place, old in ((self.files, file), (self.links, link)):
            place.pop(path, None)
            if old is not None:
                place[path] = old
        if not is_directory and not self.names_in(path):
            self.directories.discard(path)

    def forget(self) -> None:
        self._kept.clear()
        self._beside.clear()

    def begin(self, before: Mapping[str, PathState]) -> list[str]:
        """A run begins: of an earlier one that was killed only files lie beside their places. Returns what is lost."""
        self._beside = {**{path: kept[0] for path, kept in self._kept.items() if kept[0]}, **self._beside}
        self._beside = {path: state for path, state in self._beside.items() if path in before}
        self._kept.clear()
        lost = []
        for path, was in before.items():
            old = next((s for s in (self._beside.get(path), self.files.get(path)) if s and s.sha256 == was.sha256), None)
            if was.kind == "file" and old is None:
                lost.append(path)
            elif was.kind in ("file", "missing", "link"):
                old = replace(old, mode=was.mode, owner=was.owner, group=was.group) if old else None
                self._kept[path] = (old, was.target or None, False)
        return lost

    # Writing

    def put(self, path: str, data: bytes, **attributes: Any) -> None:
        known = {"mode": 0o644, "owner": "root", "group": "root", **attributes}
        self.files[path] = PathState("file", hashlib.sha256(data).hexdigest(), changed=self._host.clock, content=data, **known)

    def stage(self, file: File) -> None:
        self._require_directory(file.path)
        if file.owner is not None:
            self.accounts.uid(file.owner)
        self._staged[file.path] = file

    def tell(self, step: str) -> None:
        """Nobody waits for it."""

    def discard(self) -> None:
        self._staged.clear()

    def commit(self, path: str) -> None:
        self._host.step()
        self._require_directory(path)
        self.keep(path)
        self.links.pop(path, None)
        file = self._staged[path]
        self.put(path, file.source.data or b"", **self._attributes(file))

    def set_attributes(self, path: str, file: File) -> None:
        self._host.step()
        self.keep(path)
        self.files[path] = replace(self.files[path], **self._attributes(file), changed=self._host.clock)

    def _attributes(self, file: File) -> dict[str, Any]:
        given = {"owner": file.owner, "group": file.group, "mode": file.mode}
        old = self.files.get(file.path)
        inherited = {"owner": old.owner, "group": old.group, "mode": old.mode} if old else {}
        return {**inherited, **{key: value for key, value in given.items() if value is not None}}

    def make_directory(self, path: str, mode: int = 0o755) -> None:
        require(self.state_of(path).kind in ("missing", "directory"), f"{path} is there already")
        self._require_directory(path)
        self.keep(path)
        self.directories.add(path)

    def remove_directory_if_empty(self, path: str) -> None:
        self._host.step()
        if not self.names_in(path):
            self.directories.discard(path)

    def make_link(self, path: str, target: str) -> None:
        self._host.step()
        self._require_directory(path)
        self.keep(path)
        self.files.pop(path, None)
        self.links[path] = target

    def begin_release(self, path: str) -> None:
        self._require_directory(path)
        self._host.step()
        self.releases[path] = ReleaseState("partial")
        self._host.step()

    def remove_release(self, path: str) -> None:
        self._host.step()
        require(self.state_of_release(path, False).kind != "missing", f"{path} is no release")
        require(path not in self.absolute_links().values(), f"{path} is live")
        self.releases.pop(path, None)
        self.directories.discard(path)
        self.files = {file: state for file, state in self.files.items() if not file.startswith(f"{path}/")}

    def copy(self, path: str, to: str) -> None:
        self._host.step()
        self.directories.update(parents_of(to))
        self.keep(to)
        self.links.pop(to, None)
        self.files.pop(to, None)
        if path in self.links:
            self.links[to] = self.links[path]
        else:
            self.files[to] = replace(self.files[path], changed=self._host.clock)

    def remove(self, path: str) -> None:
        self._host.step()
        places: Sequence[dict[str, Any]] = (self.files, self.links, self.records)
        require(any(path in place for place in places), f"{path} is removed, but is not there")
        self.keep(path)
        for place in places:
            place.pop(path, None)

    def remove_node(self, path: str, service: str) -> None:
        self._host.step()
        if path not in self._host.bound({service}):
            self.nodes.discard(path)

    def write_json(self, path: str, value: Any) -> None:
        self._host.step()
        self.directories.update(parents_of(path))
        self.records[path] = value

    def _require_directory(self, path: str) -> None:
        require(posixpath.dirname(path) in self.directories, f"no directory for {path}")


class Builder:
    """What _host.build.release_builder.Builder is."""

    def __init__(self, disk: Disk, _commands: Any) -> None:
        self._disk = disk

    def build(self, build: Build) -> None:
        self._disk.begin_release(build.path)
        self._disk.releases[build.path] = ReleaseState("complete", build.tests)

    def test(self, build: Build) -> None:
        tested = self._disk.releases[build.path].tested
        self._disk.releases[build.path] = ReleaseState("complete", (*tested, *build.tests))

    def finish(self) -> None:
        pass


def require(possible: bool, why: str) -> None:
    if not possible:
        raise Impossible(why)


def parents_of(path: str) -> set[str]:
    parts = path.split("/")[1:-1]
    return {"/" + "/".join(parts[: count + 1]) for count in range(len(parts))}
