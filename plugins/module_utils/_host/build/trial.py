# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial needs on the host: its user, the contents of files, credentials; all of it goes with it."""

from __future__ import annotations

import base64
import contextlib
import errno
import fnmatch
import glob
import grp
import json
import os
import pwd
import shutil
import stat
import tempfile
import uuid
from typing import Iterator

from ..._dataclasses import replace
from ..._desired import venv_commands
from ..._desired.desired import Build
from ..._desired.identity import THROW_AWAY, Identity
from ..._desired.trial import PATH, EnvironmentFile, Trial, environment_in
from ..._systemd_cli import argv
from ..io.commands import CommandFailed, Commands
from ..io.disk import Disk
from ..io.sandbox import Sandbox, account_of

_PREFIX = "daemonic-trial-"
_MOST = 4 << 20  # bytes of a file that is read for a trial; a credential has 1 MiB at most


class Stage:
    """What a trial is given. who: as whom it runs; given: what it reads (installer.START)."""

    def __init__(self, build: Build, commands: Commands, disk: Disk, sandbox: Sandbox) -> None:
        self._build, self._commands, self._disk, self._sandbox = build, commands, disk, sandbox
        declared = Trial(
            environment={key: str(value) for key, value in build.environment.items()},
            who=Identity(build.user, is_dynamic=build.runs_unprivileged and not build.user),
        )
        self._trial = build.trial or replace(declared, directory=build.working_directory)
        self.who = self._known(self._trial.who)
        self._folders: list[str] = []
        self._files: dict[str, bytes] = {}
        self._folder = ""
        self.given = b""

    def _known(self, who: Identity) -> Identity:
        """A dynamic user is made for the trial. One that this run is yet to make, or whose name is not known, is no user yet."""
        if self._commands.is_for_user or who.is_root:
            return who
        return THROW_AWAY if who.is_dynamic or _account_of(who.user) is None else self._with_groups(who)

    def _with_groups(self, who: Identity) -> Identity:
        known = [name for name in who.groups if _is_group(name)]
        return replace(who, group=who.group if _is_group(who.group) else "", groups=tuple(known))

    def __enter__(self) -> Stage:
        """In a unit the folder is one of a /tmp of its own; else it is made here, by who runs this."""
        self._folder = f"/tmp/{_PREFIX}{uuid.uuid4().hex}" if self._sandbox.has_units else self._own_folder()
        directories = [self._home if self._trial.directory == "~" else self._trial.directory, self._build.working_directory, "/"]
        call = {
            "program": venv_commands.TRY,
            "directories": [path for path in directories if path.startswith("/")],
            "environment": self._environment(),
            "folders": [self._folder, *self._folders],
            "files": {path: base64.b64encode(data).decode() for path, data in self._files.items()},
        }
        self.given = json.dumps(call).encode()
        return self

    def __exit__(self, *_error: object) -> None:
        if not self._sandbox.has_units:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _own_folder(self) -> str:
        """Empty, so that it can be given away."""
        folder = tempfile.mkdtemp(prefix=_PREFIX, dir="/run" if os.geteuid() == 0 else None)
        if os.geteuid() == 0 and not self.who.is_root:
            account = account_of(self.who)
            os.chown(folder, account.pw_uid, account.pw_gid)
        return folder

    @property
    def _account(self) -> pwd.struct_passwd | None:
        """The user who is set by the unit or its manager; None for root's without User=, and for a throwaway one."""
        if self._commands.is_for_user:
            return pwd.getpwuid(self._commands.uid)
        return _account_of(self.who.user) if self.who.user else None

    @property
    def _home(self) -> str:
        account = self._account
        return account.pw_dir if account else os.path.expanduser("~root")

    def _environment(self) -> dict[str, str]:
        """As systemd makes it (systemd.exec(5)): what comes later wins."""
        found = {"PATH": PATH, "INVOCATION_ID": uuid.uuid4().hex}
        user = self._account
        if user:
            found.update(HOME=self._home, USER=user.pw_name, LOGNAME=user.pw_name, SHELL=user.pw_shell or "/bin/sh")
        if self._commands.is_for_user:
            found["XDG_RUNTIME_DIR"] = f"/run/user/{self._commands.uid}"
        found.update({variable: self._directories(paths) for variable, paths in self._trial.directories.items()})
        found.update(self._credentials())
        found.update(self._trial.environment)
        for file in self._trial.environment_files:
            with self._disk.as_owner():
                contents = list(_contents(file))
            for data in contents:
                found.update(environment_in(data.decode("utf-8", "replace")))
        unset = {word.partition("=")[0]: word for word in self._trial.unset}
        return {key: value for key, value in found.items() if unset.get(key) not in (key, f"{key}={value}")}

    def _directories(self, paths: tuple[str, ...]) -> str:
        """Those that are there; for the others something that goes with the trial."""
        stays = not self._trial.who.is_dynamic
        return ":".join(path if stays and os.path.isdir(path) else self._stand_in(path) for path in paths)

    def _stand_in(self, path: str) -> str:
        folder = f"{self._folder}/{path.strip('/').replace('/', '-')}"
        self._folders.append(folder)
        return folder

    def _credentials(self) -> dict[str, str]:
        contents = {**dict(self._loaded()), **self._trial.credentials}
        if not contents:
            return {}
        folder = self._stand_in("/credentials")
        self._files.update({f"{folder}/{name}": data for name, data in contents.items()})
        return {"CREDENTIALS_DIRECTORY": folder}

    def _loaded(self) -> Iterator[tuple[str, bytes]]:
        """What cannot be read is missed by the daemon as well, or is there only when it starts."""
        for name, (path, is_encrypted) in self._trial.credential_files.items():
            with contextlib.suppress(OSError, CommandFailed, ValueError):
                if is_encrypted:
                    yield name, base64.b64decode(self._commands.output(argv.decrypt(name, path)))
                else:
                    with self._disk.as_owner():
                        data = _bytes_of(path)
                    yield name, data


def _account_of(user: str) -> pwd.struct_passwd | None:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
    return None


def _is_group(name: str) -> bool:
    with contextlib.suppress(KeyError):
        return bool(name) and (name.isdigit() or bool(grp.getgrnam(name)))
    return False


def _contents(file: EnvironmentFile) -> Iterator[bytes]:
    """What this run writes wins over what lies there; the pattern may fit several, which are read in order."""
    paths = {*fnmatch.filter(file.written, file.path), *glob.glob(file.path), *([file.path] if file.path in file.written else [])}
    for path in sorted(paths):
        if path in file.written:
            yield file.written[path]
            continue
        with contextlib.suppress(OSError):
            yield _bytes_of(path)


def _bytes_of(path: str) -> bytes:
    """Of a regular file alone: others may have put a pipe there, which would be waited for without an end. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", path)
        return stream.read(_MOST)
