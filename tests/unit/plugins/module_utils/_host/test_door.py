# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No way through the door leads to what belongs to others: links, hard links, pipes, devices, foreign owners, and races."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.acting import acting_as
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.door import Door
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.place import UnsafePath, known_by
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

ANNA, BERT = 23001, 23002
is_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
SECRET = b"of root alone"


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Path]:
    """A folder whose way everybody may walk."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o111)
    return tmp_path


def give(path: Path, uid: int) -> Path:
    os.chown(path, uid, uid, follow_symlinks=False)
    return path


def folder(path: Path, uid: int = 0, mode: int = 0o755) -> Path:
    path.mkdir(mode=mode)
    path.chmod(mode)
    return give(path, uid)


def text(path: Path, uid: int = 0, content: bytes = SECRET, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return give(path, uid)


def link(path: Path, target: Any, uid: int = 0) -> Path:
    path.symlink_to(target)
    return give(path, uid)


def read(path: Path, door: Door | None = None) -> bytes:
    with (door or Door()).looking_at(str(path)) as place:
        return place.read()[0]


def write(path: Path, content: bytes, attributes: tuple[int, int, int], door: Door | None = None) -> None:
    with (door or Door()).at(str(path)) as place:
        new = place.beside(".new")
        fd = new.create()
        try:
            os.write(fd, content)
            new.give(fd, attributes)
        finally:
            os.close(fd)
        new.rename(place.name)


# What it is for


def test_writes_what_was_there_is_gone(field: Path) -> None:
    path = text(field / "a", os.geteuid(), b"old")
    write(path, b"new", (os.geteuid(), os.getegid(), 0o640))
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(field) == ["a"]


def test_follows_links_that_root_has_laid(field: Path) -> None:
    folder(field / "real", os.geteuid())
    link(field / "absolute", field / "real", os.geteuid())
    link(field / "relative", "./absolute/../real", os.geteuid())
    text(field / "real" / "a", os.geteuid())
    assert read(field / "relative" / "a") == SECRET
    with Door().following(str(field / "relative")) as place:
        assert place.path.endswith("relative")
        assert place.name == "."


@pytest.mark.parametrize(
    ("path", "error"),
    [
        pytest.param("no/such/a", FileNotFoundError, id="no folder"),
        pytest.param("file/a", NotADirectoryError, id="a file on the way"),
        pytest.param("loop/a", OSError, id="links in a circle"),
        pytest.param("dangling/a", FileNotFoundError, id="a link to nothing"),
    ],
)
def test_errors_name_the_path(field: Path, path: str, error: type[OSError]) -> None:
    text(field / "file", os.geteuid())
    link(field / "loop", "loop", os.geteuid())
    link(field / "dangling", "nothing", os.geteuid())
    with pytest.raises(error) as raised:
        read(field / path)
    assert str(field) in str(raised.value.filename)


def test_a_rename_that_fails_names_the_path(field: Path) -> None:
    """Not that of the version beside it, which nobody has declared."""
    (field / "a" / "full").mkdir(parents=True)
    with pytest.raises(OSError, match="irectory") as raised:
        write(field / "a", b"new", (os.geteuid(), os.getegid(), 0o644))
    assert raised.value.filename == str(field / "a")


def test_an_exchanged_folder_is_noticed(field: Path) -> None:
    door = Door()
    text(folder(field / "d", os.geteuid()) / "a", os.geteuid(), b"one")
    assert read(field / "d" / "a", door) == b"one"
    (field / "d").rename(field / "e")
    text(folder(field / "d", os.geteuid()) / "a", os.geteuid(), b"two")
    assert read(field / "d" / "a", door) == b"two"


def test_many_folders_leave_few_descriptors_open(field: Path) -> None:
    door, before = Door(), len(os.listdir("/proc/self/fd"))
    for number in range(300):
        text(folder(field / str(number), os.geteuid()) / "a", os.geteuid())
        read(field / str(number) / "a", door)
    assert len(os.listdir("/proc/self/fd")) < before + 100
    del door
    assert len(os.listdir("/proc/self/fd")) <= before  # those of other tests may be closed meanwhile


# Kinds of files


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(os.mkfifo, id="a pipe that nobody writes to"),
        pytest.param(os.mkdir, id="a directory"),
        pytest.param(lambda path: os.symlink("/etc/passwd", path), id="a link"),
        pytest.param(lambda path: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5)), id="an endless device", marks=is_root),
    ],
)
def test_reads_regular_files_only_and_waits_for_nobody(field: Path, make: Callable[[str], None]) -> None:
    make(str(field / "a"))
    with pytest.raises(OSError):  # noqa: PT011, a link has another number
        read(field / "a")


def test_reads_so_much_and_no_more(field: Path) -> None:
    path = text(field / "a", os.geteuid(), b"12345")
    with Door().looking_at(str(path)) as place:
        assert place.read(5)[0] == b"12345"
        with pytest.raises(UnsafePath, match="longer than 4 bytes"):
            place.read(4)


# Below the root of an image


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param("/real", b"image", id="absolute"),
        pytest.param("../../../real", b"image", id="up and out"),
        pytest.param("real/../../../../real", b"image", id="down and out"),
    ],
)
def test_links_of_an_image_stay_in_it(field: Path, target: str, expected: bytes) -> None:
    me = os.geteuid()
    image = folder(field / "image", me)
    text(folder(field / "real", me) / "a", me, b"host")
    text(folder(image / "real", me) / "a", me, b"image")
    link(image / "way", target, me)
    assert read(Path("/way/a"), Door(str(image))) == expected
    write(Path("/way/b"), b"new", (me, os.getegid(), 0o644), Door(str(image)))
    assert (image / "real" / "b").read_bytes() == b"new"
    assert os.listdir(field / "real") == ["a"]


# Folders and links of users


@is_root
@pytest.mark.parametrize(
    ("lay", "is_refused"),
    [
        pytest.param(lambda at: link(at / "x", at.parent / "root", ANNA), True, id="her link to root's"),
        pytest.param(lambda at: link(at / "x", at.parent / "bert", ANNA), True, id="her link to another user's"),
        pytest.param(lambda at: link(at / "x", at.parent / "hers", ANNA), False, id="her link to her own"),
        pytest.param(lambda at: link(at / "x", "../hers", ANNA), False, id="relative to her own"),
        pytest.param(lambda at: link(at / "x", at.parent / "root", 0), False, id="root's link may lead anywhere"),
        pytest.param(lambda at: link(link(at / "y", at.parent / "root", 0).parent / "x", "y", ANNA), True, id="by root's link"),
        pytest.param(lambda at: link(at / "x", at.parent / "root" / "sub", ANNA), True, id="deeper"),
        pytest.param(lambda at: link(at / "x", at.parent / "his", ANNA), True, id="by a link of another user"),
    ],
)
def test_a_link_of_a_user_leads_to_her_own(field: Path, lay: Callable[[Path], Any], is_refused: bool) -> None:
    for name, uid in (("root", 0), ("bert", BERT), ("hers", ANNA)):
        text(folder(field / name, uid) / "a", uid)
    text(folder(field / "root" / "sub") / "a")
    link(field / "his", field / "hers", BERT)
    home = folder(field / "home", ANNA)
    lay(home)
    door = Door()
    if is_refused:
        with pytest.raises(UnsafePath, match="symbolic link"):
            read(home / "x" / "a", door)
        with pytest.raises(UnsafePath):
            write(home / "x" / "b", b"new", (0, 0, 0o644), door)
    else:
        assert read(home / "x" / "a", door) == SECRET


@is_root
def test_a_folder_of_a_user_leads_to_no_folder_of_others(field: Path) -> None:
    inner = folder(folder(field / "home", ANNA) / "roots")
    with pytest.raises(UnsafePath, match="a folder of the user 23001 on the way to it leads to something of root"):
        write(inner / "a", b"new", (0, 0, 0o644))
    write(inner / "a", b"new", (0, 0, 0o644), Door(is_lenient=True))
    assert read(inner / "a") == b"new"


@is_root
def test_a_home_may_lie_in_a_folder_of_another_user(field: Path) -> None:
    """In the scope of a user all is done as this user, who has been given that home."""
    home = folder(folder(field / "homes", ANNA) / "bert", BERT)
    with acting_as(BERT, BERT, []):
        write(home / "a", b"new", (BERT, BERT, 0o644))
    assert (home / "a").stat().st_uid == BERT
    with pytest.raises(UnsafePath):
        write(home / "b", b"new", (BERT, BERT, 0o644))


@is_root
def test_root_works_in_the_folder_of_a_user_as_this_user(field: Path) -> None:
    home = folder(field / "home", ANNA)
    with Door().at(str(home / "a")) as place:
        assert os.geteuid() == ANNA
        assert os.getgroups() == [ANNA]
        place.make_directory(0o750)
    assert os.geteuid() == 0
    assert (home / "a").stat().st_uid == ANNA
    assert stat.S_IMODE((home / "a").stat().st_mode) == 0o750


@is_root
def test_what_is_being_written_is_root_s_alone(field: Path) -> None:
    home = folder(field / "home", ANNA)
    with Door().at(str(home / "a")) as place:
        fd = place.create()
        assert os.fstat(fd).st_uid == 0
        assert stat.S_IMODE(os.fstat(fd).st_mode) == 0o600
        place.give(fd, (BERT, ANNA, 0o640))
        os.close(fd)
    info = (home / "a").stat()
    assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (BERT, ANNA, 0o640)


@is_root
def test_a_second_name_of_a_file_of_others_is_not_read(field: Path) -> None:
    secret = text(field / "secret")
    home = folder(field / "home", ANNA)
    os.link(secret, home / "a")
    with pytest.raises(UnsafePath, match="several names"):
        read(home / "a")


@is_root
def test_what_was_exchanged_is_not_put_into_its_place(field: Path) -> None:
    home = folder(field / "home", ANNA)
    with Door().at(str(home / "a")) as place:
        new = place.beside(".new")
        fd = new.create()
        known = known_by(os.fstat(fd))
        os.close(fd)
        (home / ".new").unlink()
        link(home / ".new", "/etc/shadow", ANNA)
        with pytest.raises(UnsafePath, match="exchanged"):
            new.rename("a", known)


# Whatever lies there: nothing outside is written, read or given away


NAMES = ("a", "b", "c")
NODES = st.sampled_from(["directory", "file", "secret", "hard link", "fifo", "device", "link out", "link", "link up"])
TREES = st.dictionaries(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join),
    st.tuples(NODES, st.sampled_from([ANNA, BERT, 0]), st.sampled_from(NAMES)),
    max_size=10,
)


def grow(field: Path, tree: dict[str, tuple[str, int, str]]) -> None:
    """What anna could have made in her folder, and some more: hard links of root's files and folders of root."""
    for name, (kind, uid, other) in sorted(tree.items()):
        path = field / "home" / name
        if os.path.lexists(path) or not path.parent.is_dir() or path.parent.is_symlink():
            continue
        if kind == "directory":
            folder(path, uid, 0o777 if uid == BERT else 0o755)
        elif kind in ("file", "secret"):
            text(path, ANNA, b"of anna", 0o644 if kind == "file" else 0o600)
        elif kind == "hard link":
            os.link(field / "outside" / other, path)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "device":
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
        else:
            targets = {"link out": field / "outside", "link": other, "link up": "../../outside"}
            link(path, targets[kind] / other if kind == "link out" and uid else targets[kind], ANNA)


