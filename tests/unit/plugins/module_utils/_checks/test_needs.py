# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a unit needs of its host: found in its directives, and left out where the stack brings it or nobody can know."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.needs import (
    DIRECTORY,
    FILE,
    GROUP,
    MISSING,
    NO_INTERPRETER,
    NO_PROGRAM,
    NOT_EXECUTABLE,
    PROGRAM,
    SCRIPT,
    THERE,
    USER,
    Need,
    brought_by,
    check_needs,
    needs_of,
    state_of_program,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems

from ..builders import daemon, desired, stack


def needs(service: dict[str, Any] | None = None, scope: str = "system", **params: Any) -> list[tuple[str, str]]:
    """The needs of a unit a.service, its ExecStart=/bin/a left out."""
    if service is not None:
        params["units"] = {"a.service": {"Service": {"ExecStart": "/bin/a", **service}}, **params.get("units", {})}
    wanted = desired(**params)
    brought = brought_by(wanted, lambda _path: 0o644)
    found = [need for each in units_of(stack(**params), wanted) for need in needs_of(each, scope, brought)]
    return [(need.kind, need.name) for need in found if need.name != "/bin/a"]


@pytest.mark.parametrize(
    ("service", "wanted"),
    [
        pytest.param({"User": "alice", "Group": "users"}, [(USER, "alice"), (GROUP, "users")], id="user and group"),
        pytest.param({"SupplementaryGroups": "a 12 b"}, [(GROUP, "a"), (GROUP, "b")], id="more groups"),
        pytest.param({"User": 1000}, [], id="number"),
        pytest.param({"User": "%i"}, [], id="specifier"),
        pytest.param({"User": ["alice", ""]}, [], id="reset"),
        pytest.param({"User": "alice", "Group": "users", "DynamicUser": True}, [], id="dynamic"),
        pytest.param({"WorkingDirectory": "/srv/a/"}, [(DIRECTORY, "/srv/a")], id="directory"),
        pytest.param({"WorkingDirectory": "-/srv/a"}, [], id="directory that may be missing"),
        pytest.param({"WorkingDirectory": "~"}, [], id="home"),
        pytest.param({"WorkingDirectory": "%S/a"}, [], id="directory with specifier"),
        pytest.param({"WorkingDirectory": "/var/lib/a", "StateDirectory": "a"}, [], id="state directory"),
        pytest.param({"WorkingDirectory": "/var/lib/a/b", "StateDirectory": "a:c"}, [], id="below the state directory"),
        pytest.param({"WorkingDirectory": "/run/a", "RuntimeDirectory": "b a"}, [], id="runtime directory"),
        pytest.param({"WorkingDirectory": "/app", "RootDirectory": "/srv/image"}, [], id="another root"),
        pytest.param({"WorkingDirectory": "/app", "BindPaths": "/srv/a:/app"}, [], id="bound"),
        pytest.param({"EnvironmentFile": "/etc/a.env"}, [(FILE, "/etc/a.env")], id="environment file"),
        pytest.param({"EnvironmentFile": ["-/etc/a.env", "/etc/*.env", "/etc/%i.env"]}, [], id="files that may be missing"),
        pytest.param({"EnvironmentFile": ["/etc/a.env", ""]}, [], id="reset of files"),
        pytest.param({"ExecStartPre": "/usr/bin/nosuch -x"}, [(PROGRAM, "/usr/bin/nosuch")], id="program"),
        pytest.param({"ExecStartPre": "nosuch"}, [(PROGRAM, "nosuch")], id="program by name"),
        pytest.param({"ExecStartPre": "-/usr/bin/nosuch"}, [], id="program that may fail"),
        pytest.param({"ExecStartPre": "+!/usr/bin/x"}, [(PROGRAM, "/usr/bin/x")], id="prefixes"),
        pytest.param(
            {"ExecStartPre": "@/bin/python3 py /srv/x.py"}, [(PROGRAM, "/bin/python3"), (SCRIPT, "/srv/x.py")], id="argv[0]"
        ),
        pytest.param({"ExecStartPre": "/usr/bin/%p"}, [], id="program with specifier"),
        pytest.param({"ExecStop": "/bin/x ; /bin/y"}, [(PROGRAM, "/bin/x"), (PROGRAM, "/bin/y")], id="two commands"),
        pytest.param(
            {"ExecReload": "/bin/python3 -u -B /srv/x.py /srv/y"},
            [(PROGRAM, "/bin/python3"), (SCRIPT, "/srv/x.py")],
            id="script of python",
        ),
        pytest.param({"ExecReload": "/bin/python3 -m /srv"}, [(PROGRAM, "/bin/python3")], id="module"),
        pytest.param(
            {"ExecReload": "/bin/python3 -W ignore /srv/x.py"},
            [(PROGRAM, "/bin/python3"), (SCRIPT, "/srv/x.py")],
            id="flag with a value",
        ),
        pytest.param({"ExecReload": "/bin/sh -c /srv/x.sh"}, [(PROGRAM, "/bin/sh")], id="command of a shell"),
        pytest.param(
            {"ExecReload": "/bin/sh -eu /srv/x.sh"}, [(PROGRAM, "/bin/sh"), (SCRIPT, "/srv/x.sh")], id="script of a shell"
        ),
        pytest.param({"ExecReload": "/usr/bin/perl -e /x/"}, [(PROGRAM, "/usr/bin/perl")], id="code"),
        pytest.param({"ExecReload": "/bin/python3 ${SCRIPT}"}, [(PROGRAM, "/bin/python3")], id="variable"),
        pytest.param({"ExecReload": "/bin/python3 app.py"}, [(PROGRAM, "/bin/python3")], id="relative script"),
        pytest.param({"ExecReload": "/usr/bin/cat /srv/x"}, [(PROGRAM, "/usr/bin/cat")], id="no interpreter"),
    ],
)
def test_needs(service: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    assert needs(service) == wanted


@pytest.mark.parametrize(
    ("service", "files"),
    [
        pytest.param({"EnvironmentFile": "/etc/a.env"}, {"/etc/a.env": "A=1\n"}, id="environment file"),
        pytest.param({"WorkingDirectory": "/srv/a"}, {"/srv/a/b/c": "x"}, id="directory of a file"),
        pytest.param({"ExecStartPre": "/bin/a /srv/x.sh"}, {"/srv/x.sh": "echo\n"}, id="script"),
        pytest.param({"User": "bob", "Group": "bob"}, {"/etc/sysusers.d/a.conf": "# one\nu bob - -\n"}, id="sysusers.d"),
        pytest.param({"WorkingDirectory": "/srv/t"}, {"/etc/tmpfiles.d/a.conf": "d /srv/t 0755\n"}, id="tmpfiles.d"),
    ],
)
def test_what_the_stack_brings(service: dict[str, Any], files: dict[str, Any]) -> None:
    assert needs(service, files=files) == []


def test_mount_of_the_stack() -> None:
    mount = {"srv-m.mount": {"Mount": {"What": "tmpfs", "Where": "/srv/m", "Type": "tmpfs"}}}
    assert needs({"WorkingDirectory": "/srv/m/a"}, units=mount) == []
    assert needs({"WorkingDirectory": "/srv/m"}, units=mount) == []


def test_mount_that_is_waited_for() -> None:
    wanted = {
        "a.service": {"Unit": {"RequiresMountsFor": "/srv/n"}, "Service": {"ExecStart": "/bin/a", "WorkingDirectory": "/srv/n/a"}}
    }
    assert needs(units=wanted) == []


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ({"ConditionPathExists": "/srv/x.py"}, []),
        ({"ConditionFileIsExecutable": ["/srv/y", "|/srv/x.py"]}, []),
        ({"ConditionPathExists": "!/srv/x.py"}, [(SCRIPT, "/srv/x.py")]),
        ({"AssertPathExists": "/srv/x.py"}, [(SCRIPT, "/srv/x.py")]),
    ],
)
def test_what_a_condition_looks_for(unit: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """As rc-local.service does, which every Debian has, with or without /etc/rc.local."""
    found = needs(units={"a.service": {"Unit": unit, "Service": {"ExecStart": "/bin/a", "ExecStartPre": "/bin/sh /srv/x.py"}}})
    assert [need for need in found if need[0] == SCRIPT] == wanted


def test_daemon_brings_its_script() -> None:
    assert needs(daemons={"d": daemon()}) == [(PROGRAM, "/usr/bin/python3")]


def test_drop_in_of_a_unit_of_others() -> None:
    """The rest of it is not known; but a file of its environment must be there."""
    dropin = {"Service": {"User": "x", "WorkingDirectory": "/x", "ExecStartPre": "/x/y", "EnvironmentFile": "/x.env"}}
    assert needs(units={"ssh.service": {"dropins": {"d": dropin}}}) == [(FILE, "/x.env")]


def test_accounts_of_other_managers() -> None:
    assert needs({"User": "alice"}, scope="user") == []


def test_account_of_the_stack() -> None:
    wanted = {"User": "shop", "Group": "shop", "SupplementaryGroups": "media"}
    assert needs(wanted, users={"shop": {"groups": ["media"]}}) == []
    assert needs(wanted, users={"shop": {}}) == [(GROUP, "media")]


def test_directory_that_tmpfiles_makes() -> None:
    tmpfiles = {"/etc/tmpfiles.d/a.conf": "d /srv/a 0750 root root -\n"}
    assert needs({"WorkingDirectory": "/srv/a"}, files=tmpfiles) == []


def checked(need: Need, state: str) -> tuple[list[str], list[str]]:
    problems = Problems()
    warnings = check_needs({need: state}, False, problems)
    return [problem.problem for problem in problems.found], warnings


@pytest.mark.parametrize("kind", [USER, GROUP, DIRECTORY, FILE, PROGRAM, SCRIPT])
def test_told(kind: str) -> None:
    problems, warnings = checked(Need(kind, "/srv/x", "p"), MISSING)
    assert len(problems) == 1
    assert warnings == []
    assert checked(Need(kind, "/srv/x", "p"), THERE) == ([], [])


def test_what_may_come_at_boot_is_a_warning() -> None:
    problems, warnings = checked(Need(FILE, "/run/x.env", "p"), MISSING)
    assert problems == []
    assert warnings == ["p: there is no such file on the host (got '/run/x.env')."]


@pytest.mark.parametrize(
    ("mode", "head", "state"),
    [
        pytest.param(0o755, b"#!/bin/sh\necho\n", THERE, id="script"),
        pytest.param(0o755, b"#! /bin/sh -e\n", THERE, id="script with an option"),
        pytest.param(0o755, b"#!python3\n", THERE, id="interpreter that the kernel looks for in the working directory"),
        pytest.param(0o755, b"\x7fELF\2\1\1\0", THERE, id="binary"),
        pytest.param(0o644, b"#!/bin/sh\n", NOT_EXECUTABLE, id="no run bit"),
        pytest.param(0o755, b"print(1)\n", NO_PROGRAM, id="no first line"),
        pytest.param(0o755, b"\n#!/bin/sh\n", NO_PROGRAM, id="second line"),
        pytest.param(0o755, b"#!\n", NO_PROGRAM, id="empty first line"),
        pytest.param(0o755, b"", NO_PROGRAM, id="empty"),
        pytest.param(0o755, b"#!/usr/bin/pyton3\n", NO_INTERPRETER, id="misspelt interpreter"),
    ],
)
def test_program(mode: int, head: bytes, state: str) -> None:
    assert state_of_program(mode, head, lambda path: path == "/bin/sh") == state
    problems, _warnings = checked(Need(PROGRAM, "/srv/x", "p"), state)
    assert bool(problems) == (state != THERE)
