# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user lays traps in her folder while root deploys there. Each trap is shown to work on the old way, by path."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import struct
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.source import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import File
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.acting import acting_as
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.file_contents import name_beside
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.uploads import content_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.facts import with_kept_modes

ANNA = 23001
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be led astray")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o111)
    path = tmp_path / "home"
    path.mkdir()
    os.chown(path, ANNA, ANNA)
    secret = tmp_path / "secret"
    secret.write_text("of root")
    secret.chmod(0o600)
    return path


def as_it_is(path: Path) -> tuple[Any, ...]:
    info = path.stat()
    return info.st_uid, info.st_gid, info.st_mode, path.read_bytes()


def beside(path: Path, ending: str) -> Path:
    return path.parent / name_beside(str(path), ending)


def file(path: Path, **attributes: Any) -> File:
    return File(str(path), Source.of(path.name, b"new"), "files", **attributes)


class Old:
    """What was done by path until the door was there, as far as it is shown to be dangerous."""

    def copy(self, path: str, to: str) -> None:
        new = str(beside(Path(to), "new"))
        shutil.copy2(path, new)
        os.replace(new, to)

    def keep(self, path: Path) -> None:
        old = str(beside(path, "old"))
        shutil.copy2(path, old)

    def set_attributes(self, path: Path) -> None:
        os.chown(path, ANNA, ANNA)

    def read(self, path: Path) -> bytes:
        return path.read_bytes()


def lay(path: Path, target: Path) -> None:
    path.symlink_to(target)
    os.chown(path, ANNA, ANNA, follow_symlinks=False)


def test_a_link_at_the_name_beside_is_not_written_through(home: Path, tmp_path: Path) -> None:
    """As when an adopted file is put back with state: absent."""
    secret, path, kept = tmp_path / "secret", home / "x", tmp_path / "private" / "kept"
    kept.parent.mkdir(mode=0o700)
    kept.write_text("hers")
    before = as_it_is(secret)
    lay(beside(path, "new"), secret)
    Disk().copy(str(kept), str(path))
    assert path.read_text() == "hers"
    assert not path.is_symlink()
    assert as_it_is(secret) == before
    lay(beside(path, "new"), secret)
    Old().copy(str(kept), str(path))
    assert as_it_is(secret) != before


def test_a_link_at_the_name_of_the_way_back_is_not_written_through(home: Path, tmp_path: Path) -> None:
    secret, path = tmp_path / "secret", home / "x"
    path.write_text("hers")
    os.chown(path, ANNA, ANNA)
    before = as_it_is(secret)
    lay(beside(path, "old"), secret)
    disk = Disk()
    disk.stage(file(path))
    disk.commit(str(path))
    assert as_it_is(secret) == before
    disk.put_back(str(path))
    assert path.read_text() == "hers"
    lay(beside(path, "old"), secret)
    Old().keep(path)
    assert as_it_is(secret) != before


def test_attributes_are_not_given_to_what_was_put_there_meanwhile(home: Path) -> None:
    """She moves a file of root, which she may where its folder is hers, to where her own was looked at."""
    path, roots = home / "x", home / "of-root"
    roots.write_text("of root")
    roots.chmod(0o600)
    file_of_hers = file(path, owner="root", group=None)
    os.rename(roots, path)
    with pytest.raises(OSError, match="somebody has changed it"):
        Disk().set_attributes(str(path), file_of_hers)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    Old().set_attributes(path)
    assert path.stat().st_uid == ANNA


def test_a_second_name_of_a_secret_is_not_shown(home: Path, tmp_path: Path) -> None:
    path = home / "x"
    os.link(tmp_path / "secret", path)
    assert Disk().state_of(str(path)).kind == "other"
    assert Disk().followed(str(path)).kind == "other"
    assert Old().read(path) == b"of root"


