# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example is one that the controller accepts, and every link to a file leads to one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml
from ansible_collections.daemonic.systemd.plugins.action import daemon as daemon_action
from ansible_collections.daemonic.systemd.plugins.action import stack as stack_action
from ansible_collections.daemonic.systemd.plugins.action import unit as unit_action
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of, stack_of_daemon
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.unit import stack_of_unit
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host
from ansible_collections.daemonic.systemd.plugins.modules import daemon, stack, unit
from ansible_collections.daemonic.systemd.plugins.plugin_utils.sources import Sources

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md"), *ROOT.glob("roles/*/*.md")])
MODULES = {
    "daemonic.systemd.stack": (stack_action.ActionModule, lambda args: args),
    "daemonic.systemd.daemon": (daemon_action.ActionModule, stack_of_daemon),
    "daemonic.systemd.unit": (unit_action.ActionModule, stack_of_unit),
}


def tasks_in(text: str) -> Iterator[dict[str, Any]]:
    for entry in yaml.safe_load(text) or []:
        if isinstance(entry, dict):
            yield from (task for task in entry.get("tasks", [entry]) if set(MODULES) & set(task))


def texts() -> Iterator[str]:
    yield from (stack.EXAMPLES, daemon.EXAMPLES, unit.EXAMPLES)
    yield from (path.read_text(encoding="utf-8") for path in ROOT.glob("examples/*.yml"))
    for page in PAGES:
        yield from re.findall(r"^```yaml\n(- .*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


TASKS = [task for text in texts() for task in tasks_in(text)]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["name"])
def test_an_example_is_accepted(task: dict[str, Any], tmp_path: Path) -> None:
    (name,) = set(MODULES) & set(task)
    action, declaration = MODULES[name]
    (tmp_path / "file").write_text("pass\n")
    problems = Problems()
    sources = Sources(lambda _, name: str(tmp_path / ("" if name.endswith("/") else "file")), lambda _: "[Unit]\n", problems)
    given = {**{name: spec.get("default") for name, spec in action.argument_spec.items()}, **task[name]}
    assert set(given) == set(action.argument_spec)
    args = action.resolve(object.__new__(action), given, sources)
    problems.raise_if_any()
    declared = stack_of(declaration(args))
    expand(declared, scope_of(declared.scope, home="/home/user"), Host())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (page.parent / link).exists()]
