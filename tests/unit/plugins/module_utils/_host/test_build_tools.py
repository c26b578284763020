# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host lacks for building is told before anything is touched, and asked only where something is to be built."""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._host.build import build_tools
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, ReleaseState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.releases import must_be_built

from ..builders import desired

TREE = {"tree": {"name": "shop.tar", "sha256": "1" * 64, "size": 3}}
SHOP: dict[str, Any] = {"source": TREE, "requirements": ["flask"], "command": "flask"}


def problems_of(kind: str = "missing", uv: str = "", rc: int = 1, euid: int = 1000, **changes: Any) -> tuple[list[str], int]:
    """The places of the problems, and how many programs were run."""
    wanted, problems, asked = desired(daemons={"shop": {**SHOP, **changes}}), Problems(), []
    observed = Observed({}, {}, {}, None, releases={wanted.builds[0].path: ReleaseState(kind)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_tools, "find_uv", lambda: uv)
        patch.setattr(os, "geteuid", lambda: euid)
        commands = Commands(lambda argv, _stdin, _environment: asked.append(argv) or (rc, "", "no ensurepip"))
        builds = [build for build in wanted.builds if must_be_built(build, observed)]
        build_tools.check_builds(builds, commands, problems)
    for problem in problems.found:
        assert problem.remedy
    return [problem.place for problem in problems.found], len(asked)


@pytest.mark.parametrize(
    ("case", "places", "asked"),
    [
        pytest.param({}, ["daemons.shop.python"], 1, id="no ensurepip"),
        pytest.param({"rc": 0}, [], 1, id="ensurepip"),
        pytest.param({"rc": 126}, ["daemons.shop.python"], 1, id="an interpreter of root's alone"),
        pytest.param({"uv": "/usr/bin/uv"}, [], 0, id="uv"),
        pytest.param({"kind": "complete"}, [], 0, id="nothing to build"),
        pytest.param({"kind": "partial"}, ["daemons.shop.python"], 1, id="half a release"),
        pytest.param({"euid": 0}, ["daemons.shop.requirements"], 0, id="root without D-Bus"),
        pytest.param({"requirements": [], "command": None, "script": "a.py"}, [], 0, id="no environment"),
        pytest.param({"uv": "/usr/bin/uv", "wheelhouse": {"remote": "/nowhere"}}, ["daemons.shop.wheelhouse"], 0, id="no wheels"),
        pytest.param({"uv": "/usr/bin/uv", "wheelhouse": {"remote": "/usr"}}, [], 0, id="wheels of the host"),
    ],
)
def test_what_is_missing(case: dict[str, Any], places: list[str], asked: int) -> None:
    assert problems_of(**case) == (places, asked)
