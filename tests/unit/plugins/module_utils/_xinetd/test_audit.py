# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else could change or read the configuration."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.audit import Permission, audit


@pytest.mark.parametrize(
    ("permission", "says"),
    [
        (Permission("/x", "file", "root", "root", 0o600), []),
        (Permission("/x", "file", "root", "adm", 0o640), []),
        (Permission("/x", "file", "root", "root", 0o660), []),
        (Permission("/x", "directory", "root", "root", 0o755), []),
        (Permission("/x", "file", "root", "root", 0o644), ["can be read by everybody"]),
        (Permission("/x", "file", "root", "adm", 0o660), ["can be written by the group adm"]),
        (Permission("/x", "directory", "root", "root", 0o777), ["can be written by everybody"]),
        (Permission("/x", "file", "anna", "root", 0o600), ["belongs to anna, who can change it"]),
    ],
)
def test_weaknesses(permission: Permission, says: list[str]) -> None:
    assert permission.as_result()["problems"] == says


def test_what_can_be_changed_is_a_problem_what_can_be_read_is_not() -> None:
    problems = Problems()
    readable = audit([Permission("/r", "file", "root", "root", 0o644), Permission("/w", "file", "root", "root", 0o602)], problems)
    assert readable == ["/r"]
    assert [(problem.place, problem.remedy) for problem in problems.found] == [("/w", "Run chmod o-w /w.")]
