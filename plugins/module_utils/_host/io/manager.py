# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service manager of a scope: whose it is, whether it runs, and whether we may change what it reads."""

from __future__ import annotations

import os

from ..._dataclasses import dataclass, replace
from ..._declaration.problems import Problems
from ..._desired.scope import Scope, scope_of
from .accounts import Account, account

_SOCKET = "/run/user/{}/systemd/private"
_TO_CONNECT = 1.0  # seconds


@dataclass(frozen=True)
class Manager:
    """user: None for the system's. is_running: it can be asked. lingers: it runs without a login."""

    scope: Scope
    user: Account | None
    is_running: bool
    lingers: bool = True

    @property
    def lock_path(self) -> str:
        """One run at a time for each manager, whether it runs already or not; where only root, or this user, may write."""
        return f"{self.user.home}/.daemonic.systemd.lock" if self.user else "/run/daemonic.systemd.lock"


def find_manager(
    scope: str = "system", scope_user: str = "", root: str = "", changes: bool = True, may_be_offline: bool = False
) -> Manager:
    """The manager of a scope; scope_user: whose, in the scope of a user, "" for who runs this; root: of an image.

    may_be_offline: where systemd does not run, files and links can still be changed. Raises ValidationFailed where there is none,
    or where `changes` are meant and it is not ours to change.
    """
    problems = Problems()
    if changes and scope == "user" and not scope_user:
        _require_a_choice(problems)
    user = _user(scope_user, problems) if scope == "user" else None
    problems.raise_if_any()
    found = scope_of(scope, user.home if user else "", root.rstrip("/"))
    if user:
        found = replace(found, runtime_directory=f"/run/user/{user.uid}/systemd/user")
    if may_be_offline and not root and _is_offline():
        found = replace(found, has_manager=False)
    if root:
        _require_image(found, problems)
    elif found.has_manager:
        _require_systemd(problems)
    if changes:
        _require_permission(found, user, problems)
    problems.raise_if_any()
    if user is None:
        return Manager(found, None, found.has_manager)
    return Manager(
        found,
        user,
        is_running=found.has_manager and answers(user.uid),
        lingers=os.path.exists(f"/var/lib/systemd/linger/{user.name}"),
    )


def answers(uid: int) -> bool:
    """Does the manager of this user take connections? Of one that was stopped or killed the socket may stay behind."""
    import socket  # few runs are about users

    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_TO_CONNECT)
        try:
            connection.connect(_SOCKET.format(uid))
        except OSError:
            return False
    return True


def _require_a_choice(problems: Problems) -> None:
    """The become: true of a play is meant for its other tasks more often than for a manager of root's own."""
    if os.geteuid() == 0:
        problem = "the task runs as root, and does not say whose manager it means"
        remedy = "Name the user, as in scope_user: alice, or add become_user; for root's own manager write scope_user: root."
        problems.add("scope_user", None, problem, remedy)


def _is_offline() -> bool:
    """As systemctl(1) judges it: told so, in a chroot, or not booted with systemd (sd_booted(3))."""
    told = os.environ.get("SYSTEMD_OFFLINE", "").lower()
    if told:
        return told in ("1", "y", "yes", "t", "true", "on")
    return not os.path.isdir("/run/systemd/system") or _is_chroot()


def _is_chroot() -> bool:
    try:
        return not os.path.samefile("/proc/1/root/.", "/")
    except OSError:  # without /proc, or without permission to look
        return False


def require_running(manager: Manager) -> None:
    """For what asks the manager. Raises ValidationFailed where it does not answer, or not to us."""
    problems, user, me = Problems(), manager.user, os.geteuid()
    if user and me not in (0, user.uid):
        problems.add(
            "become", str(me), f"the manager of {user.name} answers {user.name} and root only", "Add become: true to the task."
        )
    elif user and not manager.is_running:
        remedy = f"Let it run without a login: loginctl enable-linger {user.name}."
        problems.add("scope_user", user.name, "the manager of this user does not run", remedy)
    problems.raise_if_any()


def _user(name: str, problems: Problems) -> Account | None:
    found = account(name)
    if found is None:
        problems.add("scope_user", name, "there is no such user on the host", "Create it first.")
    elif not os.path.isdir(found.home):
        problems.add("scope_user", name, f"the user's home {found.home} does not exist", "Create it first.")
    return found


def _require_image(scope: Scope, problems: Problems) -> None:
    if not os.path.isdir(f"{scope.root}/etc"):
        problems.add("root", scope.root, "is not the root of an image: it has no /etc", "Unpack the image there first.")


def _require_systemd(problems: Problems) -> None:
    """sd_booted(3)"""
    if not os.path.isdir("/run/systemd/system"):
        remedy = "Run this task on hosts that were booted with systemd, or name an image with root."
        problems.add("host", _init_name(), "systemd is not the init of this host", remedy)


def _init_name() -> str:
    try:
        with open("/proc/1/comm", encoding="utf-8") as stream:
            return stream.read().strip()
    except OSError:
        return "unknown"


def _require_permission(scope: Scope, user: Account | None, problems: Problems) -> None:
    me = account("")
    uid = os.geteuid()
    if uid == 0 or (user is not None and user.uid == uid):
        return
    name = me.name if me else str(uid)
    whose = f"{user.name} and root" if user else "root"
    problems.add("become", name, f"{scope.unit_directory} may be changed by {whose} only", "Add become: true to the task.")
