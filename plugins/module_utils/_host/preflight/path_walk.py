# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a path on the managed node, name by name, as lstat(2) sees it: links are followed by hand, within an image too."""

from __future__ import annotations

import os
import stat
from typing import Collection, Mapping, Sequence

from ..._checks.folders import Declared, check_folders
from ..._checks.safety import PathStep, StepKind, check_safety
from ..._checks.trusted_paths import Owner, Use, uses_of
from ..._checks.written_units import Written
from ..._dataclasses import replace
from ..._declaration.problems import Problems
from ..._desired.desired import Desired
from ..._desired.sysusers_tmpfiles import attributes_in, made_accounts
from ..._plan.actions import WRITES, Action, Remove, RemoveDirectory, SetAttributes
from ..._plan.observed import Observed
from ..io import acls
from ..io.accounts import Accounts
from ..io.acls import AclEntry, acl_of
from ..io.commands import which
from ..io.context import HostContext
from .shebangs import with_interpreters

_LINKS_AT_MOST = 40  # as the kernel: path_resolution(7)


def check_ways(desired: Desired, observed: Observed, units: Sequence[Written], context: HostContext, problems: Problems) -> None:
    """Look at the way to each path that has power over a unit."""
    user = context.manager.user
    owner = Owner(user.name, user.home) if user else Owner()
    check_uses([(unit, uses_of(unit, observed, desired.scope, owner)) for unit in units], desired, context, problems)


def check_uses(uses: Sequence[tuple[Written, Sequence[Use]]], desired: Desired, context: HostContext, problems: Problems) -> None:
    """The same of paths that are known, and of the interpreters that the #! lines of their files name."""
    user, root, accounts = context.manager.user, desired.scope.root, context.disk.accounts
    owner = Owner(user.name, user.home) if user else Owner()
    with context.disk.as_owner():  # what a user may not read, root does not read for him
        uses = [(unit, with_interpreters(each, desired, root)) for unit, each in uses]
    ways = Trails(root, accounts)
    trails = {}
    for path in {use.path for _unit, each in uses for use in each}:
        found = path if path.startswith("/") else which(path, root)
        trails[path] = ways.of(found) if found else ()
    groups = {file.group for file in desired.files if file.group and (file.mode or 0) & stat.S_IWGRP}
    groups |= {given.group for given in attributes_in(desired.files).values() if given.group and not given.group.isdigit()}
    new = made_accounts(desired.files).groups  # nobody is in them yet, but for the users of the same file
    members = {group: _members(group, accounts, new) for group in groups if group != "root"}
    check_safety(uses, trails, members, owner, desired, problems)


def check_declared(desired: Desired, actions: Sequence[Action], context: HostContext, problems: Problems) -> None:
    """Look at the folders in which something is about to change. Only root can be led astray there."""
    if context.manager.user or os.geteuid() != 0:
        return
    places = {**{link.path: link.path for link in desired.links}, **{file.path: file.place for file in desired.files}}
    declared = [
        Declared(action.target, places.get(action.target, action.target), isinstance(action, (Remove, RemoveDirectory)))
        for action in actions
        if isinstance(action, _CHANGING)
    ]
    ways = Trails(desired.scope.root, context.disk.accounts)
    check_folders(declared, {each.path: ways.of(each.path) for each in declared}, Owner(), problems)


_CHANGING = (*WRITES, SetAttributes, Remove, RemoveDirectory)


def _members(group: str, accounts: Accounts, new: Collection[str]) -> tuple[str, ...]:
    try:
        return accounts.members(accounts.gid(group))
    except KeyError:
        if group not in new:
            raise
        return (group,)


class Trails:
    """Each name is looked at once in a run."""

    def __init__(self, root: str, accounts: Accounts) -> None:
        self._root = root
        self._accounts = accounts
        self._seen: dict[str, tuple[PathStep, str]] = {}

    def of(self, path: str) -> tuple[PathStep, ...]:
        """From "/" to the path, or to the first name that is missing or cannot be looked at."""
        steps = [self._look("/")[0]]
        waiting = [(name, True) for name in _names(path)]
        here, asked, links = "", "", 0
        while waiting:
            name, is_asked = waiting.pop(0)
            if name == "..":
                here = here.rpartition("/")[0]
                continue
            asked = f"{asked}/{name}" if is_asked else asked
            try:
                step, target = self._look(f"{here}/{name}")
            except OSError:
                break
            steps.append(replace(step, asked=asked if is_asked else ""))
            if step.kind == "link":
                links += 1
                if links > _LINKS_AT_MOST:
                    break
                here = "" if target.startswith("/") else here
                waiting = [*((part, False) for part in _names(target)), *waiting]
            elif step.kind == "missing":
                break
            else:
                here = step.path
        return tuple(steps)

    def _look(self, path: str) -> tuple[PathStep, str]:
        if path not in self._seen:
            self._seen[path] = self._read(path)
        return self._seen[path]

    def _read(self, path: str) -> tuple[PathStep, str]:
        """The step, and where it leads if it is a link. Raises OSError."""
        at = f"{self._root}{path}"
        try:
            info = os.lstat(at)
        except (FileNotFoundError, NotADirectoryError):
            return PathStep(path, kind="missing"), ""
        mode = stat.S_IMODE(info.st_mode)
        writes = mode & stat.S_IWGRP and not stat.S_ISLNK(info.st_mode)
        acl = acl_of(at) if writes else None
        step = PathStep(
            path=path,
            kind=_KINDS.get(stat.S_IFMT(info.st_mode), "other"),
            mode=mode,
            owner=self._accounts.user_name(info.st_uid),
            group=self._accounts.group_name(info.st_gid),
            members=self._accounts.members(info.st_gid) if writes and acl is None and info.st_gid != 0 else (),
            by_acl=self._writers_by(acl, info.st_gid) if acl else (),
        )
        return step, os.readlink(at) if step.kind == "link" else ""

    def _writers_by(self, acl: Sequence[AclEntry], gid: int) -> tuple[str, ...]:
        users = [self._accounts.user_name(entry.number) for entry in acl if entry.kind == acls.USER]
        groups = [gid if entry.kind == acls.OWN_GROUP else entry.number for entry in acl if entry.kind != acls.USER]
        members = [name for group in groups if group != 0 for name in self._accounts.members(group)]
        return tuple(dict.fromkeys([*users, *members]))


_KINDS: Mapping[int, StepKind] = {
    stat.S_IFDIR: "directory",
    stat.S_IFREG: "file",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "pipe",  # whoever can write to it decides what is read
    stat.S_IFSOCK: "pipe",
}


def _names(path: str) -> Sequence[str]:
    return [name for name in path.split("/") if name not in ("", ".")]
