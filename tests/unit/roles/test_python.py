# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""roles/daemons/files/python.sh: by what each family of distributions brings Python, with programs that only take notes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "roles/daemons/files/python.sh"
SYSTEM = "PATH=/usr/bin:/bin"
APT = ["apt-get -q update", "apt-get -q -y -o DPkg::Lock::Timeout=60 --no-install-recommends install python3 python3-venv"]
DNF = ["dnf -q -y install python3"]
ZYPPER = ["zypper -q --non-interactive install python3"]


def run(folder: Path, release: str, works: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """works: the condition under which Python's environments do. Returns what came of it, and what was called."""
    notes = folder / "notes"
    notes.touch()
    programs = {name: f'echo "{name} $*" >>{notes}; echo "{name} says" ' for name in ("apt-get", "dnf", "zypper")}
    for name, body in {**programs, "python3": works.format(notes=notes)}.items():
        (folder / name).write_text(f"#!/bin/sh\n{SYSTEM}\n{body}\n")
        (folder / name).chmod(0o755)
    (folder / "os-release").write_text(release)
    text = SCRIPT.read_text(encoding="utf-8").replace("/etc/os-release", str(folder / "os-release"))
    environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", text], env=environment, capture_output=True, text=True, check=False)
    return done, notes.read_text().splitlines()


AFTER_INSTALLATION = "grep -q install {notes}"


@pytest.mark.parametrize(
    ("release", "calls"),
    [
        pytest.param("ID=debian\n", APT, id="Debian"),
        pytest.param("ID=linuxmint\nID_LIKE='ubuntu debian'\n", APT, id="Mint"),
        pytest.param("ID=fedora\n", DNF, id="Fedora"),
        pytest.param('ID="rhel"\nID_LIKE="fedora"\n', DNF, id="Red Hat"),
        pytest.param('ID="rocky"\nID_LIKE="rhel centos fedora"\n', DNF, id="Rocky"),
        pytest.param('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', ZYPPER, id="openSUSE"),
        pytest.param('ID="sles"\nID_LIKE="suse"\n', ZYPPER, id="SLES"),
    ],
)
def test_family(tmp_path: Path, release: str, calls: list[str]) -> None:
    done, called = run(tmp_path, release, AFTER_INSTALLATION)
    assert (done.returncode, done.stdout, called) == (0, "python is new\n", calls)


def test_where_it_works_nobody_is_asked(tmp_path: Path) -> None:
    done, called = run(tmp_path, "", "true")
    assert (done.returncode, done.stdout, called) == (0, "", [])


def test_in_vain(tmp_path: Path) -> None:
    done, called = run(tmp_path, "ID=fedora\n", "false")
    assert (done.returncode, called) == (1, DNF)
    assert "still cannot make virtual environments" in done.stderr


def test_of_another_family(tmp_path: Path) -> None:
    done, called = run(tmp_path, 'ID=arch\nPRETTY_NAME="Arch Linux"\n', "false")
    assert (done.returncode, called) == (1, [])
    assert "how to install Python on Arch Linux (arch)" in done.stderr
