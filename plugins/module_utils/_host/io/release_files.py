# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases on the disk: is one complete and as it was built? A mark that is written last says so. And their removal."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import stat
from typing import Any, Iterable, Iterator, Mapping

from ..._declaration.tree import is_code
from ..._plan.observed import ReleaseState

MARK = ".complete"
_LONGEST_MARK = 64 << 20  # characters
_RELEASE = re.compile("/[^/]+/releases/[0-9a-f]{16}$")


class BuildFailed(Exception):
    """A release could not be made, and nothing is left of it. The message is for a person."""


def state_of(place: str, thoroughly: bool) -> ReleaseState:
    """thoroughly: file by file, by what changes when somebody writes to one."""
    mark = read_mark(place)
    if mark is None:
        return _without_mark(place)
    edited, data = _differing(place, mark) if thoroughly else ([], [])
    data += _added(place, mark) if thoroughly else []
    return ReleaseState("changed" if edited else "complete", tuple(mark["tested"]), tuple(edited), tuple(sorted(data)))


def _without_mark(place: str) -> ReleaseState:
    """One that is built has the folder of its source from the beginning."""
    try:
        found = sorted(_entries_of(place))
    except OSError:
        return ReleaseState("partial" if os.path.lexists(place) or os.path.lexists(_aside(place)) else "missing")
    is_script = "source/" not in found and any(not name.endswith("/") for name in found)
    return ReleaseState("script", data=tuple(found)) if is_script else ReleaseState("partial")


def _entries_of(folder: str) -> Iterator[str]:
    """Names, those of directories with a slash; without what Python compiles, and our own."""
    with os.scandir(folder) as found:
        for entry in found:
            if not _is_compiled(entry.name) and not entry.name.startswith((MARK, ".daemonic-")):
                yield f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name


def _is_compiled(name: str) -> bool:
    return name == "__pycache__" or name.endswith((".pyc", ".pyo"))


def _differing(place: str, mark: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Code that was changed, and data that was shipped and has been written to since. Data may be removed, too."""
    edited, data = [], []
    for name, built in mark["files"]:
        now = _print_of(f"{place}/{name}")
        if now == built:
            continue
        if is_code(name, _is_executable(built)):
            edited.append(name)
        elif now != _MISSING:
            data.append(name)
    return edited, data


def _is_executable(built: str) -> bool:
    """Of a link, too: what it leads to is said by the source."""
    mode = built.partition(" ")[0]
    return mode == "link" or bool(int(mode, 8) & 0o111)


def _added(place: str, mark: Mapping[str, Any]) -> list[str]:
    """What lies there and was not built: looked for in folders in which something has come or gone since."""
    changed = [name for name, when in mark.get("folders", ()) if _changed_at(f"{place}/{name}") not in (when, None)]
    known = _known(mark)
    found = [name for name in _entries_of(place) if name not in known] if "folders" in mark else []
    for folder in changed:
        found += [f"{folder}/{name}" for name in _entries_of(f"{place}/{folder}") if f"{folder}/{name}" not in known]
    return found


def _known(mark: Mapping[str, Any]) -> set[str]:
    folders = {f"{name}/" for name, _when in mark.get("folders", ())}
    return {*(name for name, _print in mark["files"]), *folders}


def _changed_at(folder: str) -> int | None:
    try:
        return os.lstat(folder).st_mtime_ns
    except OSError:
        return None


def read_mark(place: str) -> Any:
    """{files: [[name, print]…], folders: [[name, when it changed]…], tested: […]}, or None where there is none that can be
    read. An older release of the collection did not note folders.
    """
    try:
        mark = json.loads(_text_of(f"{place}/{MARK}"))
        return mark if isinstance(mark["files"], list) and isinstance(mark["tested"], list) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _text_of(path: str) -> str:
    """Of a regular file: the user whose release it is may have put a pipe or a device there. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, encoding="utf-8", errors="surrogateescape") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", path)
        return stream.read(_LONGEST_MARK)