def remembered(top: Path) -> dict[str, tuple[Any, ...]]:
    found = {}
    for path in [top, *sorted(top.rglob("*"))]:
        info = path.lstat()
        is_file = stat.S_ISREG(info.st_mode)
        content = path.read_bytes() if is_file else sorted(os.listdir(path))
        found[str(path)] = (info.st_uid, info.st_gid, info.st_mode, info.st_ino, content)
    return found


def outside(field: Path) -> Path:
    top = folder(field / "outside")
    for name in NAMES:
        text(top / name)
    text(folder(top / "d") / "a")
    return top


def use(path: Path, seen: list[bytes]) -> None:
    """All that a deployment does with a path."""
    door = Door()
    for look in (door.looking_at, door.following):
        with contextlib.suppress(OSError), look(str(path)) as place:
            place.look()
            seen.append(place.read(1000)[0])
    with contextlib.suppress(OSError):
        write(path, b"new", (ANNA, ANNA, 0o666), door)
    with contextlib.suppress(OSError), door.at(str(path.parent / "made")) as place:
        place.make_directory(0o777)
    with contextlib.suppress(OSError), door.at(str(path)) as place:
        place.link(".old")
        place.beside(".old").unlink()
    with contextlib.suppress(OSError), door.at(str(path)) as place:
        place.unlink()


