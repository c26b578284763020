# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user gets: the tarball is built from a clean copy, installed into an empty path, and used by its FQCN."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WANTED = {
    "FILES.json",
    "MANIFEST.json",
    "README.md",
    "COPYING",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CODE_OF_CONDUCT.md",
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "changelogs/changelog.yaml",
    "meta",
    "plugins",
    "roles",
    "playbooks",
    "examples",
    "docs",
}


@pytest.fixture(scope="session")
def tarball(tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    listing = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.check_output(listing, text=True).split("\0"):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    output = tmp_path_factory.mktemp("output")
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", output, source], check=True)
    return next(output.glob("daemonic-systemd-*.tar.gz"))


@pytest.fixture(scope="session")
def installed(tarball, tmp_path_factory):
    path = tmp_path_factory.mktemp("installed")
    install = ["ansible-galaxy", "collection", "install", "--offline", "--collections-path", path, tarball]
    subprocess.run(install, check=True, env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(path)})
    return path


def test_tarball_holds_only_what_users_need(tarball):
    with tarfile.open(tarball) as archive:
        names = [member.name for member in archive if member.isfile()]
    unwanted = [name for name in names if not {name, name.split("/")[0]} & WANTED or "__pycache__" in name]
    assert unwanted == [], "see build_ignore in galaxy.yml"
    assert {"README.md", "COPYING", "meta/runtime.yml", "plugins/modules/stack.py"} <= set(names)


def run_playbook(installed, tmp_path, *arguments):
    return subprocess.run(
        ["ansible-playbook", *arguments],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(installed)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def test_installed_collection_deploys(installed, tmp_path):
    result = run_playbook(installed, tmp_path, Path(__file__).with_name("playbook.yml"))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", ["deploy", "rollback"])
def test_its_playbooks_are_found(installed, tmp_path, name):
    result = run_playbook(installed, tmp_path, f"daemonic.systemd.{name}", "--list-tasks", "--list-hosts")
    assert result.returncode == 0, result.stdout
    assert "Judge the transactions" in result.stdout
    assert os.environ["DAEMONIC_HOSTS"].split()[1] in result.stdout
