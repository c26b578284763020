# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree is the same wherever and whenever it is packed, and nothing comes along that is not part of it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.tree import (
    ancestors,
    digest_of,
    leading_out,
    stays_inside,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build import release_builder
from ansible_collections.daemonic.systemd.plugins.plugin_utils.packing import Unpackable, digest_and_size, listing, pack
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    (made / "static" / "empty").mkdir(parents=True)
    (made / "shop.py").write_text("import flask\n")
    (made / "manage").write_text("#!/bin/sh\n")
    (made / "manage").chmod(0o755)
    (made / "static" / "ä.css").write_text("body {}\n")
    (made / "main.py").symlink_to("shop.py")
    (made / "static" / "up.py").symlink_to("../shop.py")
    return made


def packed(tree: Path) -> bytes:
    stream = io.BytesIO()
    pack(str(tree), stream)
    return stream.getvalue()


def unpacked(archive: bytes, folder: Path) -> str:
    """The digest of what the host finds."""
    folder.mkdir()
    return digest_of(release_builder._unpack(io.BytesIO(archive), str(folder)))


def test_what_is_sent_is_what_is_found(tree: Path, tmp_path: Path) -> None:
    digest, size = digest_and_size(str(tree))
    assert unpacked(packed(tree), tmp_path / "host") == digest
    assert listing(str(tmp_path / "host")) == listing(str(tree))
    assert size == 7
    assert os.readlink(tmp_path / "host" / "static" / "up.py") == "../shop.py"


def test_time_owner_umask_and_litter_do_not_matter(tree: Path) -> None:
    before = packed(tree)
    os.utime(tree / "shop.py", (1, 1))
    (tree / "shop.py").chmod(0o600)
    for litter in (".git", "__pycache__", ".venv", "static/.mypy_cache"):
        (tree / litter).mkdir()
        (tree / litter / "x").write_text("x")
    (tree / "old.pyc").write_text("x")
    assert packed(tree) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tree: (tree / "shop.py").write_text("import django\n"), id="content"),
        pytest.param(lambda tree: (tree / "shop.py").chmod(0o755), id="executable"),
        pytest.param(lambda tree: (tree / "shop.py").rename(tree / "shop2.py"), id="name"),
        pytest.param(lambda tree: (tree / "static" / "empty").rmdir(), id="empty folder"),
        pytest.param(lambda tree: ((tree / "main.py").unlink(), (tree / "main.py").symlink_to("manage")), id="link"),
        pytest.param(lambda tree: (tree / "new").touch(), id="new"),
    ],
)
def test_what_matters(tree: Path, change: Callable[[Path], object]) -> None:
    before = digest_and_size(str(tree))[0]
    change(tree)
    assert digest_and_size(str(tree))[0] != before


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(lambda tree: (tree / "out").symlink_to("../secret"), "out is a link that leads out", id="link out"),
        pytest.param(lambda tree: (tree / "out").symlink_to("/etc/passwd"), "out is a link that leads out", id="absolute link"),
        pytest.param(lambda tree: os.mkfifo(tree / "pipe"), "pipe is a device, socket or pipe", id="pipe"),
        pytest.param(lambda tree: socket.socket(socket.AF_UNIX).bind(str(tree / "s")), "s is a device", id="socket"),
    ],
)
def test_what_cannot_travel(tree: Path, spoil: Callable[[Path], object], says: str) -> None:
    spoil(tree)
    with pytest.raises(Unpackable, match=says):
        listing(str(tree))


@pytest.mark.parametrize(
    ("path", "target", "inside"),
    [
        ("a", "b", True),
        ("a/b", "../c", True),
        ("a/b", "../../c", False),
        ("a", "..", False),
        ("a", "../a", False),
        ("a", "/a", False),
        ("a/b/c", "../../..", False),
    ],
)
def test_links_stay_inside(path: str, target: str, inside: bool) -> None:
    assert stays_inside(path, target) is inside


@pytest.mark.parametrize(
    ("links", "strange"),
    [
        pytest.param({"a": "b", "b": "c/d"}, "", id="within"),
        pytest.param({"d/up": "..", "a": "d/up/x"}, "", id="up, and still within"),
        pytest.param({"d/e/f/up": "../../..", "m": "d/e/f/up/../../x"}, "m", id="out, by way of one that goes up"),
        pytest.param({"d/e/up": "../..", "m": "d/e/up/../x"}, "m", id="out by one name"),
        pytest.param({"m": "n/..", "n": "o", "o": "."}, "m", id="out, by way of two"),
        pytest.param({"d/l": "../e", "e": "f/g", "m": "d/l/../../../x"}, "m", id="what a link leads to lies elsewhere"),
        pytest.param({"a": "b", "b": "a"}, "", id="in a circle: nowhere"),
        pytest.param({"a": "/etc"}, "a", id="absolute"),
    ],
)
def test_links_that_lead_out_by_way_of_others(links: dict[str, str], strange: str) -> None:
    assert leading_out(links) == strange


@settings(max_examples=examples(300), deadline=None)
@given(
    links=st.dictionaries(
        st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map("/".join),
        st.lists(st.sampled_from(["a", "b", "..", "."]), min_size=1, max_size=5).map("/".join),
        max_size=5,
    )
)
def test_links_that_are_taken_lead_nowhere_else(tmp_path_factory: pytest.TempPathFactory, links: dict[str, str]) -> None:
    """Judged against the kernel: whatever is there of a link is in the tree."""
    tree = tmp_path_factory.mktemp("out") / "tree"
    for folder in ("a/a", "a/b", "b/a", "b/b"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    laid = {}
    for path, target in links.items():
        place = tree / path
        if place.parent.is_dir() and not any((tree / above).is_symlink() for above in ancestors(path)):
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            place.symlink_to(target)
            laid[path] = target
    laid = {path: target for path, target in laid.items() if (tree / path).is_symlink()}
    if not leading_out(laid):
        for path in laid:
            with contextlib.suppress(OSError, RuntimeError):  # it leads nowhere, or in a cycle (Python 3.12 and older)
                real = (tree / path).resolve(strict=True)
                assert f"{real}/".startswith(f"{tree.resolve()}/")


NAMES = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..") and not name.endswith((".pyc", ".pyo")) and len(name.encode()) < 100
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=6), st.data())
def test_any_names_and_contents_survive(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], data: st.DataObject
) -> None:
    here = tmp_path_factory.mktemp("tree")
    tree = here / "tree"
    tree.mkdir()
    for name, content in files.items():
        (tree / name).write_bytes(content)
        (tree / name).chmod(data.draw(st.sampled_from([0o644, 0o700])))
    assert unpacked(packed(tree), here / "host") == digest_and_size(str(tree))[0]
