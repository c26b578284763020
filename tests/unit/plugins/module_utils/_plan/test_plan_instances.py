# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates and their instances: scaled, changed together, and left alone where they are not ours."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import UNITS, desired, problem_of, problems_of, unit, units_of
from ..simulated_host import Host, check_converged, killed_everywhere, reasons, short, unit_jobs


def workers(instances: Any = None, **options: Any) -> Desired:
    given = {} if instances is None else {"instances": instances}
    return desired(units={"w@.service": unit(**given, **options)})


def names(*instances: Any) -> list[str]:
    return [f"w@{instance}.service" for instance in instances]


def restarts(*instances: Any) -> list[tuple[str, str]]:
    return [(verb, name) for verb in ("reset_failed", "restart") for name in names(*instances)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(3, ["1", "2", "3"], id="count"),
        pytest.param(0, [], id="none"),
        pytest.param([], [], id="empty list"),
        pytest.param(["a", "b"], ["a", "b"], id="names"),
        pytest.param("a b", ["a", "b"], id="one string"),
        pytest.param([1, 5], ["1", "5"], id="numbers"),
        pytest.param(["a@b", "x\\x2dy", "-z", "1:2.3_4"], ["a@b", "x\\x2dy", "-z", "1:2.3_4"], id="odd, but right"),
    ],
)
def test_instances(given: Any, expected: list[str]) -> None:
    found = units_of(workers(given))
    assert sorted(found) == sorted(["w@.service", *names(*expected)])
    for name in names(*expected):
        assert (found[name].state, found[name].has_file, found[name].path) == ("started", False, f"{UNITS}/w@.service")
        assert [link.path for link in found[name].links] == [f"{UNITS}/multi-user.target.wants/{name}"]
        assert [link.target for link in found[name].links] == [f"{UNITS}/w@.service"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param(-1, "no sensible number", id="negative"),
        pytest.param(1001, "no sensible number", id="too many"),
        pytest.param(["a b"], "an instance with the name 'a b'", id="blank"),
        pytest.param(["a/b"], "an instance with the name 'a/b'", id="slash"),
        pytest.param([""], "an instance with the name ''", id="empty"),
        pytest.param(True, "must be a list", id="truth value"),
        pytest.param({"a": 1}, "must be a list", id="mapping"),
    ],
)
def test_instances_that_cannot_be(given: Any, problem: str) -> None:
    found = problem_of(units={"w@.service": unit(instances=given)})
    assert found.place == "units.w@.service.instances"
    assert problem in found.problem


def test_instances_of_what_is_no_template() -> None:
    found = problem_of(units={"w.service": unit(instances=2)})
    assert (found.place, found.problem, found.remedy) == (
        "units.w.service.instances",
        "only a template has instances",
        "Name the unit w@.service.",
    )


def test_instance_that_is_declared_twice() -> None:
    found = problems_of(units={"w@.service": unit(instances=["a"]), "w@a.service": unit()})
    assert (found[0].place, found[0].problem) == ("units.w@a.service", "units.w@.service declares this unit already")


def gone(*numbers: Any) -> list[tuple[str, str]]:
    return [(verb, name) for verb in ("stop", "reset_failed") for name in names(*numbers)]


def test_scaling() -> None:
    """3 → 1 → 4 → 0."""
    host, seen = Host(), []
    for count in (3, 1, 4, 0):
        wanted = workers(count)
        seen.append(unit_jobs(host.run(wanted)))
        check_converged(host, wanted)
        assert host.up() == set(names(*range(1, count + 1)))
        links = {path.rpartition("/")[2] for path in host.links}
        assert links == set(names(*range(1, count + 1)))
        assert host.plan(wanted) == Plan(())
    assert seen == [
        [("start", name) for name in names(1, 2, 3)],
        gone(2, 3),
        [("start", name) for name in names(2, 3, 4)],
        gone(1, 2, 3, 4),
    ]


def test_scaling_restarts_nobody() -> None:
    host = Host()
    host.run(workers(2))
    before = {name: host.unit(name).invocation for name in names(1, 2)}
    host.run(workers(3))
    assert {name: host.unit(name).invocation for name in names(1, 2)} == before


@pytest.mark.parametrize(("before", "after"), [(3, 1), (1, 3), (2, 0), (0, 2), (["a", "b"], ["b", "c"])])
def test_scaling_interrupted_anywhere(before: Any, after: Any) -> None:
    start, wanted = Host(), workers(after)
    start.run(workers(before))
    for killed_after, host in killed_everywhere(start, wanted):
        host.run(wanted)
        check_converged(host, wanted)
        assert host.up() == {each.name for each in wanted.units if not each.is_template}, killed_after
        assert host.plan(wanted) == Plan(()), killed_after