def write_mark(place: str, contents: Mapping[str, Any], tested: Iterable[str]) -> None:
    """The last thing of a release; beside and renamed, on the disk when this returns."""
    beside = f"{place}/{MARK}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(beside)
    with open(beside, "x", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump({**contents, "tested": sorted(set(tested))}, stream)
        stream.flush()
        os.fchmod(stream.fileno(), 0o644)
        os.fsync(stream.fileno())
    os.replace(beside, f"{place}/{MARK}")


def close_to_others(place: str) -> dict[str, Any]:
    """Whatever the umask was: all may read, nobody but the owner may write. Returns what goes into the mark: the files with
    their prints, and the folders with the time of their last change.

    Compiled files are left out, since Python may write them again.
    """
    files, folders = [], []
    for folder, _folders, names in os.walk(place):
        os.chmod(folder, 0o755)
        if folder != place and os.path.basename(folder) != "__pycache__":
            folders.append([os.path.relpath(folder, place), os.lstat(folder).st_mtime_ns])
        links = [name for name in _folders if os.path.islink(f"{folder}/{name}")]
        for name in (*names, *links):
            path = f"{folder}/{name}"
            info = os.lstat(path)
            if not stat.S_ISLNK(info.st_mode):
                os.chmod(path, 0o755 if info.st_mode & 0o100 else 0o644)
            if not name.endswith(".pyc"):
                files.append([os.path.relpath(path, place), _print_of(path)])
    return {"files": sorted(files), "folders": sorted(folders)}


_MISSING = "missing"


def _print_of(path: str) -> str:
    """What changes when somebody writes to a file: cheap enough for thousands at each run."""
    try:
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            return f"link {os.readlink(path)}"
    except OSError:
        return _MISSING
    return f"{info.st_mode:o} {info.st_uid} {info.st_size} {info.st_mtime_ns}"


def set_aside(place: str) -> bool:
    """Out of the way in one rename, so that no half of it is ever taken for a release. False where there is nothing."""
    if not _RELEASE.search(place):
        raise ValueError(f"{place} is not the directory of a release")
    remove_aside(place)
    if not os.path.lexists(place):
        return False
    os.rename(place, _aside(place))
    return True


def put_back(place: str) -> None:
    """What was set aside, to its place."""
    _remove_tree(place)
    os.rename(_aside(place), place)


def remove_aside(place: str) -> None:
    """All but what was not built: that is kept (kept_place)."""
    aside = _aside(place)
    if os.path.isdir(aside) and not os.path.islink(aside):
        _move(list(_worth_keeping(aside)), aside, _free(kept_place(place)))
    _remove_tree(aside)


def carry_over(place: str) -> None:
    """What a daemon has written into a release that was built again goes on where it was; edited code is not it."""
    mark, aside = read_mark(_aside(place)), _aside(place)
    if mark is not None:
        edited = {name for name, built in mark["files"] if is_code(name, _is_executable(built))}
        data = [name for name in _worth_keeping(aside) if name not in edited and not is_code(name, False)]
        with contextlib.suppress(OSError):  # it is kept beside, then
            _move(data, aside, place)


def kept_place(place: str) -> str:
    """/opt/shop/releases/0123456789abcdef → /opt/shop/kept/0123456789abcdef: for what was not built and is not ours to delete."""
    above, _slash, name = place.rpartition("/")
    return f"{above.rpartition('/')[0]}/kept/{name}"


def _free(place: str) -> str:
    taken = next(number for number in range(1, 10_000) if not os.path.lexists(f"{place}.{number}" if number > 1 else place))
    return f"{place}.{taken}" if taken > 1 else place


def _worth_keeping(place: str) -> Iterator[str]:
    """Every file that was not built, or was changed since. Of what was never finished nothing; of a script all but code."""
    mark = read_mark(place)
    if mark is None and _without_mark(place).kind != "script":
        return
    built = dict(mark["files"]) if mark else {}
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if not _is_compiled(name)]
        links = [name for name in folders if os.path.islink(f"{folder}/{name}")]
        for name in (*names, *links):
            path = os.path.relpath(f"{folder}/{name}", place)
            is_ours = _is_compiled(name) or path.startswith((MARK, ".daemonic-")) or (mark is None and path.endswith(".py"))
            if not is_ours and built.get(path) != _print_of(f"{folder}/{name}"):
                yield path


def _move(names: list[str], place: str, to: str) -> None:
    for name in names:
        os.makedirs(os.path.dirname(f"{to}/{name}"), 0o755, exist_ok=True)
        os.replace(f"{place}/{name}", f"{to}/{name}")


def _aside(place: str) -> str:
    parent, _slash, name = place.rpartition("/")
    return f"{parent}/.{name}.old"


def _remove_tree(place: str) -> None:
    """Follows no link, within it or in its place."""
    if os.path.islink(place):
        os.unlink(place)
    elif os.path.lexists(place):
        import shutil  # with its compressors; most runs remove no release

        shutil.rmtree(place)
