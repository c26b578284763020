# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How exposed a service may be, and what is said of one that is too much so."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.exposure import are_due, check_exposure, services
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import Written, units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Exposure

from ..builders import SLEEPER, TARGET, daemon, desired, stack

GAPS = (("PrivateNetwork=", 0.5), ("User=/DynamicUser=", 0.4), ("UMask=", 0.1), ("RemoveIPC=", 0.1))


def units(**params: Any) -> tuple[Written, ...]:
    return units_of(stack(**params), desired(**params))


def problems_of(score: float, limit: float | None, **params: Any) -> tuple[Problem, ...]:
    of = services(units(**params))
    problems = Problems()
    check_exposure({name: Exposure(score, GAPS) for name in of}, of, limit, problems)
    return problems.found


def test_services_that_the_stack_writes() -> None:
    found = units(
        daemons={"echo": daemon(socket={"ListenStream": 1}, accept=True)},
        units={"a.service": SLEEPER, "b.target": TARGET, "c.service": {"dropins": {"x": {"Service": {"Nice": 1}}}}},
    )
    assert set(services(found)) == {"echo@.service", "a.service"}


@pytest.mark.parametrize(
    ("known", "limit", "writes", "due"),
    [
        pytest.param({}, None, True, True, id="written"),
        pytest.param({"a.service": 1.0}, None, True, True, id="written again"),
        pytest.param({}, None, False, False, id="nobody asks"),
        pytest.param({}, 5.0, False, True, id="a limit, and nothing is known"),
        pytest.param({"a.service": 4.9}, 5.0, False, False, id="a limit that is kept to"),
        pytest.param({"a.service": 5.1}, 5.0, False, True, id="a limit that is not"),
    ],
)
def test_what_must_be_judged(known: dict[str, float], limit: float | None, writes: bool, due: bool) -> None:
    all_units = units(units={"a.service": SLEEPER})
    assert are_due(services(all_units), all_units if writes else (), known, limit) == ["a.service"] * due


@pytest.mark.parametrize(("score", "limit", "refused"), [(4.6, 4.5, True), (4.5, 4.5, False), (9.9, None, False), (0.1, 0, True)])
def test_over_the_limit(score: float, limit: float | None, refused: bool) -> None:
    assert bool(problems_of(score, limit, units={"a.service": SLEEPER})) == refused


def test_in_words() -> None:
    (unit,) = problems_of(9.6, 4.5, units={"a.service": SLEEPER})
    assert (unit.place, unit.value, unit.problem) == (
        "units.a.service",
        "a.service",
        "has an exposure of 9.6, over the limit of 4.5",
    )
    assert unit.remedy == (
        "What adds most is PrivateNetwork= (0.5), User=/DynamicUser= (0.4), UMask= (0.1)."
        " Set these directives, or raise max_exposure"
    )


@pytest.mark.parametrize(
    ("preset", "advice"),
    [("none", "Set hardening: standard or strict,"), ("standard", "Set hardening: strict,"), ("strict", "Set these directives,")],
)
def test_a_daemon_has_presets(preset: str, advice: str) -> None:
    (problem,) = problems_of(9.6, 4.5, daemons={"echo": daemon(hardening=preset)})
    assert problem.place == "daemons.echo.hardening"
    assert advice in problem.remedy


@pytest.mark.parametrize("value", [-1, 11, "much", True, "nan"])
def test_no_limit(value: Any) -> None:
    with pytest.raises(Exception, match="max_exposure"):
        stack(max_exposure=value)
