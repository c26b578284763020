# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups of the host, or of an image with files of its own."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Accounts, account

PASSWD = """root:x:0:0:root:/root:/bin/bash
echo:x:901:902::/srv/echo:/usr/sbin/nologin
+nis
odd:x:many:1::/:
"""


@pytest.fixture
def image(tmp_path: Path) -> Accounts:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text(PASSWD)
    (tmp_path / "etc" / "group").write_text("root:x:0:\nechoes:x:902:echo\n")
    return Accounts(str(tmp_path))


def test_image(image: Accounts) -> None:
    assert (image.uid("echo"), image.gid("echoes")) == (901, 902)
    assert (image.user_name(901), image.group_name(902)) == ("echo", "echoes")


def test_numbers_without_a_name_are_shown_as_such(image: Accounts) -> None:
    assert (image.user_name(4000), image.group_name(4000)) == ("4000", "4000")
    assert (Accounts().user_name(4_000_000), Accounts().group_name(4_000_000)) == ("4000000", "4000000")


@pytest.mark.parametrize("name", ["nosuch", "odd", "+nis"])
def test_nobody_of_that_name_in_the_image(image: Accounts, name: str) -> None:
    with pytest.raises(KeyError):
        image.uid(name)
    with pytest.raises(KeyError):
        image.gid(name)


def test_host() -> None:
    assert (Accounts().uid("root"), Accounts().gid("root")) == (0, 0)
    assert (Accounts().user_name(0), Accounts().group_name(0)) == ("root", "root")
    with pytest.raises(KeyError):
        Accounts().uid("nosuchuser")


def test_account() -> None:
    me, root = account(""), account("root")
    assert me is not None
    assert (me.uid, me.home) == (os.geteuid(), pwd.getpwuid(os.geteuid()).pw_dir)
    assert root is not None
    assert (root.name, root.uid, root.gid) == ("root", 0, 0)
    assert account("nosuchuser") is None
