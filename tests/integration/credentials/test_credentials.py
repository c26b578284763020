# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret is where the daemons read it, and nowhere else on the host. The whole of it is searched."""

from __future__ import annotations

import hashlib
import json
import pathlib

import pytest

DAEMONS = {"credentials_dynamic": ("key", "rendered", "token"), "credentials_user": ("token",)}
STATE = "/var/lib/daemonic.systemd"
IN_MEMORY = {
    *(f"/run/credentials/{daemon}.service/{name}" for daemon, names in DAEMONS.items() for name in names),
    "/run/credentials/credentials_own.service/own",
}
HISTORY = f"{STATE}/credentials.history"
GIVEN = {"/etc/credentials/own.env", "/etc/credentials/own.key", HISTORY}  # the history has the contents of files
ON_DISK = {f"{STATE}/credentials/{daemon}/{name}" for daemon, names in DAEMONS.items() for name in names}
RENDERED = (pathlib.Path(__file__).parents[3] / "molecule/credentials/templates/rendered.j2").read_text()
SEARCHED = "/etc /home /opt /root /run /srv /tmp /usr/local /var"


@pytest.fixture
def secret(host) -> str:
    return host.file("/etc/credentials/own.key").content_string


@pytest.fixture
def pattern(secret) -> str:
    """Finds the secret, but not itself."""
    return f"[{secret[0]}]{secret[1:]}"


@pytest.fixture
def encrypts(host) -> bool:
    return host.exists("systemd-creds")


def found_in_files(host, pattern: str, user: str = "root") -> set[str]:
    """Files, but for the journal, which is compressed and asked by its own command."""
    search = f"grep -rlaIs --binary-files=text --exclude-dir=journal -e {pattern} {SEARCHED}"
    return set(host.run("runuser -u %s -- sh -c %s", user, search).stdout.splitlines())


def test_it_is_where_the_daemons_read_it_and_nowhere_else(host, pattern, encrypts):
    expected = IN_MEMORY | GIVEN | (set() if encrypts else ON_DISK)
    assert found_in_files(host, pattern) == expected


@pytest.mark.parametrize("user", ["nobody", "daemon"])
def test_what_another_user_can_read(host, pattern, user):
    """The daemon of a user can read its own, as it must."""
    own = {"/run/credentials/credentials_user.service/token"} if user == "daemon" else set()
    assert found_in_files(host, pattern, user) == own


def test_daemons_have_read_it(host, secret):
    """The last that each has told, of the secrets that it was last given."""
    host.check_output("journalctl --sync")
    contents = {
        "credentials_dynamic": {
            "key": f"{secret}\0".encode() + b"\xff",
            "rendered": RENDERED.replace("{{ secret }}", secret).encode(),
            "token": secret.encode(),
        },
        "credentials_user": {"token": f"{secret}-b".encode()},
        "credentials_own": {"own": secret.encode()},
    }
    for daemon, given in contents.items():
        invocation = host.check_output("systemctl show --property=InvocationID --value %s", daemon)
        told = host.check_output("journalctl --output=cat _SYSTEMD_INVOCATION_ID=%s", invocation)
        expected = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in given.items()]
        assert told.splitlines() == expected


def test_history_has_no_credentials(host, secret):
    """What state: rolled_back returns to: credentials are there by name."""
    history = json.loads(host.file(HISTORY).content_string)
    for deployment in (history["live"], history["previous"]):
        assert deployment["daemons"]["credentials_user"]["credentials"] == {"token": None}
        assert secret not in json.dumps(deployment["daemons"])


def test_journal(host, pattern, secret):
    """The search finds what is there: the digest that a daemon has printed."""
    search = "journalctl --all --output=export | grep -ac -e %s"
    assert int(host.run(search, hashlib.sha256(secret.encode()).hexdigest()).stdout) > 0
    assert int(host.run(search, pattern).stdout) == 0


def test_systemd_shows_nothing(host, pattern):
    shown = host.check_output("systemctl show 'credentials_*'; systemctl cat 'credentials_*'; systemctl show-environment")
    assert "LoadCredential" in shown
    assert pattern[3:] not in shown


def test_digests_do_not_give_it_away(host, secret):
    """Neither alone nor as a part of the stamp: nobody but root may read any."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    assert host.run("runuser -u nobody -- grep -rls -e %s %s", digest, "/etc /opt /run /var").stdout == ""


def test_no_command_line_had_it(host):
    seen = json.loads(host.file("/run/credentials.seen.json").content_string)
    assert seen["controlled"]
    assert seen["looks"] > 5
    assert seen["leaks"] == []


def test_files_are_private(host):
    listed = host.check_output("find %s -printf '%%M %%u %%g %%P\\n'", f"{STATE}").splitlines()
    assert [line for line in listed if not line.startswith(("-rw------- root root", "drwx------ root root"))] == []
    assert len([line for line in listed if line.endswith(("/token", "/key", "/rendered"))]) == 4


def test_a_file_is_of_no_use_elsewhere(host, encrypts):
    """Encrypted with the key of the host, and for its own name alone."""
    if not encrypts:
        pytest.skip("no systemd-creds")
    path = f"{STATE}/credentials/credentials_user/token"
    assert host.run("systemd-creds --name=token decrypt %s -", path).succeeded
    assert host.run("systemd-creds --name=other decrypt %s -", path).failed


def test_nothing_is_left_of_the_transport(host):
    assert host.check_output("find /root/.ansible/tmp /tmp -mindepth 1 '(' -name 'ansible*' -o -name '*.new' ')'") == ""
