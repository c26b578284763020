# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of the staged units, told with places of the declaration; the lines are those of real hosts."""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.verify import check_verified
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.verify_output import Verdict
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.parse import verdicts

from ..builders import UNITS, daemon, desired, stack

VERSIONS = ("247", "252", "254", "257", "262")
CAPTURED = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "_systemd_cli", "captured")

# Those of captured/capture-verify.sh.
STAGED: dict[str, Any] = {
    "a.service": {
        "content": "[Unit]\nAfter=foo\nRequires=nosuch.service\n[Service]\nExecStart=/usr/bin/nosuch\nRestart=\\\n  sometimes\n"
        "RemainAfterExit=maybe\nStandardOutput=syslog\nSystemCallFilter=nosuchcall\nBanana=5\n",
        "dropins": {"10-x": "[Service]\nMemoryMax=%%512Q\nUser=nobody\n"},
    },
    "b.service": "[Service]\nType=oneshot\n",
    "c.service": "[Service]\nExecStart=%b/a\n",
    "t@.service": "[Service]\nExecStart=/bin/true\nDynamicUser=maybe\n",
    "d.socket": "[Socket]\nListenStream=9999\n",
    "e.timer": "[Timer]\nOnCalendar=*-*-* 25:00:00\n",
    "f.service": "[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\nAfter=g.service\n"
    "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    "g.service": "[Unit]\nRequires=f.service\nAfter=sysinit.target\n[Service]\nExecStart=/bin/true\n",
    "h.service": "[Service]\nExecStart=sleep 5\n",
}


def told(said: list[Verdict], before: Problems | None = None, **params: Any) -> tuple[tuple[Problem, ...], list[str]]:
    units = units_of(stack(**params), desired(**params))
    texts = {text.path[len(UNITS) + 1 :]: text for unit in units for text in unit.texts}
    problems = before or Problems()
    warnings = check_verified(units, said, texts, problems)
    return problems.found, warnings


@pytest.mark.parametrize("version", VERSIONS)
def test_captured(version: str) -> None:
    with open(os.path.join(CAPTURED, version, "verify.txt"), encoding="utf-8") as stream:
        said = verdicts(stream.read(), "/run/daemonic.systemd.x")
    problems, warnings = told(said, units=STAGED)
    assert [(problem.place, problem.value) for problem in problems] == [
        ("units.a.service.Unit.After", "foo"),
        ("units.a.service.Service.Restart", "sometimes"),
        ("units.a.service.Service.RemainAfterExit", "maybe"),
        ("units.a.service.Service.Banana", "5"),
        ("units.a.service.dropins.10-x.Service.MemoryMax", "%%512Q"),
        ("units.c.service.Service.ExecStart", "%b/a"),
        ("units.t@.service.Service.DynamicUser", "maybe"),
        ("units.e.timer.Timer.OnCalendar", "*-*-* 25:00:00"),
        ("units.b.service", "b.service"),
        ("units.e.timer", "e.timer"),
        ("units.f.service.Unit.After", "f.service"),
    ]
    assert problems[1].remedy == ("It takes one of: no, on-success, on-failure, on-abnormal, on-watchdog, on-abort, always.")
    assert problems[2].remedy == "It takes one of: yes, no."
    assert "ordering cycle: f.service, g.service, sysinit.target" in problems[-1].problem
    assert [warning.partition(":")[0] for warning in warnings] == [
        "units.a.service.Service.StandardOutput",
        "units.a.service.Service.SystemCallFilter",
        "units.a.service.dropins.10-x.Service.User",
    ]


def test_units_of_others() -> None:
    said = [
        Verdict("Unknown key, ignoring.", path="other.service", line=3),
        Verdict("Service has no ExecStart=. Refusing.", unit="other.service"),
        Verdict("Found ordering cycle on other.service/start", unit="another.service"),
        Verdict("Unit other.service has a bad unit file setting."),
    ]
    assert told(said, units=STAGED) == ((), [])


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize(("unit", "member"), [("p.service", "p.service"), ("p@.service", "p@i.service")])
def test_a_circle_is_told_where_it_was_declared(first: int, unit: str, member: str) -> None:
    circle = [member, "o.service", "sysinit.target"]
    units = {
        "o.service": "[Service]\nExecStart=/bin/true\n",
        unit: "[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\n[Service]\nExecStart=/bin/true\n",
    }
    said = [
        Verdict(f"Found {'dependency' if at else 'ordering cycle'} on {name}/start", unit="sysinit.target")
        for at, name in enumerate([*circle[first:], *circle[:first], circle[first]])
    ]
    (problem,), _warnings = told(said, units=units)
    assert (problem.place, problem.value) == (f"units.{unit}.Unit.Before", unit)
    assert problem.problem.endswith(f": {member}, o.service, sysinit.target")


def test_place_in_a_daemon() -> None:
    said = [Verdict("Failed to parse, ignoring: x", path="a.service", line=line) for line in range(1, 20)]
    problems, _warnings = told(said, daemons={"a": daemon(user="x", service={"Nice": "%i"})})
    assert {"daemons.a.user", "daemons.a.service.Nice", "daemons.a.environment"} <= {problem.place for problem in problems}


