# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a transaction does to a path, it can be made what it was: content, owner, mode, times."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.source import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import File
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk


def as_it_is(folder: Path) -> dict[str, Any]:
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        is_directory = path.is_dir() and not path.is_symlink()
        what = os.readlink(path) if path.is_symlink() else "" if is_directory else path.read_bytes()
        times = None if is_directory else info.st_mtime_ns
        found[str(path.relative_to(folder))] = (what, info.st_mode, info.st_uid, info.st_gid, times)
    return found


def write(disk: Disk, path: Path) -> None:
    disk.stage(File(str(path), Source.of(path.name, b"new"), "files", mode=0o600))
    disk.commit(str(path))


CHANGES: dict[str, Callable[[Disk, Path], None]] = {
    "write": write,
    "link": lambda disk, path: disk.make_link(str(path), "elsewhere"),
    "remove": lambda disk, path: disk.remove(str(path)),
    "attributes": lambda disk, path: disk.set_attributes(str(path), File(str(path), Source("a", "", 0), "", mode=0o600)),
    "copy": lambda disk, path: disk.copy(f"{path}.other", str(path)),
}
WHAT = {"file": "write link remove attributes copy", "link": "write link remove copy", "nothing": "write link copy"}


@pytest.mark.parametrize(("was", "change"), [(was, change) for was, names in WHAT.items() for change in names.split()])
@pytest.mark.parametrize("has_hard_links", [True, False])
def test_everything_comes_back(tmp_path: Path, monkeypatch: Any, was: str, change: str, has_hard_links: bool) -> None:
    def no_link(*_paths: str, **_options: Any) -> None:
        raise OSError(errno.EPERM, "not here")

    if not has_hard_links:
        monkeypatch.setattr(os, "link", no_link)
    path = tmp_path / "a"
    (tmp_path / "a.other").write_text("other")
    if was == "file":
        path.write_text("old")
        path.chmod(0o4750)
        os.utime(path, ns=(1, 2_000_000_003))
    elif was == "link":
        path.symlink_to("there")
        os.utime(path, ns=(1, 2_000_000_003), follow_symlinks=False)
    before = as_it_is(tmp_path)
    disk = Disk()
    CHANGES[change](disk, path)
    assert as_it_is(tmp_path) != before
    disk.put_back(str(path))
    assert as_it_is(tmp_path) == before


def test_what_was_not_touched_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    disk = Disk()
    disk.put_back(str(tmp_path / "a"))
    disk.put_back(str(tmp_path / "b"))
    assert (tmp_path / "a").read_text() == "old"


def test_first_state_counts(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    disk = Disk()
    write(disk, path)
    disk.make_link(str(path), "x")
    disk.remove(str(path))
    disk.put_back(str(path))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_directories(tmp_path: Path) -> None:
    disk = Disk()
    for name in ("new", "new/full", "new/empty"):
        disk.make_directory(str(tmp_path / name))
    (tmp_path / "new" / "full" / "of-others").write_text("")
    for name in ("new/empty", "new/full", "new"):
        disk.put_back(str(tmp_path / name))
    assert sorted(as_it_is(tmp_path)) == ["new", "new/full", "new/full/of-others"]


def test_change_that_fails_leaves_no_way_back(tmp_path: Path, monkeypatch: Any) -> None:
    """Such as a mount point, which cannot be renamed over: neither now nor when all is put back."""

    def busy(*_paths: str, **_folders: int) -> None:
        raise OSError(errno.EBUSY, "busy")

    path = tmp_path / "a"
    path.write_text("old")
    disk = Disk()
    disk.stage(File(str(path), Source.of("a", b"new"), "files"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", busy)
        with pytest.raises(OSError, match="busy"):
            disk.commit(str(path))
        disk.discard()
        disk.put_back(str(path))
    assert os.listdir(tmp_path) == ["a"]
    assert path.read_text() == "old"


def test_nothing_is_left_of_a_transaction_that_is_well(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    disk = Disk()
    write(disk, tmp_path / "a")
    disk.forget()
    assert os.listdir(tmp_path) == ["a"]
    disk.put_back(str(tmp_path / "a"))
    assert (tmp_path / "a").read_text() == "new"


@pytest.mark.parametrize("again", [*CHANGES.values(), lambda *_nothing: None], ids=[*CHANGES, "nothing"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", ["file", "link", "missing"])
def test_what_a_killed_run_has_changed_can_be_made_what_it_was(
    tmp_path: Path, kind: str, change: Callable[[Disk, Path], None], again: Callable[[Disk, Path], None]
) -> None:
    """The next run has only what lies beside its place, and what is on record of it; whatever it does itself."""
    path = tmp_path / "a"
    (tmp_path / "a.other").write_bytes(b"other")
    if kind == "file":
        path.write_bytes(b"old")
        path.chmod(0o640)
    elif kind == "link":
        path.symlink_to("somewhere")
    was = Disk().state_of(str(path))
    try:
        change(Disk(), path)
    except OSError:
        pytest.skip("that cannot be done to it")
    disk = Disk()
    disk.sweep([str(path)], [str(path)])
    assert disk.take_over({str(path): was}) == []
    with contextlib.suppress(OSError):
        again(disk, path)
    disk.put_back(str(path))
    disk.forget()
    now = Disk().state_of(str(path))
    assert (now.kind, now.sha256, now.mode, now.target) == (was.kind, was.sha256, was.mode, was.target)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a", "a.other"][was.kind == "missing" :]


def test_what_is_lost_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    was = Disk().state_of(str(path))
    path.write_bytes(b"new")
    assert Disk().take_over({str(path): was}) == [str(path)]
