# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases on a real disk: marked last, told apart by what was changed, removed and nothing else with them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any, Iterator, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.entry_point import EntryPoint
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.source import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.tree import TreeEntry, digest_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import venv_commands
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Build
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build import release_builder as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build.release_builder import Builder, BuildFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io import release_files
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import ReleaseState

NAME = "0123456789abcdef"


class Host:
    """Programs succeed unless their command line holds a word that fails; what they are asked is remembered."""

    def __init__(self, home: Path) -> None:
        self.disk = Disk()
        self.asked: list[str] = []
        self.asked_in: list[str] = []
        self.fails = ""
        self.path = home / "shop" / "releases" / NAME
        self.path.parent.mkdir(parents=True)

    def run(self, argv: Sequence[str], stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
        self.asked_in.append(os.getcwd())
        for number, line in enumerate(self._lines(argv, json.loads(stdin or b"{}"))):
            self.asked.append(line)
            if self.fails and self.fails in line:
                return 1, "", f"no such thing\n\n{venv_commands.MARK} {number} 1\n"
        return 0, "", ""

    def _lines(self, argv: Sequence[str], given: Any) -> list[str]:
        """The steps of what makes a release, or the command line itself."""
        steps = [" ".join(command) for _number, _asks, command in given.get("steps", ())]
        return steps or [" ".join(word for word in argv if "\n" not in word)]

    def build(self, **changes: Any) -> Build:
        known: dict[str, Any] = {
            "path": str(self.path),
            "place": "daemons.shop",
            "python": "/usr/bin/python3",
            "kind": "script",
            "source": Source.of("shop.py", b"print(1)\n"),
            "entry": EntryPoint("script", "shop.py"),
        }
        return Build(**{**known, **changes})

    def builder(self) -> Builder:
        """As it is for a user: for root somebody else makes it, which takes a systemd."""
        return Builder(self.disk, Commands(self.run, Account("root", 0, 0, "/root")))

    def state(self) -> ReleaseState:
        return self.disk.state_of_release(str(self.path), True)

    def names(self) -> list[str]:
        return sorted(os.listdir(self.path.parent))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setattr(module, "find_uv", lambda: "")
    before = os.umask(0o077)
    yield Host(tmp_path)
    os.umask(before)


def test_it_is_complete_when_it_is_marked(host: Host) -> None:
    assert host.state() == ReleaseState("missing")
    build = host.build(imports=("json",))
    builder = host.builder()
    builder.build(build)
    builder.finish()
    assert host.state() == ReleaseState("complete", ("import json", "script shop.py"))
    assert host.names() == [NAME]
    assert sorted(os.listdir(host.path)) == [".complete", "requirements.txt", "source"]
    (host.path / ".complete").unlink()
    assert host.state() == ReleaseState("partial")


def test_all_may_read_it_whatever_the_umask(host: Host) -> None:
    host.builder().build(host.build())
    for folder, _folders, names in os.walk(host.path):
        assert os.stat(folder).st_mode & 0o777 == 0o755
        assert all(os.stat(f"{folder}/{name}").st_mode & 0o777 == 0o644 for name in names)
    assert os.umask(0o077) == 0o077


def test_nothing_in_the_working_directory_is_found(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be an uv.toml of some user, or a module."""
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    host.builder().build(host.build(requirements=("flask",), has_venv=True))
    host.builder().test(host.build(requirements=("flask",), has_venv=True, entry=EntryPoint("module", "shop")))
    assert set(host.asked_in) == {"/"}
    assert Path.cwd() == tmp_path / "home"


@pytest.mark.parametrize("what", ["content", "mode", "removed"])
def test_what_was_changed_by_hand(host: Host, what: str) -> None:
    host.builder().build(host.build())
    script = host.path / "source" / "shop.py"
    if what == "content":
        script.write_text("print(2)\n")
    elif what == "mode":
        script.chmod(0o666)
    else:
        script.unlink()
    assert host.state().kind == "changed"
    assert host.disk.state_of_release(str(host.path), False).kind == "complete"


def test_what_the_daemon_writes_beside_is_its_own_affair(host: Host) -> None:
    host.builder().build(host.build())
    (host.path / "source" / "shop.db").write_text("data")
    (host.path / "source" / "__pycache__").mkdir()
    assert host.state().kind == "complete"


@pytest.mark.parametrize("there", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("step", ["-m venv", "install", "check", "script shop.py"])
def test_what_fails_leaves_the_disk_as_it_was(host: Host, step: str, there: bool) -> None:
    build = host.build(requirements=("flask",), has_venv=True)
    if there:
        builder = host.builder()
        builder.build(build)
        builder.finish()
        (host.path / "source" / "shop.py").write_text("by hand\n")
    host.fails = step
    builder = host.builder()
    with pytest.raises(BuildFailed, match=r"(?s)daemons.shop: could not .*no such thing"):
        builder.build(build)
    builder.undo()
    assert host.names() == ([NAME] if there else [])
    assert not there or (host.path / "source" / "shop.py").read_text() == "by hand\n"


def test_what_an_interruption_has_left_is_swept(host: Host) -> None:
    (host.path / "source").mkdir(parents=True)
    (host.path / "source" / "half").write_text("x")
    assert host.state().kind == "partial"
    builder = host.builder()
    builder.build(host.build())
    builder.finish()
    assert host.names() == [NAME]
    assert sorted(os.listdir(host.path / "source")) == ["shop.py"]


def test_another_entry_is_tried_and_remembered(host: Host) -> None:
    host.builder().build(host.build())
    other = host.build(entry=EntryPoint("module", "shop"))
    host.fails = "module shop"
    with pytest.raises(BuildFailed):
        host.builder().test(other)
    assert host.state().tested == ("script shop.py",)
    host.fails = ""
    host.builder().test(other)
    assert host.state() == ReleaseState("complete", ("module shop", "script shop.py"))


def test_source_that_changes_while_it_travels(host: Host) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("shop.py"))
    builder = host.builder()
    with pytest.raises(BuildFailed, match="has changed on the controller"):
        builder.build(host.build(kind="tree", source=Source("shop.tar", "0" * 64, 1, stream.getvalue())))


@pytest.mark.parametrize("name", ["../shop.py", "/etc/shop.py", "a/../../b"])
def test_archive_that_leads_out(host: Host, name: str) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(BuildFailed, match="outside of the source"):
        host.builder().build(host.build(kind="tree", source=Source("shop.tar", "0" * 64, 1, stream.getvalue())))


def test_several_uploads_are_one_file(host: Host, tmp_path: Path) -> None:
    upload = tmp_path / "all.bundle"
    source = Source.of("shop.py", b"print('bundled')\n")
    with tarfile.open(upload, "w") as archive:
        member = tarfile.TarInfo(source.sha256)
        member.size = source.size
        archive.addfile(member, io.BytesIO(source.data or b""))
    host.builder().build(host.build(source=Source("shop.py", source.sha256, source.size, upload=str(upload))))
    assert (host.path / "source" / "shop.py").read_bytes() == source.data


# Removal


@pytest.mark.parametrize(
    "path", ["/etc", "/opt/shop", "/opt/shop/releases", "/opt/shop/releases/current", "/opt/releases/../etc"]
)
def test_nothing_but_a_release_is_removed(path: str) -> None:
    with pytest.raises(ValueError, match="is not the directory of a release"):
        Disk().remove_release(path)


def test_links_are_not_followed(host: Host, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "data").write_text("x")
    host.path.symlink_to(tmp_path / "precious")
    host.disk.remove_release(str(host.path))
    assert host.names() == []
    host.path.mkdir()
    (host.path / "link").symlink_to(tmp_path / "precious")
    host.disk.remove_release(str(host.path))
    assert host.names() == []
    assert (tmp_path / "precious" / "data").read_text() == "x"


# What was not built


def tree_of(host: Host, **files: bytes) -> Build:
    """A release of a tree with these files, built."""
    stream = io.BytesIO()
    entries = []
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("_", "."))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
            entries.append(TreeEntry(member.name, "file", hashlib.sha256(content).hexdigest()))
    source = Source("shop.tar", digest_of(entries), len(files), stream.getvalue())
    build = host.build(kind="tree", source=source)
    made = host.builder()
    made.build(build)
    made.finish()
    return build


def again(host: Host, build: Build) -> None:
    made = host.builder()
    made.build(build)
    made.finish()


def test_data_that_a_daemon_writes_is_no_change_by_hand(host: Host) -> None:
    tree_of(host, shop_py=b"print(1)\n", shop_db=b"seed")
    source = host.path / "source"
    (source / "shop.db").write_bytes(b"rows")
    (source / "shop.db-wal").write_bytes(b"more rows")
    (source / "uploads").mkdir()
    (source / "__pycache__").mkdir()
    (host.path / "log.txt").write_text("lines")
    found = host.state()
    assert found.kind == "complete"
    assert found.data == ("log.txt", "source/shop.db", "source/shop.db-wal", "source/uploads/")


def test_a_release_that_is_built_again_keeps_its_data_and_what_was_changed_by_hand(host: Host) -> None:
    build = tree_of(host, shop_py=b"print(1)\n", shop_db=b"seed")
    source = host.path / "source"
    inode = (source / "shop.db").stat().st_ino
    (source / "shop.db").write_bytes(b"rows")
    (source / "uploads").mkdir()
    (source / "uploads" / "a.jpg").write_bytes(b"picture")
    (source / "shop.py").write_bytes(b"print(2)\n")
    assert host.state().edited == ("source/shop.py",)
    again(host, build)
    assert (source / "shop.py").read_bytes() == b"print(1)\n"
    assert (source / "shop.db").read_bytes() == b"rows"
    assert (source / "shop.db").stat().st_ino == inode, "a process that has it open goes on with it"
    assert (source / "uploads" / "a.jpg").read_bytes() == b"picture"
    kept = host.path.parent.parent / "kept" / NAME / "source" / "shop.py"
    assert kept.read_bytes() == b"print(2)\n"
    assert host.state().kind == "complete"


def test_a_release_that_goes_leaves_what_was_not_built(host: Host) -> None:
    tree_of(host, shop_py=b"print(1)\n", shop_db=b"seed")
    kept = host.path.parent.parent / "kept"
    host.disk.remove_release(str(host.path))
    assert not kept.exists()
    for number in (1, 2):
        tree_of(host, shop_py=b"print(1)\n", shop_db=b"seed")
        (host.path / "source" / "shop.db").write_bytes(b"rows %d" % number)
        host.disk.remove_release(str(host.path))
    assert not host.path.exists()
    assert (kept / NAME / "source" / "shop.db").read_bytes() == b"rows 1"
    assert (kept / f"{NAME}.2" / "source" / "shop.db").read_bytes() == b"rows 2"


def test_data_outlives_a_run_that_is_killed_while_it_builds_again(host: Host) -> None:
    build = tree_of(host, shop_py=b"print(1)\n", shop_db=b"seed")
    (host.path / "source" / "shop.db").write_bytes(b"rows")
    host.disk.set_release_aside(str(host.path))  # and no more
    assert host.state().kind == "partial"
    again(host, build)
    kept = host.path.parent.parent / "kept" / NAME
    assert b"rows" in {
        path.read_bytes() for path in (kept / "source" / "shop.db", host.path / "source" / "shop.db") if path.exists()
    }


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_lies_in_place_of_the_mark_holds_nobody_up(tmp_path: Path, kind: str) -> None:
    mark = tmp_path / release_files.MARK
    os.mkfifo(mark) if kind == "pipe" else mark.symlink_to("/dev/zero")
    assert release_files.read_mark(str(tmp_path)) is None
