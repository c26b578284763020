# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role's variables are the same in its defaults, in its argument specification and in its README."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = sorted(path for path in (Path(__file__).parents[3] / "roles").iterdir() if path.is_dir())


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_variables(role: Path) -> None:
    options = read(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    required = {name for name, option in options.items() if option.get("required")}
    assert set(read(role / "defaults/main.yml") or {}) | required == set(options)
    told = re.findall(rf"`({role.name}_[a-z_]*[a-z])`", (role / "README.md").read_text(encoding="utf-8"))
    assert set(options) <= set(told)
    assert all(name.startswith(f"{role.name}_") for name in options)
