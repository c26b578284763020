# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""States, ways to apply a change, and notices: the least that is asked for, and nothing that was not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import SLEEPER, daemon, desired, script, unit, units_of
from ..simulated_host import Host, Short, check_converged, deployed, reasons, short, unit_jobs, with_strangers

RESTART = [("reset_failed", "a.service"), ("restart", "a.service")]
START = [("start", "a.service")]
STOP = [("stop", "a.service")]
RELOAD = [("reload", "a.service")]
RELOADING = {"ExecStart": "/bin/a", "ExecReload": "/bin/kill -HUP $MAINPID"}


def a_service(nice: int = 0, **options: Any) -> Desired:
    service = {**RELOADING, **({"Nice": nice} if nice else {})}
    return desired(units={"a.service": unit({"Service": service, "Install": {"WantedBy": "multi-user.target"}}, **options)})


def running(**options: Any) -> Host:
    """A host on which a.service runs."""
    host = Host()
    host.run(a_service(**{**options, "state": "started"}))
    return host


@pytest.mark.parametrize(
    ("state", "up", "down", "failed", "looping", "changed"),
    [
        pytest.param("started", [], START, [("reset_failed", "a.service"), *START], RESTART, RESTART, id="started"),
        pytest.param("stopped", STOP, [], [], STOP, STOP, id="stopped"),
        pytest.param("restarted", RESTART, START, [("reset_failed", "a.service"), *START], RESTART, RESTART, id="restarted"),
        pytest.param("reloaded", RELOAD, START, [("reset_failed", "a.service"), *START], RESTART, RESTART, id="reloaded"),
        pytest.param("try-restarted", RESTART, [], [], [], RESTART, id="try-restarted"),
        pytest.param("unmanaged", [], [], [], RESTART, RESTART, id="unmanaged"),
    ],
)
def test_state(state: str, up: Short, down: Short, failed: Short, looping: Short, changed: Short) -> None:
    """What is done for each state of a unit that runs, is stopped, has failed, crashes for ever, runs an old definition."""
    wanted, host = a_service(state=state), running()
    assert unit_jobs(host.copy().run(wanted)) == up

    stopped = host.copy()
    stopped.stop("a.service")
    assert unit_jobs(stopped.run(wanted)) == down

    broken = host.copy()
    broken.fail("a.service")
    assert unit_jobs(broken.run(wanted)) == failed

    crashing = host.copy()
    crashing.change("a.service", active="activating", sub="auto-restart", result="exit-code", exit_code=1, exit_status=1)
    assert unit_jobs(crashing.run(wanted)) == looping

    wanted = a_service(5, state=state)
    assert unit_jobs(host.run(wanted)) == changed
    check_converged(host, wanted)


@pytest.mark.parametrize("state", ["restarted", "reloaded", "try-restarted"])
def test_what_is_declared_done_is_done_at_each_run(state: str) -> None:
    host = running()
    wanted = a_service(state=state)
    assert unit_jobs(host.run(wanted)) == unit_jobs(host.run(wanted)) != []


def test_reasons_of_states() -> None:
    host = running()
    for state, verb in (("restarted", "restart"), ("reloaded", "reload"), ("stopped", "stop")):
        assert reasons(host.plan(a_service(state=state)), verb) == [f"is declared {state}"]


@pytest.mark.parametrize("service", [{"Service": {"ExecStart": "/bin/a"}}, None], ids=["own", "of others"])
def test_unit_is_declared_without_a_state(service: Any) -> None:
    """Without [Install] nothing says that it runs: it is left to what starts it."""
    host = with_strangers("a.service") if service is None else Host()
    wanted = host.declare(units={"a.service": service or {"enabled": False}})
    assert units_of(wanted)["a.service"].state == "unmanaged"
    assert unit_jobs(host.run(wanted)) == []


def test_state_of_a_unit_that_something_else_has_installed() -> None:
    host = with_strangers("a.service")
    for state, jobs in (
        ("restarted", RESTART),
        ("reloaded", RELOAD),
        ("stopped", STOP),
        ("started", START),
        ("try-restarted", RESTART),
    ):
        wanted = host.declare(units={"a.service": {"state": state}})
        assert unit_jobs(host.run(wanted)) == jobs
    host.remove()
    assert host.is_up("a.service")


@pytest.mark.parametrize("by", ["link", "directive"])
def test_stopped_unit_of_a_target_that_is_started(by: str) -> None:
    target = {
        "Unit": {"Description": "T", **({} if by == "link" else {"Wants": "a.service"})},
        "Install": {"WantedBy": "x.target"},
    }
    wanted_by = {"Install": {"WantedBy": "t.target"}} if by == "link" else {}
    stopped = {"Service": {"ExecStart": "/bin/a"}, "state": "stopped", **wanted_by}
    wanted, host = desired(units={"a.service": stopped, "t.target": target}), Host()
    host.run(wanted)
    assert not host.is_up("a.service")


