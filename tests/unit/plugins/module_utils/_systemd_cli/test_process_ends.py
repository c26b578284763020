# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a process of a unit ended, as systemd has written it into the journal."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._health.diagnostics import End
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli import argv
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.process_ends import is_skipped, last_end

EXITED = '{"EXIT_CODE":"exited","EXIT_STATUS":"203","COMMAND":"ExecStart","__CURSOR":"s=1"}\n'


@pytest.mark.parametrize(
    ("output", "end"),
    [
        (EXITED, End("ExecStart", 1, 203)),
        ('{"EXIT_CODE":"killed","EXIT_STATUS":"9","COMMAND":"ExecStartPre"}\n', End("ExecStartPre", 2, 9)),
        ('{"EXIT_CODE":"dumped","EXIT_STATUS":"11"}\n', End("", 3, 11)),
        (EXITED.replace("203", "1") + EXITED, End("ExecStart", 1, 203)),
        ('{"EXIT_CODE":"new","EXIT_STATUS":"1"}\n', None),
        ('{"EXIT_CODE":"exited"}\n', None),
        ("-- No entries --\n", None),
        ("", None),
    ],
)
def test_last_end(output: str, end: End | None) -> None:
    assert last_end(output) == end


def test_only_the_manager_of_the_unit_is_believed() -> None:
    assert argv.journal_of_last_end("a.service", None)[-3:-1] == ["UNIT=a.service", "_PID=1"]
    assert argv.journal_of_last_end("a.service", 1000)[-3:-1] == ["USER_UNIT=a.service", "_UID=1000"]
    assert "--output-fields=COMMAND,EXIT_CODE,EXIT_STATUS" in argv.journal_of_last_end("a.service", None)


@pytest.mark.parametrize(
    ("line", "skipped"),
    [
        pytest.param("Condition check resulted in a.service being skipped.", True, id="247, and a command"),
        pytest.param("a.service was skipped because of an unmet condition check (ConditionPathExists=/nope).", True, id="252"),
        pytest.param("a.service skipped, unmet condition check ConditionPathExists=/nope", True, id="262"),
        pytest.param("a.service was skipped because no trigger condition checks were met.", True, id="triggers"),
        pytest.param("Started a.service.", False, id="started"),
        pytest.param("Started a.service - all that was skipped before.", False, id="its description"),
    ],
)
def test_start_that_was_skipped(line: str, skipped: bool) -> None:
    """Captured on each systemd."""
    assert is_skipped(f'{{"MESSAGE":"{line}"}}\n') is skipped
    assert not is_skipped("")
