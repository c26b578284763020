# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may write by an ACL: the attribute as the kernel gives it."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Accounts
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.acls import (
    GROUP,
    OWN_GROUP,
    USER,
    AclEntry,
    acl_of,
    entries_in,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._host.preflight.path_walk import Trails

OWNER, OTHER, MASK, NO = 0x01, 0x20, 0x10, 0xFFFFFFFF


def attribute(*rows: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in rows)


def acl(user: int, mask: int, group: int = 5) -> bytes:
    return attribute(
        (OWNER, 7, NO), (USER, user, 23001), (OWN_GROUP, group, NO), (GROUP, 7, 42), (MASK, mask, NO), (OTHER, 5, NO)
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(acl(7, 7), [AclEntry(USER, 23001), AclEntry(GROUP, 42)], id="a user and a group"),
        pytest.param(acl(5, 7), [AclEntry(GROUP, 42)], id="a user who may read"),
        pytest.param(acl(7, 5), [], id="the mask takes it away"),
        pytest.param(acl(5, 7, 7), [AclEntry(OWN_GROUP, NO), AclEntry(GROUP, 42)], id="the group of the file"),
        pytest.param(b"", [], id="nothing"),
        pytest.param(acl(7, 7)[:-3], [AclEntry(USER, 23001), AclEntry(GROUP, 42)], id="cut short"),
    ],
)
def test_entries(given: bytes, expected: list[AclEntry]) -> None:
    assert list(entries_in(given)) == expected


def test_way_with_an_acl(tmp_path: Path) -> None:
    path = tmp_path / "d"
    path.mkdir()
    assert acl_of(str(path)) is None
    try:
        os.setxattr(path, "system.posix_acl_access", acl(7, 7))
    except OSError:
        pytest.skip("a file system without ACLs")
    step = Trails("", Accounts()).of(str(path))[-1]
    assert "23001" in step.by_acl
    assert step.members == ()
