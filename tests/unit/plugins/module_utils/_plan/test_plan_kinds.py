# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that are no services: what a change of them needs, and what it must not do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import SLEEPER, desired, unit
from ..simulated_host import Host, Short, check_converged, killed_everywhere, reasons, short, unit_jobs

KINDS: dict[str, dict[str, Any]] = {
    "a.timer": {"Timer": {"OnCalendar": "daily", "Unit": "x.service"}},
    "a.path": {"Path": {"PathExists": "/srv/a", "Unit": "x.service"}},
    "a.slice": {"Slice": {"CPUWeight": 50}},
    "a.target": {"Unit": {"Wants": "x.service"}},
    "srv-a.mount": {"Mount": {"What": "tmpfs", "Where": "/srv/a", "Type": "tmpfs", "Options": "size=1m"}},
    "srv-a.automount": {"Automount": {"Where": "/srv/a", "TimeoutIdleSec": 5}},
    "dev-sda1.swap": {"Swap": {"What": "/dev/sda1", "Priority": 5}},
}
OTHERS = {"x.service": SLEEPER, "y.service": unit(Install={"WantedBy": "other.target"}, state="unmanaged")}


def with_unit(name: str, **changes: Any) -> Desired:
    return desired(units={**OTHERS, name: {**unit(KINDS[name], **changes), "state": "started"}})


def restart(name: str) -> Short:
    return [("reset_failed", name), ("restart", name)]


@pytest.mark.parametrize("name", KINDS)
def test_unit_is_started_and_then_left_alone(name: str) -> None:
    host = Host()
    assert ("start", name) in unit_jobs(host.run(with_unit(name)))
    check_converged(host, with_unit(name))
    assert host.plan(with_unit(name)) == Plan(())


@pytest.mark.parametrize(
    ("name", "change", "jobs"),
    [
        pytest.param("a.timer", {"Timer": {"OnCalendar": "hourly"}}, [], id="timer, schedule"),
        pytest.param("a.timer", {"Timer": {"Persistent": True}}, [], id="timer, Persistent"),
        pytest.param("a.timer", {"Unit": {"Description": "New"}}, [], id="timer, Description"),
        pytest.param("a.slice", {"Slice": {"CPUWeight": 60}}, [], id="slice, weight"),
        pytest.param("a.slice", {"Slice": {"MemoryMax": "1G"}}, [], id="slice, limit"),
        pytest.param("a.path", {"Path": {"PathExists": "/srv/b"}}, restart("a.path"), id="path"),
        pytest.param("a.path", {"Unit": {"Description": "New"}}, [], id="path, Description"),
        pytest.param("a.target", {"Unit": {"Wants": "x.service y.service"}}, [("start", "a.target")], id="target, Wants"),
        pytest.param(
            "a.target", {"Unit": {"Wants": ["x.service", "y.service"]}}, [("start", "a.target")], id="target, two Wants"
        ),
        pytest.param("a.target", {"Unit": {"Requires": "y.service"}}, [("start", "a.target")], id="target, Requires"),
        pytest.param("a.target", {"Unit": {"Wants": ""}}, [], id="target, wants no more"),
        pytest.param("a.target", {"Unit": {"Conflicts": "z.service", "AllowIsolate": True}}, [], id="target, AllowIsolate"),
        pytest.param("srv-a.mount", {"Mount": {"Options": "size=2m"}}, [("reload", "srv-a.mount")], id="mount, Options"),
        pytest.param("srv-a.mount", {"Mount": {"TimeoutSec": 5}}, [], id="mount, TimeoutSec"),
        pytest.param("srv-a.mount", {"Mount": {"What": "other"}}, restart("srv-a.mount"), id="mount, What"),
        pytest.param("srv-a.mount", {"Mount": {"What": "other", "Options": "ro"}}, restart("srv-a.mount"), id="mount, both"),
        pytest.param(
            "srv-a.mount",
            {"Mount": {"Options": "ro"}, "Unit": {"Wants": "y.service"}},
            [("reload", "srv-a.mount"), ("start", "srv-a.mount")],
            id="mount, Options and Wants",
        ),
        pytest.param("srv-a.automount", {"Automount": {"TimeoutIdleSec": 9}}, restart("srv-a.automount"), id="automount"),
        pytest.param("dev-sda1.swap", {"Swap": {"Priority": 9}}, restart("dev-sda1.swap"), id="swap"),
    ],
)
def test_change(name: str, change: dict[str, Any], jobs: Short) -> None:
    host = Host()
    host.run(with_unit(name))
    wanted = with_unit(name, **change)
    plan = host.run(wanted)
    assert unit_jobs(plan) == jobs
    assert ("daemon_reload", "systemd") in short(plan)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@pytest.mark.parametrize("change", [{"Timer": {"OnCalendar": "hourly"}}, {"Timer": {"OnBootSec": 5}}])
