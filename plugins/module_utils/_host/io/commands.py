# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs on the managed node: the only door to them."""

from __future__ import annotations

import errno
import os
import time
from typing import Callable, Collection, Mapping, Sequence

from ..._systemd_cli.argv import Systemctl
from ..._systemd_cli.lost_connection import is_lost
from .accounts import Account
from .spawn import spawn

# (argv, standard input, environment) → (return code, standard output, standard error)
Runner = Callable[[Sequence[str], "bytes | None", Mapping[str, str]], "tuple[int, str, str]"]


# Where systemd looks for programs (systemd.exec(5), "ExecSearchPath="), not the login: every run finds the same interpreter.
SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class HostError(Exception):
    """The host does not do what it was asked to. The message, for a person, says what and why."""


class CommandFailed(HostError):
    """A program ended with a return code that its caller has not named as acceptable. told: the message, if another one."""

    def __init__(self, argv: Sequence[str], rc: int = 0, stderr: str = "", told: str = "") -> None:
        super().__init__(told or f"{' '.join(argv)} failed with {rc}: {stderr.strip()}")


class NotRun(CommandFailed):
    """There is no such program, or the host cannot run any."""

    def __init__(self, argv: Sequence[str], error: OSError) -> None:
        remedy = _REMEDIES.get(argv[0], f"Install what brings {argv[0]}.") if error.errno == errno.ENOENT else "Look at the host."
        super().__init__(argv, told=f"{argv[0]} cannot be run: {error.strerror}. {remedy}")


_REMEDIES = {
    "systemctl": "It comes with systemd: is an upgrade under way, or is it not in the PATH of the task?",
    "journalctl": "It comes with systemd: is an upgrade under way, or is it not in the PATH of the task?",
}


class Lost(CommandFailed):
    """systemd was not there to answer, time and again."""


# The manager executes itself again when systemd is upgraded, which takes some tenths of a second; clients lose their
# connections then. In seconds.
_PATIENCE = 20
# For a program that runs as a user, who can stop it: longer than systemd takes for anything.
_PATIENCE_WITH_USERS = 300
_INTERVAL = 0.2


class Commands:
    """systemctl: its command lines for the manager of the scope. user: whose manager it is, None for the system's.

    no_block, root: see argv.Systemctl. prefix: what a command line begins with that is to be run by that user.
    """

    def __init__(self, runner: Runner, user: Account | None = None, no_block: bool = False, root: str = "") -> None:
        self._run = runner
        self._hidden: list[str] = []
        self.systemctl = Systemctl(user=user is not None, no_block=no_block, root=root)
        self.uid = user.uid if user else 0
        self.user_name = user.name if user else ""
        self._environment = {"LC_ALL": "C", "SYSTEMD_COLORS": "0"}
        self.prefix: list[str] = []
        if user:
            self._environment.update(XDG_RUNTIME_DIR=f"/run/user/{user.uid}", HOME=user.home)
            if user.uid != os.geteuid():
                self.prefix = ["runuser", "-u", user.name, "--"]

    @property
    def is_for_user(self) -> bool:
        return self.systemctl.is_for_user

    def output(
        self, argv: Sequence[str], accept: Sequence[int] = (0,), as_root: bool = False, stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Standard output. Raises CommandFailed unless the return code is in `accept`. environment: more of it."""
        command = [*([] if as_root else self.prefix), *argv]
        rc, out, err = self._answered(command, stdin, {**self._environment, **(environment or {})}, accept)
        if rc not in accept:
            raise (Lost if is_lost(argv, rc, err) else CommandFailed)(command, rc, err)
        return out

    def _answered(
        self, command: Sequence[str], stdin: bytes | None, environment: Mapping[str, str], accept: Sequence[int]
    ) -> tuple[int, str, str]:
        """What the program says; where the manager was not there to answer it is asked again, for a while."""
        since: float | None = None
        while True:
            rc, out, err = self._run_it(command, stdin, environment)
            if rc in accept or not is_lost(command, rc, err):
                return rc, out, err
            since = time.monotonic() if since is None else since
            if time.monotonic() - since > _PATIENCE:
                return rc, out, err
            time.sleep(_INTERVAL)

    def _run_it(
        self, command: Sequence[str], stdin: bytes | None, environment: Mapping[str, str], limit: float | None = None
    ) -> tuple[int, str, str]:
        if limit is None and command[:1] == self.prefix[:1] != []:
            limit = _PATIENCE_WITH_USERS
        try:
            if limit is not None and self._run is spawn:
                return spawn(command, stdin, environment, limit)
            return self._run(command, stdin, environment)
        except OSError as error:
            raise NotRun(command, error) from error

    def attempt(self, argv: Sequence[str], stdin: bytes | None = None, limit: float | None = None) -> tuple[int, str]:
        """Return code and standard error, for a caller who judges by what the host shows afterwards.

        limit: seconds after which the program is ended, which then returns TIMED_OUT; its jobs go on.
        """
        rc, _out, err = self._run_it([*self.prefix, *argv], stdin, self._environment, limit)
        return rc, err.strip()

    def everything(
        self, command: Sequence[str], environment: Mapping[str, str], stdin: bytes | None = None, limit: float | None = None
    ) -> tuple[int, str]:
        """Return code and all that was said, of a whole command line; in the environment of systemctl with more."""
        rc, out, err = self._run_it(command, stdin, {**self._environment, **environment}, limit)
        return rc, f"{out}{err}"

    def hide(self, secrets: Collection[str]) -> None:
        """What nobody is to be told, though a daemon prints it."""
        self._hidden = sorted(secrets, key=len, reverse=True)

    def discreet(self, text: str) -> str:
        """The words of a daemon without its secrets."""
        for secret in self._hidden:
            text = text.replace(secret, "********")
        return text


def which(name: str, root: str) -> str:
    """A program in systemd's search path; "" where there is none.

    In an image a link may lead out of it, so that the file itself is not looked at.
    """
    candidates = [name] if name.startswith("/") else [f"{directory}/{name}" for directory in SEARCH_PATH]
    fits = _is_program if not root else lambda path: os.path.lexists(f"{root}{path}")
    return next((path for path in candidates if fits(path)), "")


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
