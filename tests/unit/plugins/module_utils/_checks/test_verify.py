# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of the staged units, told with places of the declaration; the lines are those of real hosts."""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.verdict import Verdict
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.verify import check_verified
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written import units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._systemctl.parse import verdicts

from ..builders import UNITS, daemon, desired, stack

VERSIONS = ("247", "252", "254", "257", "262")
CAPTURED = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "_systemctl", "captured")

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
    assert "circle: f.service, g.service, sysinit.target" in problems[-1].problem
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
