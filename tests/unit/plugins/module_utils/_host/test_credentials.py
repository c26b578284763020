# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host keeps secrets with: looked for without touching it, made when a run carries out its plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.credentials import Keeping
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import Scope, scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.context import HostContext
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.manager import Manager
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction import credentials
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction.decision import Decision
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.actions import SetAttributes, WriteFile
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Manifest, Observed
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.tests.unit.plugins.module_utils.builders import daemon, files_of, stack

SYSTEM = scope_of("system")
STACK = stack(daemons={"echo": daemon(credentials={"token": "hunter2"})})
PATH = "/var/lib/daemonic.systemd/credentials/echo/token"


class Creds:
    """systemd-creds: another text each time. rc: what it ends with."""

    def __init__(self, rc: int = 0) -> None:
        self.rc = rc
        self.calls: list[tuple[Sequence[str], bytes | None]] = []

    def __call__(self, argv: Sequence[str], stdin: bytes | None, _environment: Mapping[str, str]) -> tuple[int, str, str]:
        self.calls.append((argv, stdin))
        return self.rc, f"sealed {len(self.calls)}\n", "no OpenSSL\n"


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    """A host below a folder, with the program."""
    (tmp_path / "var/lib").mkdir(parents=True)
    return Disk(str(tmp_path))


@pytest.fixture
def has_creds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "which", lambda name, _root: f"/usr/bin/{name}")


def decided(keeping: Keeping, actions: Any = None) -> Decision:
    wanted = expand(STACK, SYSTEM, Host(keeping=keeping))
    planned = [WriteFile(file.path, "is new", file) for file in wanted.files] if actions is None else actions
    return Decision(STACK, wanted, Observed({}, {}, {}, None), Plan(tuple(planned)), keeping=keeping)


def sealed(decision: Decision, disk: Disk, runner: Any) -> Decision:
    return credentials.seal(decision, HostContext(disk, Commands(runner), Manager(SYSTEM, None, True)))


def content_of(wanted: Desired) -> bytes | None:
    return files_of(wanted)[PATH].source.data


@pytest.mark.parametrize(
    ("scope", "systemd", "encrypts"),
    [
        pytest.param(SYSTEM, 247, False, id="247"),
        pytest.param(SYSTEM, 249, False, id="249"),
        pytest.param(SYSTEM, 250, True, id="250"),
        pytest.param(SYSTEM, 0, True, id="unknown version"),
        pytest.param(scope_of("user", "/home/echo"), 257, False, id="user"),
        pytest.param(scope_of("system", root="/srv/image"), 257, False, id="image"),
    ],
)
@pytest.mark.usefixtures("has_creds")
def test_where_secrets_are_encrypted(disk: Disk, scope: Scope, systemd: int, encrypts: bool) -> None:
    assert credentials.find_keeping(STACK, scope, disk, systemd).encrypts is encrypts


def test_nothing_is_encrypted_without_the_program(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "which", lambda _name, _root: "")
    assert not credentials.find_keeping(STACK, SYSTEM, disk, 257).encrypts


def test_looking_touches_nothing(disk: Disk, tmp_path: Path) -> None:
    keeping = credentials.find_keeping(STACK, SYSTEM, disk, 257)
    assert keeping.is_new
    assert len(keeping.key) == 32
    assert list((tmp_path / "var/lib").iterdir()) == []


def test_stack_without_secrets_needs_no_key(disk: Disk) -> None:
    assert credentials.find_keeping(stack(daemons={"echo": daemon()}), SYSTEM, disk, 257) == Keeping()


def test_key_is_kept(disk: Disk, tmp_path: Path) -> None:
    keeping = credentials.find_keeping(STACK, SYSTEM, disk, 247)
    sealed(decided(keeping), disk, Creds())
    assert (tmp_path / "var/lib/daemonic.systemd/digest-key").stat().st_mode & 0o777 == 0o600
    again = credentials.find_keeping(STACK, SYSTEM, disk, 247)
    assert (again.key, again.is_new) == (keeping.key, False)


@pytest.mark.parametrize("content", ["", "{", "5", '"xyz"', '""'])
def test_spoilt_key_is_made_anew(disk: Disk, tmp_path: Path, content: str) -> None:
    (tmp_path / "var/lib/daemonic.systemd").mkdir()
    (tmp_path / "var/lib/daemonic.systemd/digest-key").write_text(content)
    assert credentials.find_keeping(STACK, SYSTEM, disk, 257).is_new


def test_nothing_to_do_makes_no_key(disk: Disk, tmp_path: Path) -> None:
    sealed(decided(credentials.find_keeping(STACK, SYSTEM, disk, 247), actions=[]), disk, Creds())
    assert list((tmp_path / "var/lib").iterdir()) == []


def test_secret_goes_through_a_pipe(disk: Disk) -> None:
    runner = Creds()
    done = sealed(decided(Keeping(b"key", encrypts=True)), disk, runner)
    ((argv, stdin),) = runner.calls
    assert stdin == b"hunter2"
    assert "hunter2" not in " ".join(argv)
    assert "--name=token" in argv
    assert content_of(done.desired) == b"sealed 1\n"
    assert "hunter2" not in repr(done)


def test_plan_and_record_have_what_is_written(disk: Disk) -> None:
    decision = decided(Keeping(b"key", encrypts=True))
    file = files_of(decision.desired)[PATH]
    done = sealed(decided(decision.keeping, [WriteFile(PATH, "", file), SetAttributes(PATH, "", file)]), disk, Creds())
    assert {action.file for action in done.plan.actions if isinstance(action, (WriteFile, SetAttributes))} == {
        files_of(done.desired)[PATH]
    }