def test_no_secret_is_told() -> None:
    units = {"a.service": "[Service]\nExecStart=/bin/a\nEnvironment=A=1 hunter2\n"}
    (problem,), _warnings = told(
        [Verdict("Invalid environment assignment, ignoring: hunter2", path="a.service", line=3)], units=units
    )
    assert "hunter2" not in str(problem)
    assert problem.place == "units.a.service.Service.Environment"


def test_what_a_check_of_ours_has_told_is_not_told_again() -> None:
    before = Problems()
    before.add("units.b.service.Service.Type", "oneshot", "p", "r")
    said = [
        Verdict("Failed to parse Type=, ignoring", path="b.service", line=2),
        Verdict("Unit b.service has a bad unit file setting."),
    ]
    problems, _warnings = told(said, before, units=STAGED)
    assert len(problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Support for option CPUShares= has been removed and it is ignored",
        "Unit uses MemoryLimit=; please use MemoryMax= instead. Support for MemoryLimit= will be removed soon.",
        "PIDFile= references a path below legacy directory /var/run/, updating /var/run/x → /run/x",
        "Unknown system call group, ignoring: @nogroup",
        "System call nosuch is not known, ignoring.",
        "Unit uses KillMode=none. This is unsafe, as it disables the life cycle management",
        "Something that a newer version may want to tell",
    ],
)
def test_no_mistake(text: str) -> None:
    problems, warnings = told([Verdict(text, path="b.service", line=2)], units=STAGED)
    assert problems == ()
    assert warnings == [f"units.b.service.Service.Type: systemd says: {text}"]


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        pytest.param("ReadWritePaths", "legacy/data", "ReadWritePaths= path is not absolute, ignoring: legacy/data", id="a path"),
        pytest.param("Restart", "unsafe", "Failed to parse service restart specifier, ignoring: unsafe", id="a word, 247"),
        pytest.param("Restart", "unsafe", "Failed to parse Restart=unsafe, ignoring: Invalid argument", id="a word, 262"),
        pytest.param("DeviceAllow", "legacy", "Invalid device node path 'legacy', ignoring.", id="in quotes"),
        pytest.param("ExecStart", "legacy/a", "Neither a valid executable name nor an absolute path: legacy/a", id="a program"),
        pytest.param("WorkingDirectory", "capability/x", "WorkingDirectory= path is not absolute: capability/x", id="a folder"),
        pytest.param("LoadCredential", "a:unsafe/x", 'Credential source "unsafe/x" not valid, ignoring.', id="a credential"),
        pytest.param(
            "Slice",
            "deprecated.service",
            "Failed to assign slice deprecated.service to unit b.service, ignoring: Invalid argument",
            id="bare",
        ),
        pytest.param("Slice", "deprecated", "Failed to load slice unit deprecated, ignoring: x", id="a bare word"),
        pytest.param("RestrictAddressFamilies", "x", "Failed to parse address family, ignoring: not supported", id="an errno"),
        pytest.param("Environment", "A=\\d", "Invalid syntax, ignoring: A=\\d", id="an escape of a line that is not taken"),
    ],
)
def test_words_of_the_value_excuse_nothing(key: str, value: str, text: str) -> None:
    units = {"b.service": {"content": f"[Service]\nType=oneshot\nExecStart=/bin/true\n{key}={value}\n"}}
    said = [Verdict(text, path="b.service", line=4)]
    if key == "ExecStart":
        units = {"b.service": {"content": f"[Service]\nType=oneshot\n\nExecStart=/bin/true {value}\n"}}
    problems, warnings = told(said, units=units)
    assert ([problem.place for problem in problems], warnings) == ([f"units.b.service.Service.{key}"], [])


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        pytest.param("StandardOutput", "syslog", "Standard output type syslog is obsolete, automatically updating", id="old"),
        pytest.param("PIDFile", "/var/run/must.pid", "PIDFile= references a path below legacy directory /var/run/", id="path"),
        pytest.param("Slice", "invalid.slice", "Special slice invalid.slice configured, this is not safe!", id="a bare word"),
    ],
)
def test_words_of_the_value_accuse_nothing(key: str, value: str, text: str) -> None:
    units = {"b.service": {"content": f"[Service]\nType=oneshot\nExecStart=/bin/true\n{key}={value}\n"}}
    problems, warnings = told([Verdict(text, path="b.service", line=4)], units=units)
    assert (problems, len(warnings)) == ((), 1)


def test_a_backslash_that_is_no_escape_is_handed_on() -> None:
    """systemd keeps it, and takes the line: what a regular expression in a shell's command needs."""
    units = {"b.service": {"content": "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'grep \\d x'\n"}}
    said = [Verdict('Ignoring unknown escape sequences: "grep \\d x"', path="b.service", line=3)]
    problems, warnings = told(said, units=units)
    assert problems == ()
    assert warnings[0].startswith("units.b.service.Service.ExecStart: systemd says: Ignoring unknown escape")
    assert "Double it" in warnings[0]
