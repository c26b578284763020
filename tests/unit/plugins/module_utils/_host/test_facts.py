# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be found wrong on the host before anything is written: interpreters, scripts, accounts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired, File
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import Scope, scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_file_state import UnitFileState
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.observation.facts import (
    check_accounts,
    check_scripts,
    find_installed,
    find_interpreters,
)
from ansible_collections.daemonic.systemd.tests.unit.plugins.module_utils.builders import daemon, script, stack

SYSTEM = scope_of("system")


def found(problems: Problems) -> list[Problem]:
    return list(problems.found)


def no_program(argv: Sequence[str], _stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
    raise AssertionError(f"{argv} is run")


def expanded(content: str, interpreter: str = sys.executable, scope: Scope = SYSTEM) -> Desired:
    return expand(stack(daemons={"echo": daemon(script=script(content))}), scope, Host({"python3": interpreter}))


def checked(content: str, interpreter: str = sys.executable, runner: Any = no_program) -> list[Problem]:
    desired = expanded(content, interpreter)
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

    def runner(argv: Sequence[str], stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
        seen.append((argv[argv.index("-I") - 1], argv[-1], stdin))
        return 1, "", "warning\nline 3: invalid syntax\n"

    (problem,) = checked("match x:\n", "/opt/python3.9/bin/python3", runner)
    assert seen == [("/opt/python3.9/bin/python3", "echo.py", b"match x:\n")]
    assert problem.problem == "does not compile with /opt/python3.9/bin/python3: line 3: invalid syntax"


def test_script_that_was_checked_before_is_not_compiled_again() -> None:
    desired = expanded("def\n")
    ((_interpreter, file),) = desired.scripts
    problems = Problems()
    check_scripts(desired, {file.path: file.source.sha256}, Commands(no_program), problems)
    assert found(problems) == []


def test_interpreters() -> None:
    problems = Problems()
    paths = find_interpreters(stack(daemons={"a": daemon(python="sh"), "b": daemon(python="python2.0")}), SYSTEM, problems)
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
    check_accounts(files, Disk(), problems)
    assert [(each.place, each.value) for each in found(problems)] == [
        ("files./b.owner", "nosuchuser"),
        ("files./b.group", "nosuchgroup"),
    ]
    assert "no such user on the host" in found(problems)[0].problem


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("root:x", []),
        ("root 0", []),
        ("newcomer 0", ["root has this number on the host"]),
        ("newcomer 63999", []),
        ("root 63999", ["the host has root with the number 0, and systemd changes no account that exists"]),
    ],
)
def test_numbers_of_accounts(number: str, problem: list[str]) -> None:
    """systemd-sysusers takes another number without a word, and leaves an account as it is."""
    problems = Problems()
    check_accounts([File("/etc/sysusers.d/a.conf", Source.of("a", f"u {number}\n".encode()), "files.a")], Disk(), problems)
    assert [each.problem for each in found(problems)] == problem


def test_accounts_that_the_stack_makes() -> None:
    problems = Problems()
    wanted = {"/etc/sysusers.d/a.conf": "u shop -\n", "/etc/tmpfiles.d/a.conf": "d /srv/a 0750 shop nosuchgroup\n"}
    files = [File(path, Source.of("a", text.encode()), f"files.{path}") for path, text in wanted.items()]
    check_accounts([*files, File("/b", Source.of("b", b""), "files./b", owner="shop", group="shop")], Disk(), problems)
    assert [(each.place, each.value) for each in found(problems)] == [("files./etc/tmpfiles.d/a.conf (line 1)", "nosuchgroup")]


# Images


