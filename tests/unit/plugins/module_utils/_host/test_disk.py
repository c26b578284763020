# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written beside their places and renamed: whoever looks sees the old or the new one, whole."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import File
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk


def file(path: Path, content: bytes = b"new\n", mode: int | None = None) -> File:
    return File(str(path), Source.of(path.name, content), "files", mode=mode)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_shows_before_the_commit(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old\n")
    disk = Disk()
    disk.stage(file(path))
    assert path.read_bytes() == b"old\n"
    beside = [name for name in os.listdir(tmp_path) if name != "a.conf"]
    assert len(beside) == 1
    assert beside[0].startswith(".")
    disk.commit(str(path))
    assert path.read_bytes() == b"new\n"
    disk.forget()
    assert os.listdir(tmp_path) == ["a.conf"]


def test_discard_leaves_no_trace(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"old\n")
    disk = Disk()
    disk.stage(file(one))
    disk.stage(file(other))
    disk.discard()
    assert os.listdir(tmp_path) == ["one"]
    assert one.read_bytes() == b"old\n"


def test_discard_keeps_what_was_committed(tmp_path: Path) -> None:
    disk = Disk()
    disk.stage(file(tmp_path / "one"))
    disk.stage(file(tmp_path / "other"))
    disk.commit(str(tmp_path / "one"))
    disk.discard()
    assert os.listdir(tmp_path) == ["one"]


def test_directory_that_does_not_exist(tmp_path: Path) -> None:
    disk = Disk()
    with pytest.raises(FileNotFoundError):
        disk.stage(file(tmp_path / "no" / "a"))
    disk.discard()
    assert os.listdir(tmp_path) == []


def test_nothing_is_left_on_a_read_only_file_system(tmp_path: Path, monkeypatch: Any) -> None:
    """It refuses to unlink what is not there, too, which made a rollback incomplete that had nothing to do."""

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("os.open", _no_new_files(os.open))
    monkeypatch.setattr("os.unlink", refuse)
    disk = Disk()
    with pytest.raises(OSError, match="Read-only"):
        disk.stage(file(tmp_path / "a.conf"))
    disk.discard()
    disk.sweep([str(tmp_path / "a.conf")])


def _no_new_files(real: Any) -> Any:
    def open_(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return int(real(path, flags, *arguments, **options))

    return open_


def test_upload_that_does_not_exist_leaves_no_trace(tmp_path: Path) -> None:
    disk = Disk()
    with pytest.raises(FileNotFoundError):
        disk.stage(File(str(tmp_path / "a"), Source("a", "0" * 64, 9, upload=str(tmp_path / "gone")), "files"))
    disk.discard()
    assert os.listdir(tmp_path) == []


def test_large_file_is_copied_from_its_upload(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"x" * 300_000)
    disk = Disk()
    disk.stage(
        File(
            str(tmp_path / "a"),
            Source("a", hashlib.sha256(upload.read_bytes()).hexdigest(), 300_000, upload=str(upload)),
            "files",
        )
    )
    disk.commit(str(tmp_path / "a"))
    assert (tmp_path / "a").read_bytes() == upload.read_bytes()


@pytest.mark.parametrize(
    ("old", "declared", "new"),
    [
        pytest.param(None, None, 0o644, id="a new file is readable"),
        pytest.param(None, 0o600, 0o600, id="a new file as declared"),
        pytest.param(0o755, None, 0o755, id="as it was"),
        pytest.param(0o600, 0o640, 0o640, id="as declared"),
    ],
)
def test_mode(tmp_path: Path, old: int | None, declared: int | None, new: int) -> None:
    path = tmp_path / "a"
    if old is not None:
        path.write_bytes(b"old")
        path.chmod(old)
    disk = Disk()
    disk.stage(file(path, mode=declared))
    beside = [tmp_path / name for name in os.listdir(tmp_path) if name != "a"]
    assert mode_of(beside[0]) == new  # before it is renamed: never readable by more than it should
    disk.commit(str(path))
    assert mode_of(path) == new


def test_name_of_255_bytes(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    disk = Disk()
    disk.stage(file(path))
    disk.commit(str(path))
    assert path.read_bytes() == b"new\n"


def test_name_of_255_bytes_in_few_characters(tmp_path: Path) -> None:
    path = tmp_path / ("😀" * 63)
    disk = Disk()
    disk.stage(file(path))
    disk.commit(str(path))
    assert path.read_bytes() == b"new\n"


def test_attributes_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"new\n")
    Disk().set_attributes(str(path), file(path, mode=0o4750))
    assert mode_of(path) == 0o4750


# Links


@pytest.mark.parametrize("old", ["nothing", "link", "dead link", "file"])
def test_link(tmp_path: Path, old: str) -> None:
    path = tmp_path / "current"
    if old == "file":
        path.write_bytes(b"x")
    elif old != "nothing":
        path.symlink_to("nowhere" if old == "dead link" else ".")
    disk = Disk()
    disk.make_link(str(path), "releases/1")
    assert os.readlink(path) == "releases/1"
    disk.forget()
    assert os.listdir(tmp_path) == ["current"]


def test_link_after_a_run_that_was_killed(tmp_path: Path, monkeypatch: Any) -> None:
    """What it has left behind is in nobody's way: the name beside is a new one each time."""
    disk = Disk()
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda *_paths, **_folders: None)
        disk.make_link(str(tmp_path / "current"), "releases/0")
    disk.make_link(str(tmp_path / "current"), "releases/1")
    assert os.readlink(tmp_path / "current") == "releases/1"


# What lies at a path


def test_state_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"hello\n")
    path.chmod(0o640)
    state = Disk().state_of(str(path))
    assert (state.kind, state.mode, state.content) == ("file", 0o640, b"hello\n")
    assert state.sha256 == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    assert state.owner
    assert state.group


