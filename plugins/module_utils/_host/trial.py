# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial needs on the host: the contents of files, credentials for its user alone, and that all of it goes."""

from __future__ import annotations

import base64
import contextlib
import errno
import fnmatch
import glob
import json
import os
import pwd
import shutil
import stat
import tempfile
import uuid
from typing import Iterator

from .._dataclasses import replace
from .._desired import installer
from .._desired.desired import Build
from .._desired.trial import PATH, EnvironmentFile, Trial, environment_in
from .._systemctl import argv
from .commands import CommandFailed, Commands

_NOBODY = "nobody"
_PREFIX = "daemonic-trial-"
_MOST = 4 << 20  # bytes of a file that is read for a trial; a credential has 1 MiB at most


class Stage:
    """Around a trial. prefix: as whom it runs; given: what it reads (installer.START)."""

    def __init__(self, build: Build, commands: Commands) -> None:
        declared = Trial(
            environment={key: str(value) for key, value in build.environment.items()},
            user=build.user,
            is_dynamic=build.runs_unprivileged and not build.user,
        )
        self._build, self._commands = build, commands
        self._trial = build.trial or replace(declared, directory=build.working_directory)
        self._account = self._find_account()
        self._folder = ""
        self.given = b""

    def _find_account(self) -> pwd.struct_passwd | None:
        """Code is imported by the user who will run it, never by root for somebody else. None: by who runs this."""
        if self._commands.is_for_user:
            return pwd.getpwuid(self._commands.uid) if self._commands.prefix else None
        if not self._trial.is_unprivileged or os.geteuid() != 0:
            return None
        for name in (self._trial.user, _NOBODY):
            with contextlib.suppress(KeyError):
                return pwd.getpwuid(int(name)) if name.isdigit() else pwd.getpwnam(name)
        return None

    @property
    def prefix(self) -> list[str]:
        if self._commands.is_for_user or self._account is None:
            return self._commands.prefix
        groups = [name for name in (self._trial.group, *self._trial.groups) if name]
        as_groups = ["-g", self._trial.group] if self._trial.group and self._account.pw_name != _NOBODY else []
        more = [word for name in groups[len(as_groups) // 2 :] for word in ("-G", name)] if as_groups else []
        return ["runuser", "-u", self._account.pw_name, *as_groups, *more, "--"]

    def __enter__(self) -> Stage:
        _sweep()
        self._folder = tempfile.mkdtemp(prefix=_PREFIX, dir="/run" if os.geteuid() == 0 else None)
        directories = [self._home if self._trial.directory == "~" else self._trial.directory, self._build.working_directory, "/"]
        call = {
            "program": installer.TRY,
            "directories": [path for path in directories if path.startswith("/")],
            "environment": self._environment(),
        }
        self.given = json.dumps(call).encode()
        self._give(self._folder)  # last: until then nobody but us can change what is in it
        return self

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _home(self) -> str:
        return self._account.pw_dir if self._account else os.path.expanduser("~")

    def _give(self, path: str) -> None:
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _environment(self) -> dict[str, str]:
        """As systemd makes it (systemd.exec(5)): what comes later wins."""
        found = {"PATH": PATH, "INVOCATION_ID": uuid.uuid4().hex}
        user = self._account if self._trial.user or self._commands.is_for_user else None
        if user or self._commands.is_for_user:
            name = user.pw_name if user else pwd.getpwuid(os.geteuid()).pw_name
            found.update(HOME=self._home, USER=name, LOGNAME=name, SHELL=(user.pw_shell if user else "") or "/bin/sh")
        if self._commands.is_for_user:
            found["XDG_RUNTIME_DIR"] = f"/run/user/{self._commands.uid}"
        found.update({variable: self._directories(paths) for variable, paths in self._trial.directories.items()})
        found.update(self._credentials())
        found.update(self._trial.environment)
        for file in self._trial.environment_files:
            for data in _contents(file):
                found.update(environment_in(data.decode("utf-8", "replace")))
        unset = {word.partition("=")[0]: word for word in self._trial.unset}
        return {key: value for key, value in found.items() if unset.get(key) not in (key, f"{key}={value}")}

    def _directories(self, paths: tuple[str, ...]) -> str:
        """Those that are there; for the others something that goes with the trial."""
        return ":".join(path if os.path.isdir(path) and not self._trial.is_dynamic else self._stand_in(path) for path in paths)

    def _stand_in(self, path: str) -> str:
        folder = f"{self._folder}/{path.strip('/').replace('/', '-')}"
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
            self._give(folder)
        return folder

    def _credentials(self) -> dict[str, str]:
        contents = {**dict(self._loaded()), **self._trial.credentials}
        if not contents:
            return {}
        folder = self._stand_in("/credentials")
        for name, data in contents.items():
            path = f"{folder}/{name}"
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as stream:
                stream.write(data)
            self._give(path)
        return {"CREDENTIALS_DIRECTORY": folder}

    def _loaded(self) -> Iterator[tuple[str, bytes]]:
        """What cannot be read is missed by the daemon as well, or is there only when it starts."""
        for name, (path, is_encrypted) in self._trial.credential_files.items():
            with contextlib.suppress(OSError, CommandFailed, ValueError):
                if is_encrypted:
                    yield name, base64.b64decode(self._commands.output(argv.decrypt(name, path)))
                else:
                    yield name, _bytes_of(path)


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


def _sweep() -> None:
    """What a run that was killed has left. One run at a time changes a host, or the daemons of a user."""
    for path in glob.glob(f"/run/{_PREFIX}*") if os.geteuid() == 0 else ():
        shutil.rmtree(path, ignore_errors=True)
