# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this host keeps secrets: the key of their digests, and systemd-creds, which encrypts them."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Any, Collection

from ..._dataclasses import replace
from ..._declaration.model import Stack
from ..._declaration.problems import Problems, ValidationFailed
from ..._declaration.source import Source
from ..._desired.credentials import Keeping
from ..._desired.desired import File
from ..._desired.scope import Scope
from ..._plan.actions import Action, SetAttributes, WriteFile
from ..._systemd_cli import argv
from ..._text import lines_in
from ..io.commands import CommandFailed, Commands, HostError, which
from ..io.context import HostContext
from ..io.disk import Disk
from ..observation.foreign import digest_key
from ..observation.observe import read_manifest
from .decision import Decision

_KEY_SIZE = 32
_FIRST_WITH_CREDS = 250


class NotSealed(HostError):
    """A credential could not be encrypted."""

    def __init__(self, file: File, error: Exception) -> None:
        super().__init__(f"{file.place} cannot be encrypted: {error}. Nothing was changed.")


def find_keeping(stack: Stack, scope: Scope, disk: Disk, systemd: int) -> Keeping:
    """What is there already, and a key for this run where there is none. Changes nothing. systemd: its version, or 0."""
    has_credentials = any(daemon.credentials for daemon in stack.daemons)
    if not has_credentials and not stack.files:
        return Keeping()
    key = digest_key(scope, disk)
    known = Keeping(key or os.urandom(_KEY_SIZE), not key, has_credentials and _can_encrypt(scope, systemd))
    return _with_sealed(known, stack.name, scope, disk) if known.encrypts else known


def _can_encrypt(scope: Scope, systemd: int) -> bool:
    """Not for an image, which will have its own key; nor for a user, whose manager cannot decrypt with that of the host."""
    if scope.kind != "system" or scope.root or 0 < systemd < _FIRST_WITH_CREDS:
        return False
    return which("systemd-creds", "") != ""


def _with_sealed(keeping: Keeping, stack: str, scope: Scope, disk: Disk) -> Keeping:
    manifest, host_key = read_manifest(disk, scope, stack), _host_key(disk)
    if manifest is None:
        return replace(keeping, host_key=host_key)
    wrote = {path: (digest, manifest.files.get(path, "")) for path, digest in manifest.sealed.items()}
    ours = {path: known for path, known in wrote.items() if disk.state_of(path, known[1]).sha256 == known[1]}
    lost = frozenset(path for path in ours if not _is_from_now(path, manifest.sealed_by.get(path, ""), host_key, disk))
    return replace(keeping, sealed={path: ours[path] for path in ours if path not in lost}, host_key=host_key, lost=lost)


_HOST_KEY, _MACHINE_ID = "/var/lib/systemd/credential.secret", "/etc/machine-id"


def _host_key(disk: Disk) -> str:
    """What tells the key that systemd-creds(1) has made for the host: an image or a backup brings another one, or none. It
    counts for one machine ID alone. The key is long and random, so that a digest of it gives nothing away.
    """
    try:
        return hashlib.sha256(disk.read(_MACHINE_ID) + disk.read(_HOST_KEY)).hexdigest()[:32]
    except OSError:
        return ""


def _is_from_now(path: str, sealed_by: str, host_key: str, disk: Disk) -> bool:
    """An older release of the collection did not note the key: then it must be older than what it has encrypted."""
    if sealed_by:
        return sealed_by == host_key
    try:
        return os.lstat(disk.at(_HOST_KEY)).st_mtime <= os.lstat(disk.at(path)).st_mtime
    except OSError:
        return False