@pytest.fixture
def image(tmp_path: Path) -> Scope:
    """The scope of an image that is not running."""
    for folder in ("usr/bin", "etc/systemd/system", "usr/lib/systemd/system", "run/systemd/generator"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\necho:x:901:902::/srv:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\nechoes:x:902:\n")
    return scope_of("system", root=str(tmp_path))


def test_interpreter_of_an_image_may_be_a_link_that_leads_out_of_it(image: Scope) -> None:
    Path(image.root, "usr/bin/python3").symlink_to("/etc/alternatives/nosuch")
    problems = Problems()
    daemons = {"a": daemon(), "b": daemon(python="/usr/bin/python3"), "c": daemon(python="/opt/nosuch")}
    paths = find_interpreters(stack(daemons=daemons), image, problems)
    assert (paths["python3"], paths["/usr/bin/python3"]) == ("/usr/bin/python3", "/usr/bin/python3")
    assert [problem.place for problem in found(problems)] == ["daemons.c.python"]


def test_script_of_an_image_is_compiled_by_the_interpreter_that_is_here(image: Scope) -> None:
    problems = Problems()
    check_scripts(expanded("def\n", "/opt/nosuch/python3", image), {}, Commands(no_program), problems)
    assert "does not compile with /opt/nosuch/python3: line 1" in found(problems)[0].problem


def test_accounts_of_an_image_are_its_own(image: Scope) -> None:
    source = Source.of("a", b"")
    problems = Problems()
    files = [File("/a", source, "files./a", owner="echo", group="echoes"), File("/b", source, "files./b", owner="nobody")]
    check_accounts(files, Disk(image.root), problems)
    assert [problem.place for problem in found(problems)] == ["files./b.owner"]


# What lies there of units that the stack does not define


UNIT = "[Service]\nExecStart=/bin/a\n"


def lay(image: Scope, path: str, content: str = UNIT) -> None:
    place = Path(image.root, path.lstrip("/"))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content)


def lay_link(image: Scope, path: str, target: str) -> None:
    place = Path(image.root, path.lstrip("/"))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def installed_in(image: Scope) -> UnitFileState:
    declared = stack(units={"a.service": {"state": "started"}, "own.service": {"Service": {"ExecStart": "/bin/a"}}})
    found = find_installed(declared, image, Disk(image.root))
    assert list(found) == ["a.service"]
    return found["a.service"]


def test_nothing_installed(image: Scope) -> None:
    assert installed_in(image) == UnitFileState()


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/etc/systemd/system", "file"),
        ("/run/systemd/system", "file"),
        ("/usr/local/lib/systemd/system", "file"),
        ("/usr/lib/systemd/system", "file"),
        ("/run/systemd/transient", "transient"),
        ("/run/systemd/generator", "generated"),
        ("/run/systemd/generator.late", "generated"),
    ],
)
def test_kind_of_what_is_installed(image: Scope, directory: str, kind: str) -> None:
    lay(image, f"{directory}/a.service")
    assert installed_in(image) == UnitFileState(kind, f"{directory}/a.service", text=UNIT)


def test_first_directory_wins(image: Scope) -> None:
    lay(image, "/usr/lib/systemd/system/a.service", "[Unit]\n")
    lay(image, "/etc/systemd/system/a.service")
    assert installed_in(image).path == "/etc/systemd/system/a.service"


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        pytest.param("/srv/units/a.service", "linked", id="file elsewhere"),
        pytest.param("../../../srv/units/a.service", "linked", id="relative"),
        pytest.param("/usr/lib/systemd/system/b.service", "alias", id="another name"),
        pytest.param("/dev/null", "masked", id="masked"),
    ],
)
def test_link_in_place_of_a_unit_file(image: Scope, target: str, kind: str) -> None:
    lay(image, "/srv/units/a.service")
    lay(image, "/usr/lib/systemd/system/b.service")
    lay_link(image, "/etc/systemd/system/a.service", target)
    seen = installed_in(image)
    assert (seen.kind, seen.path) == (kind, "/etc/systemd/system/a.service")
    assert seen.target == ("/srv/units/a.service" if kind == "linked" else target)
    assert seen.text == (UNIT if kind == "linked" else "")


def test_what_a_mask_hides_is_what_counts(image: Scope) -> None:
    """masked: false brings it to light in the same run."""
    lay(image, "/usr/lib/systemd/system/a.service")
    lay_link(image, "/etc/systemd/system/a.service", "/dev/null")
    assert installed_in(image) == UnitFileState("file", "/usr/lib/systemd/system/a.service", text=UNIT)


def test_unit_file_of_others_that_is_no_text(image: Scope) -> None:
    Path(image.root, "etc/systemd/system/a.service").write_bytes(b"[Unit]\nDescription=\xff\n")
    assert installed_in(image).text == "[Unit]\nDescription=\ufffd\n"