@pytest.mark.parametrize("look", ["state_of", "followed", "state_of_directory"])
def test_a_pipe_that_nobody_writes_to_holds_nobody_up(home: Path, look: str) -> None:
    os.mkfifo(home / "x")
    with in_time():
        assert getattr(Disk(), look)(str(home / "x")).kind == "other"
        with pytest.raises(OSError, match="no regular file"):
            Disk().read(str(home / "x"))


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """A hang is an end, too."""
    before = signal.signal(signal.SIGALRM, lambda *_args: pytest.fail("it waits for ever"))
    signal.alarm(30)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("was", [None, 0o644])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_file_is_never_wider_than_it_will_be(tmp_path: Path, monkeypatch: Any, was: int | None, mode: int) -> None:
    path, seen = tmp_path / "x", []
    if was is not None:
        path.write_text("old")
        path.chmod(was)
    for name in ("fsync", "fchown", "fchmod", "write"):
        monkeypatch.setattr(os, name, _noting(getattr(os, name), seen))
    Disk().stage(file(path, mode=mode))
    assert seen
    allowed = mode | 0o600  # its owner may do as he likes
    assert not [oct(each) for each in seen if each & ~allowed]


def _noting(call: Callable[..., Any], seen: list[int]) -> Callable[..., Any]:
    def noted(fd: int, *args: Any) -> Any:
        seen.append(stat.S_IMODE(os.fstat(fd).st_mode))
        result = call(fd, *args)
        seen.append(stat.S_IMODE(os.fstat(fd).st_mode))
        return result

    return noted


def test_a_run_that_was_killed_left_another_s_file(home: Path) -> None:
    """What lies at the name of the way back has the right content, and is hers: it comes back as root's all the same."""
    path = home / "x"
    path.write_text("old")
    path.chmod(0o640)
    was = Disk().state_of(str(path))
    path.unlink()
    beside(path, "old").write_text("old")
    os.chown(beside(path, "old"), ANNA, ANNA)
    disk = Disk()
    assert disk.take_over({str(path): was}) == []
    disk.put_back(str(path))
    assert as_it_is(path) == (0, 0, stat.S_IFREG | 0o640, b"old")


def test_what_was_sent_is_what_was_declared(tmp_path: Path) -> None:
    upload, path = tmp_path / "upload", tmp_path / "x"
    upload.write_bytes(b"of somebody else")
    declared = Source("x", hashlib.sha256(b"declared").hexdigest(), 8, upload=str(upload))
    disk = Disk()
    with pytest.raises(OSError, match="not what was declared"):
        disk.stage(File(str(path), declared, "files"))
    disk.discard()
    assert os.listdir(tmp_path) == ["upload"]
    with pytest.raises(OSError, match="not what was declared"):  # a wheel of a release
        content_of(declared)


def test_all_that_was_laid_is_the_user_s(home: Path) -> None:
    """A folder and a link in her folder are hers; a file is whose it was declared to be."""
    disk = Disk()
    disk.make_directory(str(home / "d"))
    disk.make_link(str(home / "l"), "d")
    disk.stage(file(home / "d" / "f"))
    disk.commit(str(home / "d" / "f"))
    owners = {name: (home / name).lstat().st_uid for name in ("d", "l", "d/f")}
    assert owners == {"d": ANNA, "l": ANNA, "d/f": 0}


@pytest.mark.parametrize("target", ["secret", "folder"])
def test_nobody_wins_the_race(home: Path, tmp_path: Path, target: str) -> None:
    """She renames whatever appears in her folder and lays a link in its place, while root writes, keeps and puts back."""
    (tmp_path / "folder").mkdir()
    secret, path = tmp_path / "secret", home / "x"
    before = as_it_is(secret)
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException), acting_as(ANNA, ANNA, []):
            _race(home, path, tmp_path / target)
        os._exit(0)
    try:
        for number in range(150):
            with contextlib.suppress(OSError):
                disk = Disk()
                disk.stage(file(path, mode=0o644 + number % 2))
                disk.commit(str(path))
                disk.set_attributes(str(path), file(path, mode=0o640))
                disk.put_back(str(path))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert as_it_is(secret) == before
    assert os.listdir(tmp_path / "folder") == []


def _race(home: Path, path: Path, target: Path) -> None:
    names = [beside(path, "new"), beside(path, "old"), path]
    while True:
        for name in names:
            with contextlib.suppress(OSError):
                os.rename(name, home / "taken")
                os.symlink(target, name)
            with contextlib.suppress(OSError):
                os.unlink(home / "taken")


