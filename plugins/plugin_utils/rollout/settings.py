# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the playbooks, checked before any host is touched."""

from __future__ import annotations

import re
from typing import Any, Collection, Mapping

from ...module_utils._dataclasses import dataclass, fields
from ...module_utils._declaration import options as opt
from ...module_utils._declaration.options import InvalidValue, option
from ...module_utils._declaration.problems import Problems
from ...module_utils._unitfile.suggest import did_you_mean

PREFIX = "deploy_"
# What the plays themselves say where the variable is not set. After the last entry Ansible takes it again until all are done.
DEFAULT_BATCHES = {"deploy": ("1", "10%", "50%"), "rollback": ("50%",)}
FILES = ("before", "after", "gate")


def _batches(value: Any) -> tuple[str, ...]:
    """Numbers of hosts, and shares of all of them in percent."""
    entries = value if isinstance(value, (list, tuple)) else [value]
    if not entries:
        raise InvalidValue("names no batch", _HOW_TO_SAY)
    for entry in entries:
        found = None if isinstance(entry, bool) else _SIZE.fullmatch(str(entry))
        if not found:
            raise InvalidValue(f"{entry!r} is no size of a batch", _HOW_TO_SAY)
        if found.group(2) and int(found.group(1)) > 100:
            raise InvalidValue(f"{entry} is more than all hosts", "Write 100% for all that are left.")
    return tuple(str(entry) for entry in entries)


_SIZE = re.compile(r"([1-9][0-9]*)(%?)")
_HOW_TO_SAY = """Write a list of numbers and shares of all hosts, as -e '{"deploy_batches": [1, "10%", "50%"]}'."""


@dataclass(frozen=True)
class Settings:
    """target: a pattern of hosts. abort: what becomes of the hosts that are done when a batch fails. pause: seconds.

    before, after, gate: paths of files with tasks; empty for none.
    """

    target: str = option(opt.text, "all")
    batches: tuple[str, ...] = option(_batches, ())
    abort: str = option(opt.choice("stop", "rollback"), "stop")
    pause: float = option(opt.seconds, 0.0)
    before: str = option(opt.text, "")
    after: str = option(opt.text, "")
    gate: str = option(opt.text, "")


NAMES = tuple(field.name for field in fields(Settings))


def settings_of(given: Mapping[str, Any], kind: str, problems: Problems) -> Settings:
    """given: variables of a host, by their full names; those that are null count as not set."""
    values: dict[str, Any] = {"batches": DEFAULT_BATCHES[kind]}
    for field in fields(Settings):
        name = PREFIX + field.name
        if given.get(name) is None:
            continue
        try:
            values[field.name] = field.metadata["reader"](given[name])
        except InvalidValue as error:
            problems.add(name, given[name], error.problem, error.remedy)
    settings = Settings(**values)
    if settings.before and not settings.after:
        problem = f"nothing puts a host into service again, as there is no {PREFIX}after"
        problems.add(f"{PREFIX}before", settings.before, problem, f"Set {PREFIX}after, too.")
    return settings


def check_same(settings: Mapping[str, Mapping[str, Any]], problems: Problems) -> None:
    """One run has one set of settings. settings: host → its variables, by their full names."""
    hosts = list(settings)
    for name in [PREFIX + name for name in NAMES]:
        for host in hosts[1:]:
            if settings[host].get(name) != settings[hosts[0]].get(name):
                problem = f"{hosts[0]} has {settings[hosts[0]].get(name)!r}, and one run has one value for all of its hosts"
                remedy = f"Say it for all hosts, or deploy them in two runs, each with its own {PREFIX}target."
                problems.add(f"{name} of {host}", settings[host].get(name), problem, remedy)
                break


def check_names(names: Collection[str], said: Collection[str], own: Collection[str], problems: Problems) -> list[str]:
    """names: of all variables of a host; said: those that were given with -e; own: those that the playbooks set themselves.

    What is like one of these, or was said for this run, is meant for it. Others may be somebody's own, for hooks: sentences.
    """
    found = []
    for name in sorted(names):
        rest = name[len(PREFIX) :]
        is_said = name in said
        if not name.startswith(PREFIX) or rest in NAMES or (name in own and not is_said):
            continue
        guess = did_you_mean(rest, NAMES) or next((each for each in NAMES if len(rest) > 2 and each.startswith(rest)), None)
        if guess or is_said:
            known = ", ".join(PREFIX + each for each in NAMES)
            remedy = f"Did you mean {PREFIX}{guess}?" if guess else f"There are: {known}. Your own for hooks need another prefix."
            problems.add(name, name, "is no variable of this playbook", remedy)
        else:
            found.append(f"{name} is no variable of this playbook, and is left to your hooks.")
    return found