def test_timer_is_not_fired_by_a_new_schedule(change: dict[str, Any]) -> None:
    host = Host()
    host.run(with_unit("a.timer"))
    started = host.unit("a.timer").invocation
    host.run(with_unit("a.timer", **change))
    assert host.unit("a.timer").invocation == started


def test_new_member_of_a_target_is_started_and_nothing_else() -> None:
    host = Host()
    host.run(with_unit("a.target"))
    host.fired.clear()
    plan = host.run(with_unit("a.target", Unit={"Wants": "x.service y.service"}))
    assert host.fired == [("start", "y.service")]
    assert reasons(plan, "start") == ["it now wants y.service"]


def test_member_of_a_target_that_an_administrator_stopped_stays_so() -> None:
    host = Host()
    units = {"x.service": unit(state="unmanaged"), "a.target": {**KINDS["a.target"], "state": "started"}}
    host.run(desired(units=units))
    host.stop("x.service")
    assert host.plan(desired(units=units)) == Plan(())
    described = {**units, "a.target": unit(units["a.target"], Unit={"Description": "New"})}
    host.run(desired(units=described))
    assert not host.is_up("x.service")


def test_running_service_that_requires_more_starts_it() -> None:
    host = Host()
    host.run(desired(units={"a.service": SLEEPER, **OTHERS}))
    host.fired.clear()
    wanted = desired(units={"a.service": unit(Unit={"Requires": "y.service"}), **OTHERS})
    plan = host.run(wanted)
    assert unit_jobs(plan) == [("start", "a.service")]
    assert host.fired == [("start", "y.service")]
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("srv-a.mount", {"Mount": {"Options": "size=2m"}}, id="mount"),
        pytest.param("a.target", {"Unit": {"Wants": "x.service y.service"}}, id="target"),
        pytest.param("a.path", {"Path": {"PathExists": "/srv/b"}}, id="path"),
    ],
)
def test_interrupted_anywhere_what_has_no_process_is_not_forgotten(name: str, change: dict[str, Any]) -> None:
    start, wanted = Host(), with_unit(name, **change)
    start.run(with_unit(name))
    for killed_after, host in killed_everywhere(start, wanted):
        host.run(wanted)
        check_converged(host, wanted)
        assert host.plan(wanted) == Plan(()), killed_after


@pytest.mark.parametrize("name", KINDS)
def test_unit_that_runs_already_without_a_record(name: str) -> None:
    """The record is lost, the host is as it should be: nothing is touched."""
    host = Host()
    host.run(with_unit(name))
    host.forget()
    assert unit_jobs(host.plan(with_unit(name))) == []


@pytest.mark.parametrize("name", KINDS)
def test_unit_that_is_not_declared_any_more(name: str) -> None:
    host = Host()
    host.run(with_unit(name))
    wanted = desired(units=OTHERS)
    assert unit_jobs(host.run(wanted)) == [("stop", name)]
    check_converged(host, wanted)


@pytest.mark.parametrize("name", KINDS)
def test_on_change_keep(name: str) -> None:
    changes = {
        "a.path": {"Path": {"PathExists": "/srv/b"}},
        "srv-a.mount": {"Mount": {"Options": "ro"}},
        "srv-a.automount": {"Automount": {"TimeoutIdleSec": 9}},
        "dev-sda1.swap": {"Swap": {"Priority": 9}},
    }
    host = Host()
    host.run(with_unit(name))
    plan = host.run(with_unit(name, on_change="keep", **changes.get(name, {"Unit": {"Description": "New"}})))
    assert unit_jobs(plan) == []
    assert [unit for unit, _reason in plan.restart_pending] == ([name] if name in changes else [])