def test_all_that_a_target_pulls_in_is_stopped_again() -> None:
    target = {"Unit": {"Wants": "a.service"}, "Install": {"WantedBy": "multi-user.target"}}
    stopped = daemon(socket={"ListenStream": 9000}, state="stopped")
    host = Host()
    host.run(desired(daemons={"a": stopped}, units={"t.target": target}))
    assert host.up() == {"t.target"}


@pytest.mark.parametrize("way", ["gone", "stopped"])
def test_unit_that_stops_with_another_one(way: str) -> None:
    reader, host = unit(Unit={"PartOf": "helper.service"}), Host()
    host.run(desired(units={"reader.service": reader, "helper.service": SLEEPER}))
    helper = {} if way == "gone" else {"helper.service": unit(state="stopped")}
    wanted = desired(units={"reader.service": reader, **helper})
    host.run(wanted)
    check_converged(host, wanted)
    assert host.up() == {"reader.service"}


# on_change


@pytest.mark.parametrize(
    ("on_change", "jobs"),
    [
        ("auto", RESTART),
        ("restart", RESTART),
        ("reload", RESTART),
        ("stop-start", [*STOP, *START]),
        ("keep", []),
    ],
)
def test_on_change(on_change: str, jobs: Short) -> None:
    host = running(on_change=on_change)
    wanted = a_service(5, on_change=on_change)
    plan = host.run(wanted)
    assert unit_jobs(plan) == jobs
    assert all("Nice= changed" in reason for verb, _target in jobs if verb != "reset_failed" for reason in reasons(plan, verb))
    assert plan.restart_pending == ((("a.service", "Nice= changed, but on_change is keep"),) if on_change == "keep" else ())
    check_converged(host, wanted)


@pytest.mark.parametrize("on_change", ["auto", "restart", "reload", "stop-start"])
def test_what_was_applied_in_that_way_is_not_applied_again(on_change: str) -> None:
    host = running(on_change=on_change)
    wanted = a_service(5, on_change=on_change)
    host.run(wanted)
    assert host.plan(wanted) == Plan(())


def test_reload_does_not_last_longer_than_the_process() -> None:
    host = running(on_change="reload")
    wanted = a_service(5, on_change="reload")
    host.run(wanted)
    host.crash("a.service")  # with the new definition, and its stamp
    assert unit_jobs(host.run(wanted)) == []


def test_kept_unit_is_told_at_each_run_until_it_is_restarted() -> None:
    host = running(on_change="keep")
    wanted = a_service(5, on_change="keep")
    host.run(wanted)
    for _again in range(2):
        plan = host.run(wanted)
        assert (plan.actions, [name for name, _reason in plan.restart_pending]) == ((), ["a.service"])
    host.restart("a.service")
    assert host.run(wanted) == Plan(())


def test_kept_unit_is_restarted_once_it_is_no_longer_kept() -> None:
    host = running(on_change="keep")
    host.run(a_service(5, on_change="keep"))
    assert unit_jobs(host.run(a_service(5))) == RESTART
    check_converged(host, a_service(5))


@pytest.mark.parametrize("on_change", ["auto", "restart", "reload", "stop-start", "keep"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"Unit": {"Description": "New"}}, id="Description"),
        pytest.param({"Service": {**RELOADING, "Restart": "always"}}, id="Restart"),
        pytest.param({"Install": {"WantedBy": "x.target"}}, id="Install"),
    ],
)
def test_what_daemon_reload_applies_needs_no_more(on_change: str, change: dict[str, Any]) -> None:
    host = running(on_change=on_change)
    plan = host.run(a_service(on_change=on_change, **change))
    assert (unit_jobs(plan), plan.restart_pending) == ([], ())


@pytest.mark.parametrize("on_change", ["auto", "restart", "reload", "stop-start", "keep"])
def test_unit_that_is_down_is_started_whatever_on_change_says(on_change: str) -> None:
    host = running(on_change=on_change)
    host.stop("a.service")
    wanted = a_service(5, on_change=on_change)
    assert unit_jobs(host.run(wanted)) == START
    check_converged(host, wanted)


@pytest.mark.parametrize("on_change", ["restart", "stop-start", "keep", "reload"])
def test_on_change_of_a_daemon(on_change: str) -> None:
    reload = {"service": {"ExecReload": "/bin/true"}}
    host = deployed(daemons={"a": daemon(on_change=on_change, **reload)})
    wanted = desired(daemons={"a": daemon(on_change=on_change, script=script("2\n"), **reload)})
    plan = host.run(wanted)
    expected = {"restart": RESTART, "stop-start": [*STOP, *START], "keep": [], "reload": RESTART}
    assert unit_jobs(plan) == expected[on_change]
    check_converged(host, wanted)


