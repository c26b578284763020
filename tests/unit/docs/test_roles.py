# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role says of itself, in its defaults, its argument spec and its README, is one and the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def read(role: str, *parts: str) -> Any:
    return yaml.safe_load((ROOT / "roles" / role).joinpath(*parts).read_text(encoding="utf-8"))


def options(role: str) -> dict[str, Any]:
    return read(role, "meta", "argument_specs.yml")["argument_specs"]["main"]["options"]


def readme(role: str) -> str:
    return (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")


def keys_in(node: Any) -> Iterator[str]:
    """The names of variables in an example: mappings and lists are looked into, but for the values of variables."""
    for item in node if isinstance(node, list) else []:
        yield from keys_in(item)
    for key, value in node.items() if isinstance(node, dict) else ():
        yield str(key)
        if key in ("vars", "roles", "tasks", "block"):
            yield from keys_in(value)


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_of_the_argument_spec(role: str) -> None:
    defaults = read(role, "defaults", "main.yml") or {}
    told = {name: spec["default"] for name, spec in options(role).items() if "default" in spec}
    assert {name: value for name, value in defaults.items() if name in told} == told
    required = {name for name, spec in options(role).items() if spec.get("required")}
    assert set(defaults) | required == set(options(role))


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_told(role: str) -> None:
    rows = set(re.findall(r"^\| `(\w+)`", readme(role), re.MULTILINE))
    assert rows == set(options(role))
    assert all(name.startswith(f"{role}_") for name in options(role))


@pytest.mark.parametrize("role", ROLES)
def test_examples_have_no_other_variables(role: str) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", readme(role), re.MULTILINE | re.DOTALL)
    assert blocks
    named = {key for block in blocks for key in keys_in(yaml.safe_load(block)) if key.startswith(f"{role}_")}
    assert {re.sub("__.*", "", name) for name in named} <= set(options(role))  # daemons_daemons__web adds to daemons_daemons


@pytest.mark.parametrize("role", ROLES)
def test_one_or_two_tasks(role: str) -> None:
    assert len(read(role, "tasks", "main.yml")) <= 2
