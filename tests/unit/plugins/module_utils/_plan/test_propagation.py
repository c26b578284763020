# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that systemd stops and restarts along with those of the stack: what ran before runs again, or the run fails."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._health.last_look import LastLook
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.propagation import warnings_of_stops
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..builders import daemon, unit
from ..simulated_host import Host, Short, deployed, unit_jobs
from .test_plan_properties import STACKS, a_host, as_it_is, connect

PROPERTY = settings(
    max_examples=examples(60), deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def with_others(host: Host, **units: str) -> Host:
    """Units of nobody, which run. units: name → the line of its [Unit] section."""
    for name, line in units.items():
        host.install(f"{name}.service", f"[Unit]\n{line}\n[Service]\nExecStart=/bin/other\n")
        host.start(f"{name}.service")
    return host


def changed(**options: Any) -> dict[str, Any]:
    return {"daemons": {"echo": daemon(environment={"NEW": "1"}, **options)}}


@pytest.mark.parametrize("line", ["Requires=echo.service", "BindsTo=echo.service", "PartOf=echo.service"])
def test_what_stops_with_a_daemon_that_is_stopped_and_started_runs_again(line: str) -> None:
    host = with_others(deployed(daemons={"echo": daemon()}), other=line)
    host.run(host.declare(**changed(on_change="stop-start")))
    assert host.is_up("other.service")
    assert host.found == LastLook()


def test_and_so_does_what_stops_with_that() -> None:
    host = deployed(daemons={"echo": daemon()})
    with_others(host, second="Requires=echo.service", third="PartOf=second.service")
    plan = host.run(host.declare(**changed(on_change="stop-start")))
    assert unit_jobs(plan)[-2:] == [("start", "second.service"), ("start", "third.service")]
    assert {"second.service", "third.service"} <= host.up()


def test_what_did_not_run_is_left_alone() -> None:
    host = with_others(deployed(daemons={"echo": daemon()}), other="PartOf=echo.service")
    host.stop("other.service")
    host.run(host.declare(**changed(on_change="stop-start")))
    assert not host.is_up("other.service")


def test_what_follows_a_daemon_that_goes_runs_on() -> None:
    host = with_others(deployed(daemons={"echo": daemon()}), other="PartOf=echo.service")
    host.remove()
    assert host.is_up("other.service")


@pytest.mark.parametrize("line", ["Requires=echo.service", "BindsTo=echo.service"])
def test_a_daemon_is_not_taken_from_those_of_others_that_need_it(line: str) -> None:
    host = with_others(deployed(daemons={"echo": daemon()}), other=line)
    with pytest.raises(ValidationFailed) as refused:
        host.remove()
    (problem,) = refused.value.problems
    assert (problem.place, problem.value) == ("echo.service", "other.service")
    assert problem.remedy == "Stop other.service first, or take the requirement out of it."
    host.stop("other.service")
    host.remove()
    assert not host.is_up("echo.service")


def test_what_is_declared_stopped_takes_those_with_it_that_need_it_with_a_warning() -> None:
    host = with_others(deployed(daemons={"echo": daemon()}), other="Requires=echo.service")
    wanted = host.declare(daemons={"echo": daemon(state="stopped")})
    planned, observed = host.decide(wanted)
    assert warnings_of_stops(planned.actions, wanted, observed) == ["other.service stops with echo.service, which it needs."]
    host.run(wanted)
    assert host.found == LastLook()
    assert not host.is_up("other.service")


def test_what_a_restart_takes_along_is_watched() -> None:
    host = with_others(deployed(daemons={"echo": daemon()}), other="PartOf=echo.service")
    assert host.plan(host.declare(**changed())).watch == ("echo.service", "other.service")


@pytest.mark.parametrize("on_change", ["auto", "stop-start"])
def test_what_fails_when_it_is_restarted_along_fails_the_run_which_is_rolled_back(on_change: str) -> None:
    host = with_others(deployed(daemons={"echo": daemon(on_change=on_change)}), other="PartOf=echo.service")
    before = as_it_is(host)
    host.failing["other.service"] = 0
    host.run(host.declare(**changed(on_change=on_change)))
    (failure,) = host.found.failures
    assert (failure.unit, failure.problem) == (
        "other.service",
        "is not of the stack demo, but ran before, and now it failed: exit-code",
    )
    assert as_it_is(host) == before


def test_what_follows_a_unit_that_is_stopped_a_second_time_runs_on() -> None:
    """A target that is started pulls in what is declared stopped: it is stopped once more, and takes others along."""
    units = {"t.target": {"Install": {"WantedBy": "multi-user.target"}}}
    host = with_others(deployed(daemons={"echo": daemon()}, units=units), other="PartOf=echo.service")
    pulling = {"t.target": {"Unit": {"Wants": "echo.service"}, **units["t.target"]}}
    host.run(host.declare(daemons={"echo": daemon(state="stopped")}, units=pulling))
    assert host.found == LastLook()
    assert host.is_up("other.service")
    assert not host.is_up("echo.service")


def test_a_unit_of_the_stack_that_follows_another() -> None:
    """It is restarted along by systemd, once, and watched."""
    units = {"a.service": unit(), "b.service": unit(Unit={"PartOf": "a.service"})}
    host = deployed(units=units)
    plan = host.run(host.declare(units={**units, "a.service": unit(Service={"Nice": 1})}))
    jobs: Short = [("reset_failed", "a.service"), ("restart", "a.service")]
    assert unit_jobs(plan) == jobs
    assert plan.watch == ("a.service", "b.service")


NAMES = st.sampled_from(["a", "b", "helper", "needing", "following"])


@PROPERTY
@given(
    STACKS,
    STACKS,
    st.dictionaries(NAMES, st.integers(0, 2), max_size=3),
    st.sets(NAMES),
)
def test_green_is_as_declared(one: dict[str, Any], other: dict[str, Any], failing: dict[str, int], slow: set[str]) -> None:
    """Whatever fails at its n-th start, and whatever is slow, of the stack or of others that are moved along."""
    host = a_host()
    host.run(host.declare(**one))
    connect(host)
    with_others(host, needing="Requires=a.service", following="PartOf=a.service b.service")
    before = as_it_is(host)
    others = {"needing.service", "following.service"} & host.up()
    host.failing.update({f"{name}.service": count for name, count in failing.items()})
    host.slow = {f"{name}.service" for name in slow}
    wanted = host.declare(**other)
    try:
        host.run(wanted)
    except ValidationFailed:
        assert as_it_is(host) == before
        return
    if host.found != LastLook():  # that all is put back is another property: what fails may fail then, too
        failed = {failure.unit for failure in host.found.failures}
        stopped = {unit_.name for unit_ in wanted.units if unit_.state == "stopped"}  # another unit that is started wants it
        assert failed <= set(host.failing) | stopped
        assert failed & stopped or any(count < 0 for name, count in host.failing.items() if name.rpartition(".")[0] in failing)
        return
    for unit_ in wanted.units:
        state = host.unit(unit_.name)
        assert not (unit_.wants_to_run and not unit_.runs_once and not unit_.is_template) or state.is_running, unit_.name
        assert not (unit_.state == "stopped" and state.is_up), unit_.name
    if "a.service" in host.up():
        assert others <= host.up()