# notify


def noticing(content: str, action: str = "restart", more: str = "", **units: Any) -> dict[str, Any]:
    files = {"/etc/a.conf": {"content": content, "notify": [{"unit": "a.service", "action": action}]}}
    if more:
        files["/etc/b.conf"] = {"content": content, "notify": [{"unit": "a.service", "action": more}]}
    return {"files": files, "units": units}


SERVICE = unit({"Service": RELOADING, "Install": {"WantedBy": "multi-user.target"}})


@pytest.mark.parametrize("whose", ["own", "foreign"])
@pytest.mark.parametrize(
    ("action", "more", "jobs"),
    [
        ("reload", "", RELOAD),
        ("restart", "", RESTART),
        ("reload", "reload", RELOAD),
        ("reload", "restart", RESTART),
        ("restart", "reload", RESTART),
    ],
)
def test_notice(whose: str, action: str, more: str, jobs: Short) -> None:
    host = with_strangers("a.service") if whose == "foreign" else Host()
    units = {"a.service": SERVICE} if whose == "own" else {}
    host.run(desired(**noticing("one", action, more, **units)))
    wanted = desired(**noticing("two", action, more, **units))
    plan = host.run(wanted)
    assert unit_jobs(plan) == jobs
    assert reasons(plan, jobs[-1][0]) == [f"/etc/a.conf{' and /etc/b.conf' if more else ''} changed"]
    assert "a.service" in plan.watch
    assert host.plan(wanted) == Plan(())


@pytest.mark.parametrize(
    "notify", ["a.service", ["a.service"], {"unit": "a.service"}, [{"unit": "a.service", "action": "restart"}]]
)
def test_ways_to_say_it(notify: Any) -> None:
    wanted = desired(files={"/etc/a.conf": {"content": "x", "notify": notify}})
    assert [(notice.unit, notice.action, notice.files) for notice in wanted.notices] == [
        ("a.service", "restart", ("/etc/a.conf",))
    ]


def test_unit_that_runs_when_its_first_notice_is_written() -> None:
    host = with_strangers("a.service")
    assert unit_jobs(host.run(desired(**noticing("one")))) == RESTART


def test_unit_that_does_not_run_takes_no_notice() -> None:
    host = with_strangers("a.service")
    host.run(desired(**noticing("one")))
    host.stop("a.service")
    assert unit_jobs(host.run(desired(**noticing("two")))) == []


def test_unit_that_was_started_since_knows_the_file() -> None:
    host = with_strangers("a.service")
    host.run(desired(**noticing("one")))
    host.run(desired(**noticing("two")), killed_after=1)
    host.restart("a.service")
    assert unit_jobs(host.run(desired(**noticing("two")))) == []


def test_notice_that_an_interrupted_run_has_not_given() -> None:
    host = with_strangers("a.service")
    host.run(desired(**noticing("one", "reload")))
    host.run(desired(**noticing("two", "reload")), killed_after=1)
    assert unit_jobs(host.run(desired(**noticing("two", "reload")))) == RELOAD


def test_restart_of_the_unit_is_notice_enough() -> None:
    host = Host()
    host.run(desired(**noticing("one", "reload", **{"a.service": SERVICE})))
    wanted = desired(**noticing("two", "reload", **{"a.service": unit(SERVICE, Service={"Nice": 5})}))
    assert unit_jobs(host.run(wanted)) == RESTART
    assert host.plan(wanted) == Plan(())


def test_change_of_attributes_is_no_notice() -> None:
    host = with_strangers("a.service")
    params = noticing("one")
    host.run(desired(**params))
    params["files"]["/etc/a.conf"]["mode"] = "0600"
    assert short(host.run(desired(**params))) == [("set_attributes", "a.conf")]


def test_order_of_notices_does_not_matter() -> None:
    files = {f"/etc/{name}": {"content": name, "notify": ["a.service", "b.service"]} for name in "abc"}
    backwards = {path: {**entry, "notify": ["b.service", "a.service"]} for path, entry in reversed(list(files.items()))}
    assert desired(files=files) == desired(files=backwards)


# A unit that ends well and is started again, again and again


def test_unit_that_waits_for_its_next_round_is_left_alone() -> None:
    host = running()
    host.change("a.service", active="activating", sub="auto-restart", result="success", exit_code=1, exit_status=0, main_pid=0)
    assert unit_jobs(host.plan(a_service())) == []


def test_unit_of_a_stack_may_be_of_any_name() -> None:
    names = ["-.slice", "escaped\\x2ddash.service", "-leading.service", "a@b.service", "a:b.service"]
    host = Host()
    wanted = desired(units={name: SLEEPER if name.endswith(".service") else {"Slice": {"CPUWeight": 5}} for name in names})
    host.run(wanted)
    check_converged(host, wanted)
