# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the host has what a unit needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.needs import (
    DIRECTORY,
    FILE,
    GROUP,
    MISSING,
    NOT_A_DIRECTORY,
    NOT_EXECUTABLE,
    PROGRAM,
    SCRIPT,
    THERE,
    USER,
    Need,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Accounts
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.preflight import host_checks


@pytest.fixture
def host(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "run").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "run").chmod(0o755)
    (tmp_path / "bin" / "data").write_text("")
    (tmp_path / "bin" / "data").chmod(0o644)
    (tmp_path / "link").symlink_to("bin")
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "name", "state"),
    [
        pytest.param(FILE, "bin/data", THERE, id="file"),
        pytest.param(FILE, "bin/nosuch", MISSING, id="no file"),
        pytest.param(SCRIPT, "bin/data", THERE, id="script"),
        pytest.param(DIRECTORY, "bin", THERE, id="directory"),
        pytest.param(DIRECTORY, "link", THERE, id="link to a directory"),
        pytest.param(DIRECTORY, "bin/data", NOT_A_DIRECTORY, id="no directory"),
        pytest.param(PROGRAM, "bin/run", THERE, id="program"),
        pytest.param(PROGRAM, "bin/data", NOT_EXECUTABLE, id="no program"),
        pytest.param(PROGRAM, "bin", NOT_EXECUTABLE, id="directory that is no program"),
    ],
)
def test_paths(host: Path, kind: str, name: str, state: str) -> None:
    nobody: frozenset[str] = frozenset()
    assert host_checks._state_of(Need(kind, f"{host}/{name}", ""), "", Accounts(), (nobody, nobody)) == state


@pytest.mark.parametrize(("name", "state"), [("run", THERE), ("data", NOT_EXECUTABLE), ("nosuch", MISSING)])
def test_search_path(host: Path, name: str, state: str) -> None:
    nobody: frozenset[str] = frozenset()
    need = Need(PROGRAM, name, "", (f"{host}/nosuch", f"{host}/bin"))
    assert host_checks._state_of(need, "", Accounts(), (nobody, nobody)) == state


def test_links_of_an_image_may_lead_out_of_it(host: Path) -> None:
    nobody: frozenset[str] = frozenset()
    assert host_checks._state_of(Need(FILE, "/link/nosuch", ""), str(host), Accounts(str(host)), (nobody, nobody)) == THERE
    assert host_checks._state_of(Need(FILE, "/bin/nosuch", ""), str(host), Accounts(str(host)), (nobody, nobody)) == MISSING


def test_accounts_of_an_image(host: Path) -> None:
    (host / "usr/lib/sysusers.d").mkdir(parents=True)
    (host / "usr/lib/sysusers.d" / "a.conf").write_text("u alice - -\ng staff -\n")
    made = host_checks._made_at_boot(Disk(str(host)))
    accounts = Accounts(str(host))
    states = [
        host_checks._state_of(Need(kind, name, ""), str(host), accounts, made)
        for kind, name in ((USER, "alice"), (GROUP, "staff"), (USER, "root"), (USER, "bob"), (GROUP, "bob"))
    ]
    assert states == [THERE, THERE, THERE, MISSING, MISSING]
