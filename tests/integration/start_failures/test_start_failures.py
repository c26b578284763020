# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task said of each unit of molecule/start_failures: none may pass for well, and the words must be right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

MATRIX = yaml.safe_load((Path(__file__).parents[3] / "molecule/start_failures/cases.yml").read_text())
ALL = [(name, kind) for name, end in MATRIX["ends"].items() for kind in end.get("types", MATRIX["types"])]


@pytest.fixture(scope="module")
def said(host) -> dict[str, Any]:
    return json.loads(host.file("/run/start_failures.json").content_string)


def test_every_unit_is_told_and_no_other(said):
    assert sorted(each["unit"] for each in said["all"]) == sorted(f"start_failures_{name}_{kind}.service" for name, kind in ALL)


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_why(said, name, kind):
    failure = next(each for each in said["all"] if each["unit"] == f"start_failures_{name}_{kind}.service")
    end = MATRIX["ends"][name]
    assert failure["problem"] == end["problem"].replace("TYPE", kind)
    assert end["journal"].replace("TYPE", kind) in "\n".join(failure["journal"])


@pytest.mark.parametrize(
    "number", range(len(MATRIX["loops"])), ids=[f"{loop['runs']}-{loop['waits']}" for loop in MATRIX["loops"]]
)
def test_no_crash_loop_passes(said, number):
    (failure,) = said["loops"][number]
    assert failure["problem"].startswith(MATRIX["loops"][number]["problem"])
    assert "exit status 4" in failure["problem"]
    assert "lost it" in failure["journal"]
