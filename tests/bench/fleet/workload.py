# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is deployed: the same units, scripts, account and settings, as data for every way to deploy them.

Two daemons are the stack of README.md: a clock, and an echo server behind its socket. Any other number are so many clocks.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples" / "files"
TARGET = "timekeeping.target"
INTERVAL = 60  # seconds: the daemons themselves shall cost nothing


@dataclass(frozen=True)
class Daemon:
    name: str
    script: str  # of examples/files
    port: int | None = None


@dataclass(frozen=True)
class Workload:
    daemons: tuple[Daemon, ...]
    changed: int = field(default=0)  # how often the first script was changed

    @property
    def units(self) -> list[str]:
        """What is enabled and started."""
        return [TARGET, *(f"{each.name}.{'socket' if each.port else 'service'}" for each in self.daemons)]


def workload(daemons: int) -> Workload:
    if daemons == 2:
        return Workload((Daemon("date_logger", "date_logger.py"), Daemon("echo", "echo.py", 9000)))
    return Workload(tuple(Daemon(f"clock{number:02}", "date_logger.py") for number in range(1, daemons + 1)))


def write(work: Workload, folder: Path) -> None:
    """The folder in which each contender finds its playbook and all that this names."""
    shutil.copytree(HERE / "ways", folder, dirs_exist_ok=True)
    (folder / "files").mkdir(exist_ok=True)
    for number, daemon in enumerate(work.daemons):
        change = f"# change {work.changed}\n" if work.changed and not number else ""
        text = (EXAMPLES / daemon.script).read_text(encoding="utf-8")
        (folder / "files" / f"{daemon.name}.py").write_text(f"{text}\n# {daemon.name}\n{change}", encoding="utf-8")
    values = {"interval": INTERVAL, "daemons": [vars(daemon) for daemon in work.daemons]}
    (folder / "vars.json").write_text(json.dumps(values, indent=2))
    _write_units(work, folder)
    for name, settle in (("ours", "0"), ("proven", "3s")):
        (folder / f"{name}.json").write_text(json.dumps([_play(work, settle)], indent=2))


def _write_units(work: Workload, folder: Path) -> None:
    """As files, for who takes them so: the role asks for a name of its own for each template."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder / "templates"), trim_blocks=True)
    names = {TARGET: ("timekeeping.target", None)}
    for daemon in work.daemons:
        names[f"{daemon.name}.service"] = ("daemon.service", daemon)
        if daemon.port:
            names[f"{daemon.name}.socket"] = ("daemon.socket", daemon)
    for name, (template, daemon) in names.items():
        text = environment.get_template(f"{template}.j2").render(item=daemon)
        (folder / "files" / name).write_text(f"{text}\n", encoding="utf-8")


def _play(work: Workload, settle: str) -> dict[str, Any]:
    """The one task of ours, as a person writes it: all of it stands there."""
    stack = {
        "name": "timekeeping",
        "settle": settle,
        "users": {"timekeeping": {"description": "Keeps time"}},
        "daemons": {daemon.name: _entry(daemon) for daemon in work.daemons},
        "units": {TARGET: {"Unit": {"Description": "All that keeps time"}, "Install": {"WantedBy": "multi-user.target"}}},
        "files": {"/etc/timekeeping.env": {"template": "timekeeping.env.j2"}},
    }
    return {
        "name": "Keep time",
        "hosts": "bed",
        "gather_facts": False,
        "vars": {"interval": INTERVAL},
        "tasks": [{"name": "Deploy all of it", "daemonic.systemd.stack": stack}],
    }


def _entry(daemon: Daemon) -> dict[str, Any]:
    entry: dict[str, Any] = {"script": f"{daemon.name}.py", "user": "timekeeping", "restart": "always"}
    if daemon.port:
        return {**entry, "socket": {"ListenStream": daemon.port}}
    service = {"EnvironmentFile": "/etc/timekeeping.env", "LogsDirectory": "timekeeping"}
    return {**entry, "wanted_by": TARGET, "service": service}
