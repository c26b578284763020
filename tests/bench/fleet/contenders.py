# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is measured: the command of each, and where it comes from."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ENV_SH = Path(__file__).parents[2] / "bed" / "env.sh"


@dataclass(frozen=True)
class Contender:
    """steps: what it can be asked for, each with its command. venv: of tests/requirements."""

    name: str
    title: str
    steps: dict[str, tuple[str, ...]]
    venv: str = "run"


def _deploying(*command: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(("first", "same", "change"), command)


def _play(book: str) -> tuple[str, ...]:
    return ("ansible-playbook", "-i", "inventory.ini", book)


CONTENDERS = (
    Contender("ours", "one task of this collection", _deploying(*_play("ours.json"))),
    Contender("ping", "`ansible.builtin.ping`", {"same": _play("ping.yml")}),
    Contender("idiomatic", "tasks and handlers", _deploying(*_play("idiomatic.yml"))),
    Contender("pyinfra", "pyinfra", _deploying("pyinfra", "-y", "pyinfra_inventory.py", "pyinfra_deploy.py"), "pyinfra"),
)


@lru_cache
def folder_of(venv: str) -> Path:
    """The virtual environment, made at first use."""
    command = ["bash", "-c", 'source "$0" && venv "$1"', ENV_SH, venv]
    return Path(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())


def environment(contender: Contender, hosts: int) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{folder_of(contender.venv) / 'bin'}:{os.environ['PATH']}",
        "ANSIBLE_FORKS": str(hosts),  # pyinfra, too, talks to all at once
        "ANSIBLE_SSH_ARGS": "-F ssh_config",
    }


def write_inventories(hosts: list[str], folder: Path) -> None:
    names = [f"{os.environ['DAEMONIC_BED']}-{host}" for host in hosts]
    settings = "ansible_user=root ansible_python_interpreter=/usr/bin/python3"
    lines = [f"{host} ansible_host={name} {settings}" for host, name in zip(hosts, names, strict=True)]
    (folder / "inventory.ini").write_text("\n".join(["[bed]", *lines, ""]))
    ssh_config = Path(__file__).with_name("ssh_config").read_text()
    (folder / "ssh_config").write_text(ssh_config.replace("@CACHE@", os.environ["DAEMONIC_CACHE"]))
    data = {"ssh_config_file": "ssh_config", "ssh_allow_agent": False, "ssh_look_for_keys": False}
    (folder / "pyinfra_inventory.py").write_text(f"bed = ({names}, {data})\n")


def version(venv: str, package: str) -> str:
    command = [folder_of(venv) / "bin" / "pip", "--disable-pip-version-check", "show", package]
    shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"^Version: (.*)$", shown, re.MULTILINE)[1]
