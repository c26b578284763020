# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials of a daemon → files that root alone may read, and the directives that load them.

systemd reads them at each start and gives the daemon's user alone a copy, in memory (systemd.exec(5), "CREDENTIALS").
Where the host has systemd-creds they lie encrypted. That gives other bytes each time, so what lies there is known by
the digest of what was encrypted. Digests of secrets are made with a key of the host, since a short secret could be
found by trying, and the stamp of a unit can be read by all.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Mapping

from .._dataclasses import dataclass, field
from .._declaration.model import Daemon, Stack
from .._declaration.problems import Problems
from .._declaration.source import Source, content_of
from .desired import File, Seal
from .scope import Scope

_MODE = 0o600
# Shorter texts would be hidden where they stand by chance; in longer ones each line costs a pass over those words.
_HIDDEN_FROM = 6
_HIDDEN_AT_MOST = 16 * 1024
_LOST = "the host cannot decrypt it any more: its key, /var/lib/systemd/credential.secret, or its machine ID is another one now"
_NOT_SEALED_YET = "not encrypted yet"  # differs from every digest, so that the plan has it written


@dataclass(frozen=True)
class Keeping:
    """How a host keeps secrets. key: for their digests, is_new: made by this run. encrypts: it has systemd-creds.

    sealed: path → (digest of what was encrypted, sha256 of what lies there), of files that are as we wrote them, and that the
    host can decrypt. host_key: what tells its key for that from another one. lost: the files that it cannot decrypt any more.
    """

    key: bytes = field(default=b"", repr=False)
    is_new: bool = False
    encrypts: bool = False
    sealed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    host_key: str = ""
    lost: frozenset[str] = frozenset()

    def digest(self, file: File) -> str:
        """What tells this content from another one, and can be shown to everybody."""
        if file.seal:
            return file.seal.digest
        return self.keyed(file.source) if file.is_secret else file.source.sha256

    def keyed(self, secret: Source) -> str:
        return hmac.new(self.key, secret.sha256.encode(), hashlib.sha256).hexdigest()


def files_of(daemon: Daemon, scope: Scope, keeping: Keeping) -> list[File]:
    return [_file(daemon, name, secret, scope, keeping) for name, secret in sorted((daemon.credentials or {}).items())]


def _file(daemon: Daemon, name: str, secret: Source, scope: Scope, keeping: Keeping) -> File:
    path = scope.credential_path(daemon.name, name)
    owner = None if scope.kind == "user" else "root"
    place = f"daemons.{daemon.name}.credentials.{name}"
    if not keeping.encrypts:
        return File(path, secret, place, owner, owner, _MODE)
    digest = keeping.keyed(secret)
    known, sha256 = keeping.sealed.get(path, ("", ""))
    source = Source(name, sha256 if known == digest else _NOT_SEALED_YET, 0, b"")
    why = _LOST if path in keeping.lost else ""
    seal = Seal(name, digest, None if known == digest else secret.data, keeping.host_key, why)
    return File(path, source, place, owner, owner, _MODE, seal)


def directives_of(daemon: Daemon, scope: Scope, keeping: Keeping) -> dict[str, Any]:
    """The directives of [Service], those of the user's own that have the same key included."""
    if not daemon.credentials:
        return {}
    key = "LoadCredentialEncrypted" if keeping.encrypts else "LoadCredential"
    lines = [f"{name}:{scope.credential_path(daemon.name, name)}".replace("%", "%%") for name in sorted(daemon.credentials)]
    theirs = (daemon.service or {}).get(key, [])
    return {key: [*lines, *(theirs if isinstance(theirs, (list, tuple)) else [theirs])]}


def check(daemon: Daemon, scope: Scope, problems: Problems) -> None:
    if daemon.credentials and scope.kind == "global":
        problems.add(
            f"daemons.{daemon.name}.credentials",
            ", ".join(sorted(daemon.credentials)),
            "the services of all users cannot be given a secret that root alone may read",
            "Deploy the stack in scope: user, for each user.",
        )


def texts_to_hide(stack: Stack) -> set[str]:
    """What a task must not return though a daemon may print it, in its last words when it fails. Line by line."""
    secrets = [content_of(secret) for daemon in stack.daemons for secret in (daemon.credentials or {}).values()]
    texts = (secret.decode("utf-8", "replace") for secret in secrets if len(secret) <= _HIDDEN_AT_MOST)
    return {line.strip() for text in texts for line in text.splitlines() if len(line.strip()) >= _HIDDEN_FROM}
