# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations for the tests, short to write; everything goes through the public way: stack_of → expand."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Stack
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired, File, Unit
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_file_state import UnitFileState
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import Document, parse

UNITS = "/etc/systemd/system"
PYTHON = "/usr/bin/python3"
HOME = "/home/echo"
SCOPE = scope_of("system")

SLEEPER = {"Service": {"ExecStart": "/bin/sleep infinity"}, "Install": {"WantedBy": "multi-user.target"}}
TARGET = {"Unit": {"Description": "All of it"}, "Install": {"WantedBy": "multi-user.target"}}


def script(content: str = "print('hello')\n", name: str = "echo.py") -> dict[str, str]:
    """A script as the controller has read it."""
    return {"name": name, "content": content}


def daemon(**options: Any) -> dict[str, Any]:
    return {"script": script(), **options}


def unit(base: Mapping[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
    """The unit `base`, by default SLEEPER, with directives of some sections, and options, changed or added."""
    merged: dict[str, Any] = dict(SLEEPER if base is None else base)
    for name, value in sections.items():
        merged[name] = {**merged.get(name, {}), **value} if isinstance(value, dict) and name[:1].isupper() else value
    return merged


def stack(**params: Any) -> Stack:
    return stack_of({"name": "demo", "state": "present", "settle": "3s", **params})


def desired(installed: Mapping[str, UnitFileState] | None = None, **params: Any) -> Desired:
    """installed: what lies on the host of the units that are not defined here; nothing is known of them without it."""
    declared = stack(**params)
    scope = scope_of(declared.scope, HOME, declared.root)
    return expand(declared, scope, Host({entry.python: PYTHON for entry in declared.daemons}, installed))


def listed(problems: Problems) -> list[Problem]:
    return list(problems.found)


def refusal(**params: Any) -> tuple[Problem, ...]:
    """The problems of a declaration; none if it is taken."""
    try:
        desired(**params)
    except ValidationFailed as refused:
        return refused.problems
    return ()


def problems_of(**params: Any) -> tuple[Problem, ...]:
    """Every problem of a declaration that must be refused."""
    found = refusal(**params)
    assert found, "this is taken"
    return found


def problem_of(**params: Any) -> Problem:
    """The one problem of a declaration that must be refused."""
    found = problems_of(**params)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def units_of(wanted: Desired) -> dict[str, Unit]:
    return {each.name: each for each in wanted.units}


def files_of(wanted: Desired) -> dict[str, File]:
    """Path → file."""
    return {each.path: each for each in wanted.files}


def text_of(wanted: Desired, path: str) -> str:
    """What is written to a path, or to the unit file of that name."""
    data = files_of(wanted)[path if path.startswith("/") else wanted.scope.path_of(path)].source.data
    assert data is not None
    return data.decode()


def document_of(wanted: Desired, name: str) -> Document:
    """A unit file as it is written."""
    return parse(text_of(wanted, name))
