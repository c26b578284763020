# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups of the managed node, or of an image that is not running."""

from __future__ import annotations

import grp
import os
import pwd
from typing import Callable, Iterable

from ..._dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int
    home: str


def account(name: str) -> Account | None:
    """The user of that name, or with no name the one who runs this; None where there is none."""
    try:
        entry = pwd.getpwnam(name) if name else pwd.getpwuid(os.geteuid())
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)


class Accounts:
    """Names and numbers. An image has its own /etc/passwd and /etc/group, a host asks its name services."""

    def __init__(self, root: str = "") -> None:
        self._root = root
        self.look()

    def look(self) -> None:
        """Again, when accounts were made."""
        root = self._root
        self._names: dict[tuple[str, int], str] = {}
        self._users = _numbers("/etc/passwd", root) if root else None
        self._groups = _numbers("/etc/group", root) if root else None

    def uid(self, name: str) -> int:
        """Raises KeyError."""
        return pwd.getpwnam(name).pw_uid if self._users is None else self._users[name]

    def gid(self, name: str) -> int:
        """Raises KeyError."""
        return grp.getgrnam(name).gr_gid if self._groups is None else self._groups[name]

    def identity(self, user: str, group: str, supplementary: Iterable[str]) -> tuple[int, frozenset[int]]:
        """The number of a user, and the groups that systemd gives to his processes: none where his own is root's.

        initgroups(3), with Group= in place of the user's own, and SupplementaryGroups= besides. Raises KeyError.
        """
        entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
        gid = self._number(group) if group else entry.pw_gid
        if gid == 0 or entry.pw_uid == 0:
            return entry.pw_uid, frozenset()
        groups = {*os.getgrouplist(entry.pw_name, gid), *map(self._number, supplementary)}
        return entry.pw_uid, frozenset(groups)

    def _number(self, group: str) -> int:
        return int(group) if group.isdigit() else self.gid(group)

    def user_name(self, uid: int) -> str:
        if self._users is not None:
            return _name_of(uid, self._users)
        return self._asked("user", uid, lambda: pwd.getpwuid(uid).pw_name)

    def _asked(self, kind: str, number: int, name: Callable[[], str]) -> str:
        """The host is asked once, since nearly all files have the same owner."""
        if (kind, number) not in self._names:
            try:
                self._names[kind, number] = name()
            except KeyError:
                self._names[kind, number] = str(number)
        return self._names[kind, number]

    def members(self, gid: int) -> tuple[str, ...]:
        """Who is in a group: those that it lists, and the users of the host itself whose own group it is."""
        try:
            listed = _listed(gid, self._root) if self._groups is not None else grp.getgrgid(gid).gr_mem
        except KeyError:
            listed = []
        own = [row[0] for row in _rows("/etc/passwd", self._root) if row[3] == str(gid)]
        return tuple(dict.fromkeys([*listed, *own]))

    def group_name(self, gid: int) -> str:
        if self._groups is not None:
            return _name_of(gid, self._groups)
        return self._asked("group", gid, lambda: grp.getgrgid(gid).gr_name)


def _numbers(path: str, root: str) -> dict[str, int]:
    """root is 0 in an image without such a file, too."""
    return {"root": 0, **{row[0]: int(row[2]) for row in _rows(path, root) if row[2].isdigit()}}


def _rows(path: str, root: str) -> list[list[str]]:
    """The fields of passwd(5) or group(5)."""
    from .door import Door  # which knows accounts, too

    try:
        with Door(root).following(path) as place:
            text = place.read()[0].decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return []
    return [line.split(":") for line in text.split("\n") if line.count(":") >= 3]


def _listed(gid: int, root: str) -> list[str]:
    return [name for row in _rows("/etc/group", root) if row[2] == str(gid) for name in row[3].split(",") if name]


def _name_of(number: int, numbers: dict[str, int]) -> str:
    return next((name for name, found in numbers.items() if found == number), str(number))