def check_mounts(stack: Stack, scope: Scope, problems: Problems) -> None:
    """systemd makes the folder of a unit's credentials in a mount namespace of its own, and expects it to show in PID 1's.

    Where the mounts of /run are private it does not, and the unit is started without them, in silence (247 to 257).
    systemd itself makes them shared at boot, but not in a container: there the container's manager should.
    """
    daemon = next((daemon for daemon in stack.daemons if daemon.credentials), None)
    if daemon is None or scope.kind != "system" or scope.root:
        return
    with open("/proc/1/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
        shared = is_shared("/run/credentials", stream.read())
    if not shared:
        problems.add(
            f"daemons.{daemon.name}.credentials",
            "private /run",
            "the mounts of this host are private, so that systemd would start the daemon without its credentials",
            "In the container run mount --make-rshared / each time that it has started, or deploy to a host that is none.",
        )


def is_shared(path: str, mountinfo: str) -> bool:
    """Is the mount that holds the path a shared one? mountinfo: proc_pid_mountinfo(5); of equal mount points the last counts."""
    best, shared = "", False
    for line in lines_in(mountinfo):
        fields = line.split(" ")
        point = fields[4].rstrip("/")
        if f"{path}/".startswith(f"{point}/") and len(point) >= len(best):
            best, shared = point, any(field.startswith("shared:") for field in fields[6 : fields.index("-")])
    return shared


def seal(decision: Decision, context: HostContext) -> Decision:
    """The decision with every credential encrypted that is to be written, and the key kept. Raises NotSealed or OSError.

    Not done before everything is checked, nor in check mode: at its first use systemd-creds makes a key of the host.
    """
    if decision.keeping.is_new and decision.desired.has_secrets and decision.plan.actions:
        context.disk.write_json(decision.desired.scope.digest_key_path, decision.keeping.key.hex())
    files = {file.path: _encrypted(file, context.commands) for file in decision.desired.files if file.seal}
    host_key = _host_key(context.disk) if files else ""  # the first use has made it
    files = {path: replace(file, seal=file.seal and replace(file.seal, key=host_key)) for path, file in files.items()}
    if not files:
        return decision

    def with_sealed(action: Action) -> Action:
        is_of_file = isinstance(action, (WriteFile, SetAttributes)) and action.target in files
        return replace(action, file=files[action.target]) if is_of_file else action  # type: ignore[call-arg]

    desired = replace(decision.desired, files=tuple(files.get(file.path, file) for file in decision.desired.files))
    planned = replace(decision.plan, actions=tuple(with_sealed(action) for action in decision.plan.actions))
    return replace(decision, desired=desired, plan=planned)


def _encrypted(file: File, commands: Commands) -> File:
    """The secret goes through pipes: no command line and no file ever has it."""
    if file.seal is None or file.seal.secret is None:
        return file
    try:
        sealed = commands.output(argv.encrypt(file.seal.name), stdin=file.seal.secret).encode()
    except (CommandFailed, OSError) as error:  # OSError: it ended before it had read the secret
        raise NotSealed(file, error) from None
    return replace(file, source=Source.of(file.source.name, sealed), seal=replace(file.seal, secret=None))


def _decrypted(daemon: str, credential: str, path: str, context: HostContext) -> str:
    try:
        return context.commands.output(argv.decrypt(credential, path)).strip()
    except CommandFailed:
        problems = Problems()
        problem = (
            f"the host cannot decrypt the credential {credential} of {daemon}: {_HOST_KEY} or its machine ID is another one now"
        )
        problems.add("state", "rolled_back", problem, "Declare what you want to return to, with the state present.")
        raise ValidationFailed(problems.found) from None


def read_back(daemon: str, credential: str, sealed: Collection[str], context: HostContext) -> dict[str, Any]:
    """A secret that lies on the host, as it is declared. sealed: the paths of those that are encrypted.

    Raises ValidationFailed where it is not there any more.
    """
    path = context.manager.scope.credential_path(daemon, credential)
    if context.disk.state_of(path).kind != "file":
        problems = Problems()
        problem = f"the credential {credential} of {daemon} is not on the host any more"
        problems.add("state", "rolled_back", problem, "Declare what you want to return to, with the state present.")
        problems.raise_if_any()
    if path in sealed:
        text = _decrypted(daemon, credential, path, context)
    else:
        text = base64.b64encode(context.disk.read(path)).decode("ascii")
    return {"content": {"name": credential, "base64": text}}
