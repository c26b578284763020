# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.target_names import DOWN, RUNLEVELS, target_of

PAGE = Path(__file__).parents[5] / "docs" / "targets.md"


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("multi-user.target", "multi-user.target"),
        ("multi-user", "multi-user.target"),
        ("0", "poweroff.target"),
        ("1", "rescue.target"),
        ("S", "rescue.target"),
        ("3", "multi-user.target"),
        ("runlevel5", "graphical.target"),
        ("runlevel5.target", "graphical.target"),
        ("6", "reboot.target"),
        (r"a\x20b", r"a\x20b.target"),
    ],
)
def test_target(name: str, target: str) -> None:
    problems = Problems()
    assert target_of(name, problems) == target
    assert not problems


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "an empty name"),
        ("7", "no such runlevel"),
        ("-1", "no such runlevel"),
        ("runlevel9.target", "no such runlevel"),
        ("a b", "cannot hold ' '"),
        ("/etc/a.target", "holds no '/'"),
        ("foo.service", "a .service unit is no target"),
        ("foo@.target", "a template cannot be"),
        ("foo@1.target", "an instance of a template cannot be"),
        ("default.target", "name of the default target itself"),
        ("default", "name of the default target itself"),
        ("foo.targett", "no type of unit"),
    ],
)
def test_no_target(name: str, problem: str) -> None:
    problems = Problems()
    assert target_of(name, problems) == ""
    assert problem in str(problems.found[0])


def test_the_page_has_the_runlevels() -> None:
    rows = re.findall(r"^\| ((?:`\w`,? ?)+) \| `([\w.-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {level.lower(): target for levels, target in rows for level in re.findall(r"`(\w)`", levels)}
    assert told == RUNLEVELS
    assert {"poweroff.target", "reboot.target"} <= DOWN