def test_content_comes_along_only_where_it_is_needed(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"hello\n")
    large.write_bytes(b"x" * 5_000_000)
    assert Disk().state_of(str(small), Disk().state_of(str(small)).sha256).content is None
    assert Disk().state_of(str(large)).content is None
    assert Disk().state_of(str(large)).is_long


def test_kinds(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("directory")
    (tmp_path / "dead").symlink_to("nowhere")
    (tmp_path / "file").write_bytes(b"")
    names = ("directory", "pipe", "link", "dead", "file", "nothing", "file/below")
    kinds = [Disk().state_of(str(tmp_path / name)).kind for name in names]
    assert kinds == ["directory", "other", "link", "link", "file", "missing", "missing"]
    assert Disk().state_of(str(tmp_path / "link")).target == "directory"
    assert Disk().state_of_directory(str(tmp_path / "link")).kind == "directory"
    assert Disk().state_of_directory(str(tmp_path / "dead")).kind == "link"


def test_time_of_a_change_is_on_the_clock_of_systemd(tmp_path: Path) -> None:
    before = time.monotonic_ns() // 1000
    path = tmp_path / "a"
    path.write_bytes(b"x")
    after = time.monotonic_ns() // 1000
    assert before - 1_000_000 <= Disk().state_of(str(path)).changed <= after + 1_000_000


# Records of our own


def test_record_is_private_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "demo.json"
    Disk().write_json(str(path), {"a": [1, "é"]})
    assert Disk().read_json(str(path)) == {"a": [1, "é"]}
    assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)
    Disk().write_json(str(path), {})
    assert Disk().read_json(str(path)) == {}
    assert os.listdir(path.parent) == ["demo.json"]


def test_record_that_is_not_there(tmp_path: Path) -> None:
    assert Disk().read_json(str(tmp_path / "none.json")) is None


def test_record_that_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        Disk().read_json(str(tmp_path / "a.json"))


def test_record_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: Any) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "demo.json"
    Disk().write_json(str(path), {"a": 1})
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Disk().write_json(str(path), {"a": 2})
    assert Disk().read_json(str(path)) == {"a": 1}
    assert os.listdir(tmp_path) == ["demo.json"]


# Files of somebody else


def test_original_is_kept_and_put_back_as_it_was(tmp_path: Path) -> None:
    path, kept = tmp_path / "a.conf", tmp_path / "originals" / "etc_a.conf"
    path.write_bytes(b"mine\n")
    path.chmod(0o640)
    os.utime(path, ns=(1_000_000_000, 2_000_000_000))
    disk = Disk()
    disk.copy(str(path), str(kept))
    assert (kept.read_bytes(), mode_of(kept), mode_of(kept.parent)) == (b"mine\n", 0o640, 0o700)
    path.write_bytes(b"of the stack\n")
    path.chmod(0o600)
    disk.copy(str(kept), str(path))
    assert (path.read_bytes(), mode_of(path), path.stat().st_mtime_ns) == (b"mine\n", 0o640, 2_000_000_000)