def test_an_absolute_link_of_an_image_leads_programs_into_it(tmp_path: Path) -> None:
    """Such as pip and systemd-tmpfiles, which are given paths."""
    (tmp_path / "image" / "data").mkdir(parents=True)
    (tmp_path / "image" / "opt").symlink_to("/data")
    assert Disk(str(tmp_path / "image")).at("/opt/shop/x") == f"{tmp_path}/image/data/shop/x"
    assert Disk(str(tmp_path / "image")).at("") == f"{tmp_path}/image"
    assert Disk().at("/opt/x") == "/opt/x"


@pytest.mark.parametrize("root", ["", "image"])
def test_records_are_private_whoever_comes_first(tmp_path: Path, root: str) -> None:
    """scope: global writes below the folder of the system's records."""
    top = tmp_path / root
    top.mkdir(exist_ok=True)
    disk = Disk(str(top)) if root else Disk()
    above = "" if root else str(tmp_path)
    disk.write_json(f"{above}/var/lib/daemonic.systemd/global/demo.json", {})
    modes = {name: stat.S_IMODE((top / name).stat().st_mode) for name in ("var/lib", "var/lib/daemonic.systemd")}
    assert modes == {"var/lib": 0o755, "var/lib/daemonic.systemd": 0o700}


@pytest.mark.parametrize(
    ("was", "declared", "expected"),
    [(0o600, None, 0o600), (0o640, None, 0o640), (0o644, None, None), (None, None, None), (0o600, 0o644, 0o644)],
)
def test_what_not_all_may_read_counts_as_a_secret(tmp_path: Path, was: int | None, declared: int | None, expected: Any) -> None:
    """Its digest is made with the key of the host, as if its mode were declared."""
    path = tmp_path / "x"
    if was is not None:
        path.write_text("old")
        path.chmod(was)
    entry = {"content": "new", **({"mode": f"{declared:04o}"} if declared else {})}
    (found,) = with_kept_modes(stack_of({"name": "demo", "settle": "1s", "files": {str(path): entry}}), Disk()).files
    assert found.mode == expected


def declared(path: Path, content: bytes, **attributes: Any) -> File:
    return File(str(path), Source.of(path.name, content), "files", **attributes)


def test_who_owned_a_file_cannot_write_to_it_when_it_is_root_s(home: Path) -> None:
    path = home.parent / "was_hers"  # in root's folder, and root is to have it
    path.write_bytes(b"same")
    os.chown(path, ANNA, ANNA)
    writer = os.open(path, os.O_WRONLY)
    try:
        Disk().set_attributes(str(path), declared(path, b"same", owner="root", group="root", mode=0o755))
        os.pwrite(writer, b"EVIL", 0)
    finally:
        os.close(writer)
    assert as_it_is(path) == (0, 0, stat.S_IFREG | 0o755, b"same")


def test_what_she_has_put_there_since_is_not_made_root_s(home: Path) -> None:
    path = home.parent / "was_hers"
    path.write_bytes(b"EVIL")
    os.chown(path, ANNA, ANNA)
    with pytest.raises(OSError, match="changed it"):
        Disk().set_attributes(str(path), declared(path, b"same", owner="root", mode=0o755))
    assert path.stat().st_uid == ANNA


def test_bits_that_give_rights_are_not_inherited(home: Path) -> None:
    path = home / "x"
    path.write_bytes(b"hers")
    os.chown(path, ANNA, ANNA)
    path.chmod(0o6755)
    disk = Disk()
    disk.stage(declared(path, b"declared", owner="root"))
    disk.commit(str(path))
    assert as_it_is(path)[1:] == (ANNA, stat.S_IFREG | 0o755, b"declared")


def test_an_acl_of_the_folder_lets_nobody_in(home: Path) -> None:
    named = struct.pack("<I" + "HHI" * 5, 2, 1, 7, 2**32 - 1, 2, 7, ANNA, 4, 5, 2**32 - 1, 16, 7, 2**32 - 1, 32, 5, 2**32 - 1)
    try:
        os.setxattr(home, "system.posix_acl_default", named)
    except OSError:
        pytest.skip("this file system knows no ACLs")
    disk = Disk()
    disk.stage(declared(home / "x", b"secret", owner="root", group="root", mode=0o640))
    disk.commit(str(home / "x"))
    assert "system.posix_acl_access" not in os.listxattr(home / "x")
