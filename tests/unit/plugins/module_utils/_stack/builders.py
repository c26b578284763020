# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations for the tests, short to write; everything goes through the public way: stack_of → expand."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.daemonic.systemd.plugins.module_utils._stack.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.desired import Desired, Scope, Unit
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.model import Stack
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.problems import Problem, Refused
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import Document, parse

UNITS = "/etc/systemd/system"
PYTHON = "/usr/bin/python3"
SCOPE = Scope()

SLEEPER = {"Service": {"ExecStart": "/bin/sleep infinity"}, "Install": {"WantedBy": "multi-user.target"}}


def script(content: str = "print('hello')\n", name: str = "echo.py") -> dict[str, str]:
    """A script as the controller has read it."""
    return {"name": name, "content": content}


def daemon(**options: Any) -> dict[str, Any]:
    return {"script": script(), **options}


def unit(base: Mapping[str, Any] = SLEEPER, **sections: Any) -> dict[str, Any]:
    """The unit `base` with directives of some sections, and options, changed or added."""
    merged: dict[str, Any] = dict(base)
    for name, value in sections.items():
        merged[name] = {**merged.get(name, {}), **value} if isinstance(value, dict) else value
    return merged


def stack(**params: Any) -> Stack:
    return stack_of({"name": "demo", "state": "present", "settle": "3s", **params})


def desired(**params: Any) -> Desired:
    declared = stack(**params)
    return expand(declared, SCOPE, {entry.python: PYTHON for entry in declared.daemons})


def refusal(**params: Any) -> tuple[Problem, ...]:
    """The problems of a declaration; none if it is taken."""
    try:
        desired(**params)
    except Refused as refused:
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


def document_of(wanted: Desired, name: str) -> Document:
    return parse(units_of(wanted)[name].text)