def test_original_takes_the_place_of_a_mask(tmp_path: Path) -> None:
    kept, path = tmp_path / "originals" / "a", tmp_path / "a.service"
    path.write_bytes(b"[Unit]\n")
    disk = Disk()
    disk.copy(str(path), str(kept))
    disk.make_link(str(path), "/dev/null")
    disk.copy(str(kept), str(path))
    assert not path.is_symlink()
    assert path.read_bytes() == b"[Unit]\n"


# Folders


def test_links_of_a_folder_are_absolute(tmp_path: Path) -> None:
    for name, target in (("a", "/etc/x"), ("b", "../y"), ("c", "z"), ("dead", "/nowhere")):
        (tmp_path / name).symlink_to(target)
    (tmp_path / "file").write_text("")
    targets = {"a": "/etc/x", "b": f"{tmp_path.parent}/y", "c": f"{tmp_path}/z", "dead": "/nowhere"}
    assert Disk().links_in(str(tmp_path)) == {f"{tmp_path}/{name}": target for name, target in targets.items()}


@pytest.mark.parametrize("name", ["none", "file"])
def test_folder_that_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    assert Disk().links_in(str(tmp_path / name)) == {}
    assert Disk().names_in(str(tmp_path / name)) == []


def test_directory_is_removed_only_when_it_is_empty(tmp_path: Path) -> None:
    disk = Disk()
    before = os.umask(0o077)
    disk.make_directory(str(tmp_path / "a"))
    os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755
    (tmp_path / "a" / "b").write_text("")
    disk.remove_directory_if_empty(str(tmp_path / "a"))
    (tmp_path / "a" / "b").unlink()
    disk.remove_directory_if_empty(str(tmp_path / "a"))
    disk.remove_directory_if_empty(str(tmp_path / "gone"))
    assert os.listdir(tmp_path) == []


# An image that is not running


def image_at(path: Path) -> str:
    (path / "etc").mkdir()
    (path / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\necho:x:0:7::/srv:/bin/sh\n")
    (path / "etc" / "group").write_text("root:x:0:\nechoes:x:0:\nodd\n")
    return str(path)


def test_all_paths_are_those_of_the_image(tmp_path: Path) -> None:
    image_at(tmp_path)
    disk = Disk(str(tmp_path))
    disk.make_directory("/etc/demo")
    disk.stage(File("/etc/demo/a", Source.of("a", b"new"), "files", mode=0o600))
    disk.commit("/etc/demo/a")
    disk.make_link("/etc/demo/b", "/etc/demo/a")
    assert disk.state_of("/etc/demo/a").mode == 0o600
    assert disk.state_of("/etc/demo/b").target == "/etc/demo/a"
    assert disk.read("/etc/demo/a") == b"new"
    assert sorted(os.listdir(tmp_path / "etc" / "demo")) == ["a", "b"]
    disk.remove("/etc/demo/b")
    assert disk.names_in("/etc/demo") == ["a"]


def test_links_in_an_image_do_not_lead_out_of_it(tmp_path: Path) -> None:
    disk = Disk(image_at(tmp_path))
    (tmp_path / "etc" / "a").symlink_to("/etc/x")
    (tmp_path / "etc" / "b").symlink_to("../../../y")
    assert disk.links_in("/etc") == {"/etc/a": "/etc/x", "/etc/b": "/y"}


# Two runs at once


def test_lock_names_its_holder(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    assert Disk().lock(path, "stack one, process 1") == ""
    assert Disk().lock(path, "stack two, process 2") == "stack one, process 1"
    assert Disk().lock(str(tmp_path / "another"), "stack two") == ""


def test_lock_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "lock").symlink_to("victim")
    with pytest.raises(OSError, match="symbolic links"):
        Disk().lock(str(tmp_path / "lock"), "stack one")
    assert (tmp_path / "victim").read_text() == "precious"


def test_lock_in_a_home_leaves_nothing_and_is_taken_again(tmp_path: Path) -> None:
    me = Account("me", os.geteuid(), os.getegid(), str(tmp_path))
    path = str(tmp_path / ".lock")
    one, two = Disk(user=me), Disk(user=me)
    assert one.lock(path, "stack one, process 1") == ""
    assert two.lock(path, "stack two, process 2") == "stack one, process 1"
    one.unlock()
    assert os.listdir(tmp_path) == []
    assert two.lock(path, "stack two, process 2") == ""
    assert one.lock(path, "stack one, process 1") == "stack two, process 2"
