# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`users`: what is taken, and what is refused before a host is touched."""

from __future__ import annotations

from typing import Any

import pytest

from ..builders import desired, problem_of, stack, text_of


def lines(**users: Any) -> list[str]:
    return text_of(desired(users=users), "/etc/sysusers.d/daemonic-demo.conf").splitlines()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(None, ["u shop - - - -"], id="nothing said"),
        pytest.param({"uid": 1310}, ["u shop 1310 - - -"], id="number"),
        pytest.param({"description": 'The "shop" 100% \\'}, ['u shop - "The \\"shop\\" 100%% \\\\" - -'], id="description"),
        pytest.param({"home": "/srv/a b", "shell": "/bin/sh"}, ['u shop - - "/srv/a b" "/bin/sh"'], id="home and shell"),
        pytest.param({"group": "shop"}, ["u shop - - - -"], id="its own group"),
        pytest.param({"group": "web", "uid": 7}, ["g web -", "u shop 7:web - - -"], id="another group"),
        pytest.param({"groups": "media video"}, ["u shop - - - -", "m shop media", "m shop video"], id="further groups"),
    ],
)
def test_lines(entry: Any, expected: list[str]) -> None:
    assert lines(shop=entry) == expected


def test_several_in_one_file() -> None:
    assert lines(b=None, a=None) == ["u a - - - -", "u b - - - -"]


def test_none_needs_no_file() -> None:
    assert desired(users={}).files == ()


@pytest.mark.parametrize(
    ("name", "entry", "place"),
    [
        ("fo.o", None, "users.fo.o"),
        ("1a", None, "users.1a"),
        ("a" * 32, None, f"users.{'a' * 32}"),
        ("root", None, "users.root"),
        ("shop", "x", "users.shop"),
        ("shop", {"hoem": "/"}, "users.shop.hoem"),
        ("shop", {"uid": 0}, "users.shop.uid"),
        ("shop", {"uid": 65535}, "users.shop.uid"),
        ("shop", {"uid": True}, "users.shop.uid"),
        ("shop", {"home": "srv"}, "users.shop.home"),
        ("shop", {"home": "/a:b"}, "users.shop.home"),
        ("shop", {"description": "a:b"}, "users.shop.description"),
        ("shop", {"group": "a b"}, "users.shop.group"),
        ("shop", {"groups": ["a", "b:"]}, "users.shop.groups"),
    ],
)
def test_refused(name: str, entry: Any, place: str) -> None:
    assert problem_of(users={name: entry}).place == place


def test_a_user_cannot_make_accounts() -> None:
    found = problem_of(users={"shop": None}, scope="user", scope_user="echo")
    assert found.problem == "a user cannot make accounts"


def test_absent_needs_none() -> None:
    assert stack(state="absent", users={"fo.o": None}).users == ()