@is_root
@settings(max_examples=examples(200), deadline=None)
@given(tree=TREES, paths=st.lists(st.sampled_from(["a", "a/b", "a/b/c", "b/a", "c/a/b", "b/c"]), min_size=1, max_size=3))
def test_nothing_outside_is_touched(tmp_path_factory: pytest.TempPathFactory, tree: Any, paths: list[str]) -> None:
    field = tmp_path_factory.mktemp("field")
    before, seen = remembered(outside(field)), []
    folder(field / "home", ANNA)
    grow(field, tree)
    for path in paths:
        use(field / "home" / path, seen)
    assert remembered(field / "outside") == before
    assert SECRET not in seen


@is_root
@pytest.mark.parametrize("target", ["outside", "outside/a"])
def test_nothing_outside_is_touched_while_names_are_swapped(field: Path, target: str) -> None:
    """Anna exchanges a folder, and what lies at each name in it, all the time."""
    before, seen = remembered(outside(field)), []
    home = folder(field / "home", ANNA)
    folder(home / "a", ANNA)
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException), acting_as(ANNA, ANNA, []):
            _swap(home, field / target)
        os._exit(0)
    try:
        for _round in range(200):
            use(home / "a" / "b", seen)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    assert remembered(field / "outside") == before
    assert SECRET not in seen


def _swap(home: Path, target: Path) -> None:
    os.chdir(home)
    while True:
        for name in ("a/b", "a/.new", "a/.old", "a/made"):
            with contextlib.suppress(OSError):
                os.unlink(name)
            with contextlib.suppress(OSError):
                os.symlink(target, name)
        with contextlib.suppress(OSError):
            os.rename("a", "real")
            os.symlink(target, "a")
        with contextlib.suppress(OSError):
            os.unlink("a")
            os.rename("real", "a")
