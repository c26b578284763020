# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When systemd is asked how exposed a service is, of what, and what is made of it."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.preflight.exposure import Judged, judge_after, judge_before
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed

from ..builders import SLEEPER, daemon, desired, stack

DECLARED = {"daemons": {"echo": daemon()}, "units": {"a@.service": {**SLEEPER, "dropins": {"b": {"Service": {"Nice": 1}}}}}}


class Analyze:
    """systemd-analyze: remembers what it was asked, and what lay in the files that it was given."""

    def __init__(self, rc: int = 0, score: float = 9.2) -> None:
        self.asked: list[Sequence[str]] = []
        self.files: dict[str, str] = {}
        self._rc, self._score = rc, score

    def __call__(self, argv: Sequence[str], _stdin: bytes | None, _environment: Mapping[str, str]) -> tuple[int, str, str]:
        self.asked.append(argv)
        names = argv[argv.index("--") + 1 :]
        for name in names:
            for folder, _folders, files in os.walk(os.path.dirname(name)) if name.startswith("/") else ():
                for file in files:
                    with open(os.path.join(folder, file), encoding="utf-8") as stream:
                        self.files[os.path.relpath(os.path.join(folder, file), os.path.dirname(name))] = stream.read()
        scores = [
            f"- UMask=   Readable   0.1\n-> Overall exposure level for {os.path.basename(name)}: {self._score} BAD"
            for name in names
        ]
        return self._rc, "" if self._rc else "\n".join(scores), "Failed" if self._rc else ""


def judged(
    analyze: Analyze, systemd: int = 252, known: Mapping[str, float] | None = None, writes: bool = True, **params: Any
) -> tuple[Judged, Problems]:
    params = {**DECLARED, **params}
    declared = stack(**params)
    units = units_of(declared, desired(**params))
    problems = Problems()
    observed = Observed({}, {}, {}, None, exposure=known or {})
    scope = desired(**params).scope
    context: Any = SimpleNamespace(manager=SimpleNamespace(scope=scope, user=None), commands=Commands(analyze))
    return judge_before(declared, units, units if writes else (), observed, systemd, context, problems), problems


def test_by_the_files() -> None:
    analyze = Analyze()
    found, problems = judged(analyze)
    assert found == Judged({"a@.service": 9.2, "echo.service": 9.2})
    assert not problems
    assert [argv[:4] for argv in analyze.asked] == [["systemd-analyze", "security", "--no-pager", "--offline=true"]]
    assert set(analyze.files) >= {"a@.service", "a@.service.d/b.conf", "echo.service"}
    assert "Nice=1" in analyze.files["a@.service.d/b.conf"]
    assert not os.path.exists(os.path.dirname(analyze.asked[0][-1]))


def test_nothing_is_asked_where_nothing_changes() -> None:
    analyze = Analyze()
    known = {"a@.service": 1.0, "echo.service": 2.0}
    assert judged(analyze, known=known, writes=False)[0] == Judged(known)
    assert judged(analyze, known=known, writes=False, max_exposure=2)[0] == Judged(known)
    assert analyze.asked == []


def test_over_the_limit() -> None:
    _found, problems = judged(Analyze(), max_exposure=9)
    assert [problem.value for problem in problems.found] == ["a@.service", "echo.service"]
    assert "UMask= (0.1)" in problems.found[0].remedy


def test_over_the_limit_though_nothing_changes() -> None:
    known = {"a@.service": 9.2, "echo.service": 2.0}
    _found, problems = judged(Analyze(), known=known, writes=False, max_exposure=9)
    assert [problem.value for problem in problems.found] == ["a@.service"]


def test_where_systemd_does_not_tell_nothing_is_known() -> None:
    found, problems = judged(Analyze(rc=1), max_exposure=1)
    assert (found.exposure, problems.found) == ({}, ())
    assert found.warnings == ("systemd does not tell the exposure of a@.service, echo.service: max_exposure was not looked at.",)
    assert judged(Analyze(rc=1))[0] == Judged({})


def test_systemd_247_judges_what_is_loaded() -> None:
    analyze = Analyze()
    found, problems = judged(analyze, 247, max_exposure=9)
    assert (found.exposure, found.later, problems.found, analyze.asked) == ({}, ("a@.service", "echo.service"), (), [])
    (warning,) = found.warnings
    assert "systemd 247" in warning
    assert "echo.service" in warning
    assert judged(analyze, 247)[0].warnings == ()


def test_systemd_247_has_loaded_what_does_not_change() -> None:
    analyze = Analyze()
    found, problems = judged(analyze, 247, writes=False, max_exposure=9)
    assert (found.later, len(problems.found)) == ((), 2)
    assert [list(argv[3:]) for argv in analyze.asked] == [["--", "a@.service", "echo.service"]]


@pytest.mark.parametrize("params", [{"root": "/srv/image"}, {"scope": "global"}])
def test_where_no_manager_answers(params: dict[str, Any]) -> None:
    analyze = Analyze()
    assert judged(analyze, max_exposure=1, **params)[0].warnings == ("max_exposure is not looked at: no manager answers here.",)
    assert judged(analyze, **params)[0].warnings == ()
    assert analyze.asked == []


@pytest.mark.parametrize(("limit", "failures"), [(None, 0), (9.2, 0), (9.1, 1)])
def test_after_the_start(limit: float | None, failures: int) -> None:
    scores, found = judge_after(["echo.service"], limit, Commands(Analyze()))
    assert scores == {"echo.service": 9.2}
    assert [(each.unit, each.problem) for each in found] == [
        ("echo.service", "has an exposure of 9.2, over the limit of 9.1")
    ] * failures
