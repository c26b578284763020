# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials become private files, directives that load them, and stamps that tell nothing of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.credentials import Keeping, texts_to_hide
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ..builders import HOME, daemon, document_of, files_of, problem_of, stack, text_of, unit, units_of

PLACE = "/var/lib/daemonic.systemd/credentials/echo"
PLAIN = Keeping(b"key")
ENCRYPTS = Keeping(b"key", encrypts=True)


def expanded(keeping: Keeping = PLAIN, **params: Any) -> Desired:
    declared = stack(**params)
    return expand(declared, scope_of(declared.scope, HOME, declared.root), Host(keeping=keeping))


def with_secrets(keeping: Keeping = PLAIN, options: Any = None, **secrets: str) -> Desired:
    return expanded(keeping, daemons={"echo": daemon(credentials=secrets, **(options or {}))})


def stamp_of(wanted: Desired, name: str = "echo.service") -> str:
    return units_of(wanted)[name].stamps.restart


def test_plain_file() -> None:
    wanted = with_secrets(token="hunter2")
    file = files_of(wanted)[f"{PLACE}/token"]
    assert (file.owner, file.group, file.mode, file.source.data, file.seal) == ("root", "root", 0o600, b"hunter2", None)
    assert file.is_secret
    assert file.place == "daemons.echo.credentials.token"
    assert document_of(wanted, "echo.service").values("Service", "LoadCredential") == (f"token:{PLACE}/token",)


def test_encrypted_file() -> None:
    wanted = with_secrets(ENCRYPTS, token="hunter2")
    file = files_of(wanted)[f"{PLACE}/token"]
    assert file.source.data == b""
    assert file.seal
    assert (file.seal.name, file.seal.secret) == ("token", b"hunter2")
    assert "hunter2" not in repr(wanted)
    document = document_of(wanted, "echo.service")
    assert document.values("Service", "LoadCredentialEncrypted") == (f"token:{PLACE}/token",)
    assert not document.values("Service", "LoadCredential")


@pytest.mark.parametrize(
    ("secret", "is_known"), [pytest.param("hunter2", True, id="same"), pytest.param("swordfish", False, id="another")]
)
def test_what_lies_there_encrypted_is_taken_for_what_was_encrypted(secret: str, is_known: bool) -> None:
    before = files_of(with_secrets(ENCRYPTS, token="hunter2"))[f"{PLACE}/token"]
    assert before.seal
    keeping = Keeping(b"key", encrypts=True, sealed={f"{PLACE}/token": (before.seal.digest, "f" * 64)})
    file = files_of(with_secrets(keeping, token=secret))[f"{PLACE}/token"]
    assert file.seal
    assert (file.source.sha256 == "f" * 64) == is_known
    assert (file.seal.secret is None) == is_known


def test_stamp_is_the_same_whatever_the_encryption_gave() -> None:
    before = files_of(with_secrets(ENCRYPTS, token="hunter2"))[f"{PLACE}/token"]
    assert before.seal
    keeping = Keeping(b"key", encrypts=True, sealed={f"{PLACE}/token": (before.seal.digest, "f" * 64)})
    assert stamp_of(with_secrets(keeping, token="hunter2")) == stamp_of(with_secrets(ENCRYPTS, token="hunter2"))


@pytest.mark.parametrize("keeping", [PLAIN, ENCRYPTS], ids=["plain", "encrypted"])
def test_stamp_follows_the_secret(keeping: Keeping) -> None:
    assert stamp_of(with_secrets(keeping, token="a")) != stamp_of(with_secrets(keeping, token="b"))
    assert stamp_of(with_secrets(keeping, token="a")) != stamp_of(with_secrets(keeping, other="a"))


SECRETS = st.dictionaries(st.sampled_from(["a", "b"]), st.text("0123456789", min_size=1), min_size=1)


@settings(max_examples=examples(50), deadline=None, database=None)
@given(SECRETS, st.binary(min_size=1), st.binary(min_size=1), st.booleans())
def test_stamp_cannot_be_guessed_without_the_key(secrets: dict[str, str], key: bytes, other: bytes, encrypts: bool) -> None:
    """Who knows all but the key and tries the right secret does not find the stamp. With it, it is always the same."""
    stamps = [stamp_of(with_secrets(Keeping(each, encrypts=encrypts), **secrets)) for each in (key, key, other)]
    assert stamps[0] == stamps[1]
    assert (stamps[0] == stamps[2]) == (key.rstrip(b"\0") == other.rstrip(b"\0"))  # RFC 2104 pads the key with NUL


@pytest.mark.parametrize(
    ("mode", "is_secret"), [("0600", True), ("0640", True), ("0644", False), (None, False)], ids=["0600", "0640", "0644", "open"]
)
def test_files_that_not_all_may_read_are_digested_with_the_key(mode: str | None, is_secret: bool) -> None:
    def wanted(key: bytes) -> Desired:
        return expanded(
            Keeping(key),
            files={"/etc/a.env": {"content": "PIN=1234\n", "mode": mode}},
            units={"a.service": unit(Service={"EnvironmentFile": "/etc/a.env"})},
        )

    assert (stamp_of(wanted(b"one"), "a.service") != stamp_of(wanted(b"two"), "a.service")) == is_secret
    assert wanted(b"one").has_secrets == is_secret


def test_credential_of_a_unit_is_an_input_of_it() -> None:
    declared = {
        "files": {"/etc/the key": {"content": "1", "mode": "0600"}, "/etc/b": "2"},
        "units": {"a.service": unit(Service={"LoadCredential": ["key:/etc/the key", "b:/etc/b"]})},
    }
    assert units_of(expanded(**declared))["a.service"].inputs.keys() == {"/etc/the key", "/etc/b"}


def test_credentials_of_the_user_stay() -> None:
    wanted = with_secrets(options={"service": {"LoadCredential": "mine:/etc/mine"}}, token="a")
    assert document_of(wanted, "echo.service").values("Service", "LoadCredential") == (f"token:{PLACE}/token", "mine:/etc/mine")


def test_no_secret_is_in_a_file_that_all_may_read() -> None:
    wanted = with_secrets(token="hunter2")
    assert [file.path for file in wanted.files if b"hunter2" in (file.source.data or b"")] == [f"{PLACE}/token"]


def test_of_a_user_they_lie_in_the_home() -> None:
    wanted = expanded(scope="user", scope_user="echo", daemons={"echo": daemon(credentials={"token": "a"})})
    file = files_of(wanted)[f"{HOME}/.local/state/daemonic.systemd/credentials/echo/token"]
    assert (file.owner, file.group, file.mode) == (None, None, 0o600)
    assert f"LoadCredential=token:{file.path}\n" in text_of(wanted, "echo.service")


def test_no_secrets_for_all_users() -> None:
    found = problem_of(scope="global", daemons={"echo": daemon(credentials={"token": "hunter2"})})
    assert found.place == "daemons.echo.credentials"
    assert "scope: user" in found.remedy
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("secret", "hidden"),
    [
        pytest.param("hunter2\n", {"hunter2"}, id="without the line break"),
        pytest.param("yes", set(), id="too short"),
        pytest.param("first line\n\nab\n  last line\n", {"first line", "last line"}, id="lines"),
        pytest.param("x" * 20000, set(), id="too long"),
    ],
)
def test_texts_to_hide(secret: str, hidden: set[str]) -> None:
    assert texts_to_hide(stack(daemons={"echo": daemon(credentials={"token": secret})})) == hidden
