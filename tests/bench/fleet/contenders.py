# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is measured: the commands of each, and where they come from."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SCRATCH = tempfile.TemporaryDirectory()
ENV_SH = Path(__file__).parents[2] / "bed" / "env.sh"
STEPS = {
    "first": "first deployment",
    "same": "no change",
    "change": "one line changed",
    "proven": "first deployment, watched for 3 s",
    "cold": "no change, connecting again",
}


@dataclass(frozen=True)
class Contender:
    """steps: what of STEPS it can be asked for, each with its command. venv, packages: of tests/requirements, and of what
    the version is told. group: what --also calls it, empty for those that always take part. hosts, daemons: the cases in
    which it takes part, empty for all.
    """

    name: str
    title: str
    steps: dict[str, tuple[str, ...]]
    venv: str = "run"
    packages: tuple[str, ...] = ("ansible-core",)
    env: tuple[tuple[str, str], ...] = ()
    group: str = ""
    hosts: tuple[int, ...] = ()
    daemons: tuple[int, ...] = ()


def _play(book: str) -> tuple[str, ...]:
    return ("ansible-playbook", "-i", "inventory.ini", book)


def _deploying(*command: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(("first", "same", "change"), command)


PYINFRA = ("pyinfra", "-y", "pyinfra_inventory.py", "pyinfra_deploy.py")
OURS = _deploying(*_play("ours.json"))
TASKS = _deploying(*_play("idiomatic.yml"))
PING = {"same": _play("ping.yml")}
EMPTY = {"same": _play("empty.yml")}
MITOGEN = (
    ("ANSIBLE_STRATEGY", "mitogen_linear"),
    ("ANSIBLE_STRATEGY_PLUGINS", "{venv}/ansible_mitogen/plugins/strategy"),
    ("ANSIBLE_HOST_KEY_CHECKING", "false"),  # else Mitogen overrides ssh_config
)
OTHER = "DAEMONIC_OTHER"  # another checkout of this collection
ROLE = "DAEMONIC_SYSTEMD_ROLE"  # a checkout of https://github.com/linux-system-roles/systemd
FREE = (("ANSIBLE_STRATEGY", "free"),)
UNDER_MITOGEN = {"venv": "mitogen", "packages": ("ansible-core", "mitogen"), "env": MITOGEN, "group": "mitogen", "daemons": (2,)}
UNDER_FREE = {"env": FREE, "group": "free", "hosts": (10, 20)}
UNDER_OTHER = {"env": (("ANSIBLE_COLLECTIONS_PATH", "{other}"),), "group": "other"}
CONTENDERS = (
    Contender("ours", "this collection", {**OURS, "cold": OURS["same"], "proven": _play("proven.json")}),
    Contender("ping", "`ansible.builtin.ping`", {**PING, "cold": PING["same"]}),
    Contender("empty", "a play without a task", EMPTY),
    Contender("idiomatic", "tasks and handlers", TASKS),
    Contender("pyinfra", "pyinfra", _deploying(*PYINFRA), "pyinfra", ("pyinfra",)),
    Contender("other", "this collection, other checkout", {**OURS, "cold": OURS["same"]}, **UNDER_OTHER),
    Contender("ours_mitogen", "this collection, Mitogen", OURS, **UNDER_MITOGEN),
    Contender("ping_mitogen", "`ansible.builtin.ping`, Mitogen", PING, **UNDER_MITOGEN),
    Contender("idiomatic_mitogen", "tasks and handlers, Mitogen", TASKS, **UNDER_MITOGEN),
    Contender("ours_free", "this collection, `strategy: free`", OURS, **UNDER_FREE),
    Contender("idiomatic_free", "tasks and handlers, `strategy: free`", TASKS, **UNDER_FREE),
    Contender(
        "roles",
        "linux-system-roles/systemd",
        _deploying(*_play("roles.yml")),
        group="roles",
        hosts=(1,),
        daemons=(2,),
    ),
)
# With --also. `all` leaves out what has to be brought along.
GROUPS = tuple(dict.fromkeys(each.group for each in CONTENDERS if each.group))


def require(also: set[str]) -> None:
    """Ends with a message where somebody is to take part who has not been brought along."""
    needed = {"roles": (ROLE, "tasks/main.yml"), "other": (OTHER, "galaxy.yml")}
    for variable, file in (needed[group] for group in also & set(needed)):
        if not Path(os.environ.get(variable, ""), file).exists():
            sys.exit(
                f"{variable}={os.environ.get(variable, '')}: there is no {file}; it must name a checkout, see docs/fleets.md"
            )


def taking_part(also: set[str], hosts: int, daemons: int) -> list[Contender]:
    return [
        each
        for each in CONTENDERS
        if each.group in {"", *also} and hosts in (each.hosts or (hosts,)) and daemons in (each.daemons or (daemons,))
    ]


@lru_cache
def folder_of(venv: str) -> Path:
    """The virtual environment, made at first use."""
    command = ["bash", "-c", 'source "$0" && venv "$1"', ENV_SH, venv]
    return Path(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())


def environment(contender: Contender, hosts: int) -> dict[str, str]:
    folder = folder_of(contender.venv)
    (packages,) = folder.glob("lib/python3*/site-packages")
    return {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "ANSIBLE_FORKS": str(hosts),  # pyinfra, too, talks to all at once
        "ANSIBLE_SSH_ARGS": "-F ssh_config",
        "ANSIBLE_NOCOLOR": "1",
        **{key: value.format(venv=packages, other=_other_tree()) for key, value in contender.env},
    }


def _other_tree() -> str:
    """Where Ansible finds the other checkout as a collection."""
    place = Path(SCRATCH.name, "ansible_collections", "daemonic", "systemd")
    if OTHER in os.environ and not place.is_symlink():
        place.parent.mkdir(parents=True)
        place.symlink_to(Path(os.environ[OTHER]).absolute())
    return SCRATCH.name


def write_inventories(hosts: list[str], folder: Path) -> None:
    names = [f"{os.environ['DAEMONIC_BED']}-{host}" for host in hosts]
    settings = "ansible_user=root ansible_python_interpreter=/usr/bin/python3"
    lines = [f"{host} ansible_host={name} {settings}" for host, name in zip(hosts, names, strict=True)]
    (folder / "inventory.ini").write_text("\n".join(["[bed]", *lines, ""]))
    ssh_config = Path(__file__).with_name("ssh_config").read_text()
    (folder / "ssh_config").write_text(ssh_config.replace("@CACHE@", os.environ["DAEMONIC_CACHE"]))
    data = {"ssh_config_file": "ssh_config", "ssh_allow_agent": False, "ssh_look_for_keys": False}
    (folder / "pyinfra_inventory.py").write_text(f"bed = ({names}, {data})\n")


@lru_cache
def version(venv: str, package: str) -> str:
    command = [folder_of(venv) / "bin" / "pip", "--disable-pip-version-check", "show", package]
    shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.search(r"^Version: (.*)$", shown, re.MULTILINE)
    return found[1] if found else "?"


def versions(contenders: list[Contender]) -> dict[str, str]:
    return {package: version(each.venv, package) for each in contenders for package in each.packages}
