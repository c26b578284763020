# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be found wrong on the host before anything is written: interpreters, scripts, accounts."""

from __future__ import annotations

import sys
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.facts import check_accounts, check_scripts, find_interpreters
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.desired import File, Scope
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.model import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.problems import Problem, Problems, Refused
from ansible_collections.daemonic.systemd.tests.unit.plugins.module_utils._stack.builders import daemon, script, stack


def found(problems: Problems) -> list[Problem]:
    try:
        problems.raise_if_any()
    except Refused as refused:
        return list(refused.problems)
    return []


def no_program(argv: Sequence[str], _stdin: bytes | None) -> tuple[int, str, str]:
    raise AssertionError(f"{argv} is run")


def checked(content: str, interpreter: str = sys.executable, runner: Any = no_program) -> list[Problem]:
    desired = expand(stack(daemons={"echo": daemon(script=script(content))}), Scope(), {"python3": interpreter})
    problems = Problems()
    check_scripts(desired, {}, Commands(runner), problems)
    return found(problems)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param("print('fine')\n", "", id="fine"),
        pytest.param("# -*- coding: latin-1 -*-\n", "", id="another encoding"),
        pytest.param("", "", id="empty"),
        pytest.param("a = 1\ndef f(:\n", "line 2: ", id="syntax error"),
        pytest.param("if True:\nprint()\n", "line 2: ", id="indentation"),
        pytest.param("print 'python 2'\n", "line 1: ", id="Python 2"),
        pytest.param("# -*- coding: nosuch -*-\n", "nosuch", id="unknown encoding"),
        pytest.param("return 5\n", "line 1: 'return' outside function", id="return"),
    ],
)
def test_script_must_compile(content: str, problem: str) -> None:
    problems = checked(content)
    assert [each.place for each in problems] == (["daemons.echo.script"] if problem else [])
    for each in problems:
        assert each.value == "echo.py"
        assert problem in each.problem
        assert sys.executable in each.problem


def test_script_is_compiled_by_its_own_interpreter() -> None:
    seen: list[Any] = []

    def runner(argv: Sequence[str], stdin: bytes | None) -> tuple[int, str, str]:
        seen.append((argv[0], argv[-1], stdin))
        return 1, "", "warning\nline 3: invalid syntax\n"

    (problem,) = checked("match x:\n", "/opt/python3.9/bin/python3", runner)
    assert seen == [("/opt/python3.9/bin/python3", "echo.py", b"match x:\n")]
    assert problem.problem == "does not compile with /opt/python3.9/bin/python3: line 3: invalid syntax"


def test_script_that_was_checked_before_is_not_compiled_again() -> None:
    desired = expand(stack(daemons={"echo": daemon(script=script("def\n"))}), Scope(), {"python3": sys.executable})
    ((_interpreter, file),) = desired.scripts
    problems = Problems()
    check_scripts(desired, {file.path: file.source.sha256}, Commands(no_program), problems)
    assert found(problems) == []


def test_interpreters() -> None:
    problems = Problems()
    paths = find_interpreters(stack(daemons={"a": daemon(python="sh"), "b": daemon(python="python2.0")}), problems)
    assert paths["sh"].startswith("/")
    assert paths["sh"].endswith("/sh")
    (problem,) = found(problems)
    assert (problem.place, problem.value) == ("daemons.b.python", "python2.0")


def test_accounts() -> None:
    source = Source.of("a", b"")
    files = [
        File("/a", source, "files./a", owner="root", group="root"),
        File("/b", source, "files./b", owner="nosuchuser", group="nosuchgroup"),
        File("/c", source, "files./c"),
    ]
    problems = Problems()
    check_accounts(files, problems)
    assert [(each.place, each.value) for each in found(problems)] == [
        ("files./b.owner", "nosuchuser"),
        ("files./b.group", "nosuchgroup"),
    ]
    assert "no such user on the host" in found(problems)[0].problem