def test_what_lies_there_is_not_encrypted_again(disk: Disk) -> None:
    """Nor is it when its file was changed by hand: then it is another one."""
    for path in ("/etc/machine-id", "/var/lib/systemd/credential.secret"):
        Path(disk.at(path)).parent.mkdir()
        Path(disk.at(path)).write_text("1\n")
    first = sealed(decided(Keeping(b"key", encrypts=True)), disk, Creds())
    file = files_of(first.desired)[PATH]
    assert file.seal
    manifest = Manifest(
        "demo", files={PATH: file.source.sha256}, sealed={PATH: file.seal.digest}, sealed_by={PATH: file.seal.key}
    )
    disk.write_json(SYSTEM.manifest_path("demo"), manifest.as_json())
    disk.write_json(SYSTEM.digest_key_path, b"key".hex())
    place = Path(disk.at(PATH))
    place.parent.mkdir(parents=True)
    for content, calls in ((b"sealed 1\n", 0), (b"tampered", 1)):
        place.write_bytes(content)
        keeping = credentials._with_sealed(Keeping(b"key", encrypts=True), "demo", SYSTEM, disk)
        runner = Creds()
        sealed(decided(keeping), disk, runner)
        assert len(runner.calls) == calls


def test_refusal_to_encrypt(disk: Disk) -> None:
    with pytest.raises(credentials.NotSealed) as refused:
        sealed(decided(Keeping(b"key", encrypts=True)), disk, Creds(rc=1))
    assert "daemons.echo.credentials.token cannot be encrypted" in str(refused.value)
    assert "no OpenSSL" in str(refused.value)
    assert "hunter2" not in str(refused.value)


MOUNTS = """\
235 204 0:68 / / rw,relatime {root}- overlay overlay rw
240 235 0:75 / /run rw,nosuid {run}- tmpfs tmpfs rw
260 240 0:77 / /run/lock rw shared:9 - tmpfs tmpfs rw
261 240 0:78 / /running rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("root", "run", "shared"),
    [
        pytest.param("shared:1 ", "shared:2 ", True, id="host"),
        pytest.param("", "", False, id="container"),
        pytest.param("shared:1 ", "", False, id="only the root"),
        pytest.param("", "shared:2 master:1 ", True, id="shared and slave"),
        pytest.param("", "master:1 ", False, id="slave"),
    ],
)
def test_mounts(root: str, run: str, shared: bool) -> None:
    assert credentials.is_shared("/run/credentials", MOUNTS.format(root=root, run=run)) is shared


def test_mounts_without_a_run_of_its_own() -> None:
    assert credentials.is_shared("/run/credentials", MOUNTS.format(root="shared:1 ", run="").splitlines()[0])


def test_manifest_of_an_older_release(disk: Disk) -> None:
    stored = Manifest("demo", files={PATH: "f" * 64}).as_json()
    del stored["sealed"]
    Path(disk.at("/var/lib/daemonic.systemd")).mkdir()
    Path(disk.at(SYSTEM.manifest_path("demo"))).write_text(json.dumps(stored))
    assert credentials._with_sealed(Keeping(), "demo", SYSTEM, disk).sealed == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [("password hunter2.", "password ********."), ("hunter22", "********"), ("hunter", "hunter"), ("", "")],
)
def test_last_words_without_secrets(text: str, told: str) -> None:
    commands = Commands(Creds())
    commands.hide({"hunter2", "hunter22"})
    assert commands.discreet(text) == told


# The host's own key


def sealed_host(disk: Disk, tmp_path: Path, sealed_by: str) -> Keeping:
    """What is known of a host that has encrypted a file, with the key that it had then."""
    for path, content in {"/etc/machine-id": "1\n", "/var/lib/systemd/credential.secret": "key", PATH: "sealed"}.items():
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).write_text(content)
    known = disk.state_of(PATH).sha256
    noted = credentials._host_key(disk) if sealed_by == "this" else sealed_by
    manifest = Manifest("demo", files={PATH: known}, sealed={PATH: "digest"}, sealed_by={PATH: noted} if noted else {})
    disk.write_json(SYSTEM.manifest_path("demo"), manifest.as_json())
    return credentials._with_sealed(Keeping(b"k"), "demo", SYSTEM, disk)


@pytest.mark.parametrize(
    ("sealed_by", "lost"),
    [("this", False), ("another", True), ("", False)],
    ids=["the same key", "another key", "not noted, by an older release"],
)
def test_what_the_host_cannot_decrypt_any_more_is_encrypted_again(disk: Disk, tmp_path: Path, sealed_by: str, lost: bool) -> None:
    keeping = sealed_host(disk, tmp_path, sealed_by)
    assert (PATH in keeping.lost, PATH in keeping.sealed) == (lost, not lost)
    wanted = expand(STACK, SYSTEM, Host(keeping=replace(keeping, encrypts=True)))
    (seal,) = [file.seal for file in wanted.files if file.seal]
    assert ("credential.secret" in seal.why) == lost


@pytest.mark.parametrize("path", ["/etc/machine-id", "/var/lib/systemd/credential.secret"])
def test_a_lost_key_and_another_machine_id_are_other_keys(disk: Disk, tmp_path: Path, path: str) -> None:
    sealed_host(disk, tmp_path, "this")
    before = credentials._host_key(disk)
    (tmp_path / path[1:]).write_text("2\n")
    assert credentials._host_key(disk) != before
    (tmp_path / path[1:]).unlink()
    assert credentials._host_key(disk) == ""
