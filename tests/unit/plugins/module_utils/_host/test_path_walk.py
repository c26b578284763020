# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a path, read name by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Accounts
from ansible_collections.daemonic.systemd.plugins.module_utils._host.preflight.path_walk import Trails


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(
        f"me:x:{os.getuid()}:{os.getgid()}::/home/me:/bin/sh\nanna:x:77:{os.getgid()}::/:/bin/sh\n"
    )
    (tmp_path / "etc/group").write_text(f"us:x:{os.getgid()}:bo,cleo\n")
    (tmp_path / "data/app").mkdir(parents=True)
    (tmp_path / "data/app/run").touch(0o755)
    (tmp_path / "opt").symlink_to("/data")
    (tmp_path / "data/now").symlink_to("app")
    (tmp_path / "data/app/up").symlink_to("../app/run")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "way"),
    [
        pytest.param("/", "/", id="root"),
        pytest.param("/data/app/run", "/ /data /data/app /data/app/run", id="plain"),
        pytest.param("/opt/app/run", "/ /opt /data /data/app /data/app/run", id="an absolute link, within the image"),
        pytest.param("/data/now/run", "/ /data /data/now /data/app /data/app/run", id="a relative link"),
        pytest.param("/data/app/up", "/ /data /data/app /data/app/up /data/app /data/app/run", id="upwards"),
        pytest.param("/data/no/such/file", "/ /data /data/no", id="missing"),
        pytest.param("/data/app/run/more", "/ /data /data/app /data/app/run /data/app/run/more", id="below a file"),
    ],
)
def test_way(path: str, way: str, image: Path) -> None:
    steps = Trails(str(image), Accounts(str(image))).of(path)
    assert " ".join(step.path for step in steps) == way


def test_a_loop_ends(image: Path) -> None:
    assert {step.path for step in Trails(str(image), Accounts(str(image))).of("/loop/a")} == {"/", "/loop"}


def test_what_the_unit_calls_it(image: Path) -> None:
    steps = Trails(str(image), Accounts(str(image))).of("/opt/now/run")
    assert [(step.path, step.asked) for step in steps[1:]] == [
        ("/opt", "/opt"),
        ("/data", ""),
        ("/data/now", "/opt/now"),
        ("/data/app", ""),
        ("/data/app/run", "/opt/now/run"),
    ]


def test_what_is_read(image: Path) -> None:
    os.chmod(image / "data/app/run", 0o775)
    last = Trails(str(image), Accounts(str(image))).of("/data/app/run")[-1]
    assert (last.kind, last.mode) == ("file", 0o775)
    if os.getuid():
        assert (last.owner, last.group, last.members) == ("me", "us", ("bo", "cleo", "me", "anna"))
    else:
        assert last.members == ()  # the group of root


def test_members_of_a_group(image: Path) -> None:
    assert Accounts(str(image)).members(os.getgid()) == ("bo", "cleo", "me", "anna")
    assert Accounts(str(image)).members(4242) == ()
