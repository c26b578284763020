# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In whose name something is done: root works in what belongs to a user as this user."""

from __future__ import annotations

import contextlib
import os
import pwd
from typing import Iterator

_NOBODY = 65534


def who_runs_this() -> int:
    """Whoever acts just now: the saved user, whom nothing here changes. seteuid(2)"""
    return os.getresuid()[2]


def as_owner_of(info: os.stat_result, root: str = "") -> contextlib.AbstractContextManager[None]:
    """Nothing can be done there that this user could not do alone. info: of a folder; root: of the image it is in, or ""."""
    if os.geteuid() != 0 or info.st_uid == 0:
        return contextlib.nullcontext()
    return acting_as(info.st_uid, *groups_of(info.st_uid, info.st_gid, root))


def groups_of(uid: int, gid: int, root: str = "") -> tuple[int, list[int]]:
    """The groups of a user; of one whom this host does not know that of what belongs to him, never root's."""
    try:
        known = None if root else pwd.getpwuid(uid)
    except KeyError:
        known = None
    if known is None:
        own = gid or _NOBODY
        return own, [own]
    return known.pw_gid, os.getgrouplist(known.pw_name, known.pw_gid)


@contextlib.contextmanager
def acting_as(uid: int, gid: int, groups: list[int]) -> Iterator[None]:
    """Root only; back to who acted before at the end."""
    before = os.geteuid(), os.getegid(), os.getgroups()
    os.seteuid(0)
    os.setgroups(groups)
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before[1])
        os.setgroups(before[2])
        os.seteuid(before[0])