def test_changed_template_reaches_all_instances() -> None:
    host = Host()
    host.run(workers(2))
    plan = host.run(workers(2, Service={"Nice": 5}))
    assert unit_jobs(plan) == restarts(1, 2)
    assert set(reasons(plan, "restart")) == {"Nice= changed"}
    check_converged(host, workers(2, Service={"Nice": 5}))


def test_changed_template_reaches_instances_that_somebody_else_has_started() -> None:
    host = Host()
    host.run(workers(1))
    host.start("w@mine.service")
    wanted = workers(1, Service={"Nice": 5})
    assert unit_jobs(host.run(wanted)) == restarts(1, "mine")
    assert host.plan(wanted) == Plan(())


def test_instance_of_somebody_else_that_is_down_stays_so() -> None:
    host = Host()
    host.run(workers(1))
    host.start("w@mine.service")
    host.fail("w@mine.service")
    assert unit_jobs(host.run(workers(1, Service={"Nice": 5}))) == restarts(1)


def test_template_without_instances_declared() -> None:
    """Somebody else starts them, for example a udev rule; they have the new definition all the same."""
    host = Host()
    assert unit_jobs(host.run(workers())) == []
    host.start("w@usb.service")
    assert unit_jobs(host.run(workers(Service={"Nice": 5}))) == restarts("usb")


def test_scaling_stops_no_instance_of_somebody_else() -> None:
    host = Host()
    host.run(workers(2))
    host.start("w@mine.service")
    host.run(workers(1))
    assert host.up() == set(names(1, "mine"))


def test_instances_go_with_their_template() -> None:
    host = Host()
    empty = host.tree()
    host.run(workers(2))
    host.start("w@mine.service")
    plan = host.remove()
    assert unit_jobs(plan) == gone(1, 2, "mine")
    assert host.up() == set()
    assert host.tree() == empty


def test_states_of_instances() -> None:
    host = Host()
    host.run(workers(2))
    assert unit_jobs(host.run(workers(2, state="stopped"))) == [("stop", name) for name in names(1, 2)]
    assert unit_jobs(host.run(workers(2, state="try-restarted"))) == []
    assert unit_jobs(host.run(workers(2, state="started"))) == [("start", name) for name in names(1, 2)]
    assert unit_jobs(host.run(workers(2, state="restarted"))) == restarts(1, 2)


def test_instances_that_are_not_enabled() -> None:
    wanted = workers(2, enabled=False)
    host = Host()
    host.run(workers(2))
    plan = host.run(wanted)
    assert [verb for verb, _target in short(plan)] == ["remove", "remove", "daemon_reload", "remove_directory"]
    check_converged(host, wanted)
    assert host.up() == set(names(1, 2))


def test_default_instance_is_that_of_a_template_without_instances() -> None:
    install = {"WantedBy": "multi-user.target", "DefaultInstance": "main"}
    links = [link.path for link in workers(Install=install).links]
    assert links == [f"{UNITS}/multi-user.target.wants/w@main.service"]
    links = [link.path for link in workers(["a"], Install=install).links]
    assert links == [f"{UNITS}/multi-user.target.wants/w@a.service"]


def test_drop_in_of_a_template_reaches_all_instances() -> None:
    host = Host()
    host.run(workers(2))
    wanted = workers(2, dropins={"x": {"Service": {"Nice": 5}}})
    assert unit_jobs(host.run(wanted)) == restarts(1, 2)
    check_converged(host, wanted)


def test_instances_of_a_template_that_something_else_has_installed() -> None:
    host = Host()
    host.install("w@.service", "[Service]\nExecStart=/bin/w\n[Install]\nWantedBy=multi-user.target\n")
    before = host.tree()
    for count in (2, 1):
        wanted = host.declare(units={"w@.service": {"instances": count, "enabled": True}})
        host.run(wanted)
        check_converged(host, wanted)
        assert host.plan(wanted) == Plan(())
        assert host.up() >= set(names(*range(1, count + 1)))
        assert {path.rpartition("/")[2] for path in host.links} == set(names(*range(1, count + 1)))
    host.remove()
    assert host.tree() == before


def test_instance_of_a_template_of_others_that_is_not_declared_any_more() -> None:
    host = Host()
    host.install("w@.service", "[Service]\nExecStart=/bin/w\n")
    host.run(host.declare(units={"w@.service": {"instances": 2}}))
    host.run(host.declare(units={"w@.service": {"instances": 1}}))
    assert host.up() == set(names(1))


def test_template_is_not_started() -> None:
    found = problem_of(units={"w@.service": unit(state="started")})
    assert found.place == "units.w@.service.state"


def test_plain_unit_becomes_a_template() -> None:
    host = Host()
    host.run(desired(units={"w.service": unit()}))
    wanted = workers(2)
    assert unit_jobs(host.run(wanted)) == [
        ("stop", "w.service"),
        ("reset_failed", "w.service"),
        *(("start", name) for name in names(1, 2)),
    ]
    check_converged(host, wanted)
