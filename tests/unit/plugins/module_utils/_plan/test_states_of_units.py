# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs is treated as what it is, and no state of a unit is a dead end. On real systemd: the scenario dead_ends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired

from ..builders import SLEEPER, daemon, desired, problem_of, script, unit
from ..simulated_host import Host, check_converged, deployed, reasons, unit_jobs, with_strangers

REFUSING = {"Unit": {"RefuseManualStop": True}}


# Jobs that run


def job(value: str = "1", **options: Any) -> Desired:
    service = {"Type": "oneshot", "ExecStart": "/usr/bin/backup", "Environment": {"A": value}}
    timer = {"Timer": {"OnCalendar": options.pop("calendar", "daily")}, "Install": {"WantedBy": "timers.target"}}
    return desired(units={"backup.service": {"Service": service, **options}, "backup.timer": timer})


def running_job(**options: Any) -> Host:
    host = Host()
    host.run(job(**options))
    host.run_job("backup.service")
    return host


LEFT = [("backup.service", "Environment= changed, but it runs now; the next run has the new definition")]


@pytest.mark.parametrize("options", [{}, {"state": "started"}], ids=str)
def test_job_that_runs_is_left_to_its_end(options: dict[str, Any]) -> None:
    host = running_job(**options)
    before = host.unit("backup.service").invocation
    plan = host.run(job("2", **options))
    assert unit_jobs(plan) == []
    assert list(plan.restart_pending) == LEFT
    assert host.unit("backup.service").invocation == before
    again = host.plan(job("2", **options))
    assert (again.actions, [name for name, _why in again.restart_pending]) == ((), ["backup.service"]), (
        "it is told as long as it runs"
    )


def test_job_that_is_declared_started_runs_again_when_it_has_ended() -> None:
    host = running_job(state="started")
    host.run(job("2", state="started"))
    host.change("backup.service", active="inactive", sub="dead", main_pid=0, stamp="")
    assert unit_jobs(host.plan(job("2", state="started"))) == [("start", "backup.service")]


def test_job_that_has_ended_needs_nothing() -> None:
    host = running_job()
    host.change("backup.service", active="inactive", sub="dead", main_pid=0, stamp="")
    plan = host.run(job("2"))
    assert (unit_jobs(plan), plan.restart_pending) == ([], ())


@pytest.mark.parametrize("on_change", ["restart", "stop-start"])
def test_job_is_ended_where_the_declaration_says_so(on_change: str) -> None:
    host = running_job(on_change=on_change)
    jobs = unit_jobs(host.plan(job("2", on_change=on_change)))
    assert {("stop", "backup.service"), ("restart", "backup.service")} & set(jobs)


def test_job_that_is_declared_restarted_is_restarted() -> None:
    host = running_job()
    assert ("restart", "backup.service") in unit_jobs(host.plan(job(state="restarted")))


def test_job_runs_on_when_its_timer_changes() -> None:
    host = running_job()
    assert unit_jobs(host.run(job(calendar="weekly"))) == []


def test_job_ends_with_its_stack() -> None:
    host = running_job()
    plan = host.remove()
    assert ("stop", "backup.service") in unit_jobs(plan)
    assert not host.is_up("backup.service")


def test_job_that_becomes_a_daemon_is_started_as_one() -> None:
    """Nothing else would start it."""
    host = running_job(state="started")
    units = {
        "backup.service": unit(Service={"Type": "exec"}, state="started"),
        "backup.timer": {"Timer": {"OnCalendar": "daily"}},
    }
    assert ("restart", "backup.service") in unit_jobs(host.plan(desired(units=units)))


def test_job_takes_no_notice_of_a_file_while_it_runs() -> None:
    def declared(text: str) -> Desired:
        file = {"content": text, "notify": [{"unit": "backup.service"}]}
        service = {"Type": "oneshot", "ExecStart": "/usr/bin/backup"}
        return desired(units={"backup.service": {"Service": service, "state": "unmanaged"}}, files={"/etc/backup": file})

    host = Host()
    host.run(declared("old"))
    host.run_job("backup.service")
    plan = host.run(declared("new"))
    assert unit_jobs(plan) == []
    assert list(plan.restart_pending) == [
        ("backup.service", "/etc/backup changed, but it runs now; the next run has the new definition")
    ]


def test_instance_of_a_job_that_runs_is_left_to_its_end() -> None:
    def declared(value: str) -> Desired:
        service = {"Type": "oneshot", "ExecStart": "/usr/bin/job %i", "Environment": {"A": value}}
        return desired(units={"job@.service": {"Service": service}})

    host = Host()
    host.run(declared("1"))
    host.run_job("job@a.service")
    plan = host.run(declared("2"))
    assert (unit_jobs(plan), [name for name, _why in plan.restart_pending]) == ([], ["job@a.service"])


# Sockets and services that are kept


def kept(**options: Any) -> Desired:
    """A daemon that is kept, with directives of its socket and its service."""
    socket = {"ListenStream": 9020, **options.pop("socket", {})}
    return desired(daemons={"k": daemon(on_change="keep", socket=socket, **options)})


@pytest.mark.parametrize("activation", ["eager", "lazy"])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"socket": {"Backlog": 7}}, ["k.socket"], id="socket"),
        pytest.param({"environment": {"A": "1"}}, ["k.service"], id="service"),
        pytest.param({"script": script("print(2)\n")}, ["k.service"], id="code"),
        pytest.param({"socket": {"Backlog": 7}, "environment": {"A": "1"}}, ["k.service", "k.socket"], id="both"),
        pytest.param({"socket": {"ListenStream": [9020, 9021]}}, ["k.socket"], id="one address more"),
    ],
)
def test_daemon_that_is_kept_keeps_its_socket(activation: str, change: dict[str, Any], told: list[str]) -> None:
    host = Host()
    host.run(kept(activation=activation))
    host.start("k.service")
    before = {name: host.unit(name).invocation for name in ("k.socket", "k.service")}
    wanted = kept(activation=activation, **change)
    plan = host.run(wanted)
    assert unit_jobs(plan) == []
    assert sorted(name for name, _why in plan.restart_pending) == told
    assert {name: host.unit(name).invocation for name in before} == before
    again = host.plan(wanted)
    assert (again.actions, sorted(name for name, _why in again.restart_pending)) == ((), told), "it is told until it is restarted"


@pytest.mark.parametrize("whose", ["socket", "service"])
def test_address_of_a_socket_that_is_kept_cannot_go(whose: str) -> None:
    """systemd closes the listener as soon as it reads the new definition, and the unit stays active without it."""

    def declared(port: int) -> Desired:
        options = {"k.socket": {}, "k.service": {}, f"k.{whose}": {"on_change": "keep"}}
        socket = {"Socket": {"ListenStream": port}, "Install": {"WantedBy": "sockets.target"}, **options["k.socket"]}
        return desired(units={"k.socket": socket, "k.service": {"Service": {"ExecStart": "/bin/k"}, **options["k.service"]}})

    host = Host()
    host.run(declared(9020))
    host.start("k.service")
    (problem,) = host.obstacles(declared(9021))
    assert (problem.place, problem.value) == ("units.k.socket.on_change", "keep")
    assert "k.socket is open at ListenStream=9020, which systemd closes" in problem.problem
    assert f"on_change of k.{whose} is keep" in problem.problem
    assert "on_change: restart" in problem.remedy
    assert host.obstacles(declared(9020)) == []


def test_address_may_go_with_a_socket_that_is_not_kept() -> None:
    host = deployed(daemons={"k": daemon(socket={"ListenStream": 9020})})
    assert host.obstacles(desired(daemons={"k": daemon(socket={"ListenStream": 9021})})) == []


@pytest.mark.parametrize("on_change", ["auto", "restart", "stop-start"])
def test_service_that_is_kept_is_not_restarted_for_its_socket(on_change: str) -> None:
    def declared(**directives: Any) -> Desired:
        socket = {
            "Socket": {"ListenStream": 9020, **directives},
            "Install": {"WantedBy": "sockets.target"},
            "on_change": on_change,
        }
        return desired(units={"k.socket": socket, "k.service": {"on_change": "keep", "Service": {"ExecStart": "/bin/k"}}})

    host = Host()
    host.run(declared())
    host.start("k.service")
    plan = host.run(declared(Backlog=9))
    assert unit_jobs(plan) == []
    assert list(plan.restart_pending) == [("k.socket", "Backlog= changed, but on_change of k.service is keep")]


def test_daemon_that_is_kept_and_declared_restarted_is_restarted_with_its_socket() -> None:
    host = Host()
    host.run(kept(activation="eager"))
    plan = host.run(kept(activation="eager", state="restarted", socket={"ListenStream": 9021}))
    assert {("restart", "k.socket"), ("restart", "k.service")} <= set(unit_jobs(plan))


# Units that hang in the midst of something


STUCK = {"active": "reloading", "sub": "reload"}
RELOADS = unit(Service={"ExecReload": "/bin/true"})


def stuck(**options: Any) -> Host:
    host = deployed(units={"a.service": {**RELOADS, **options}})
    host.change("a.service", **STUCK)
    return host


def test_unit_that_does_not_end_its_reload_is_left_alone_where_nothing_changes() -> None:
    assert stuck().plan(desired(units={"a.service": RELOADS})).actions == ()


def test_unit_that_does_not_end_its_reload_is_restarted_by_its_fix() -> None:
    host = stuck()
    plan = host.run(desired(units={"a.service": unit(RELOADS, Service={"Nice": 5})}))
    assert ("restart", "a.service") in unit_jobs(plan)
    assert host.unit("a.service").active == "active"


@pytest.mark.parametrize("options", [{"state": "reload-or-restarted"}, {"state": "reloaded"}], ids=str)
def test_unit_that_does_not_end_its_reload_is_not_reloaded(options: dict[str, Any]) -> None:
    """systemd would take no reload until the last one has ended."""
    host = stuck()
    plan = host.run(desired(units={"a.service": unit(RELOADS, **options)}))
    assert unit_jobs(plan)[-1] == ("restart", "a.service")
    assert "it is still reloading since its last reload" in reasons(plan, "restart")[0]


def test_unit_that_does_not_end_its_reload_goes_with_its_stack() -> None:
    host = stuck()
    host.remove()
    assert not host.is_up("a.service")


# Units that refuse to be started or stopped by their name. systemd.unit(5), "RefuseManualStart="


def refusing(**sections: Any) -> Desired:
    return desired(units={"a.service": unit(**{**REFUSING, **sections})})


@pytest.mark.parametrize("on_change", ["auto", "restart", "stop-start"])
def test_unit_that_refuses_to_be_stopped_takes_a_change(on_change: str) -> None:
    host = Host()
    host.run(refusing(on_change=on_change))
    wanted = refusing(on_change=on_change, Service={"Nice": 5})
    host.run(wanted)
    check_converged(host, wanted)


def test_unit_that_refuses_to_be_stopped_goes_with_its_stack() -> None:
    host = Host()
    host.run(refusing())
    host.remove()
    assert not host.is_up("a.service")
    assert host.definition("a.service") is None


def test_unit_that_refuses_to_be_stopped_comes_back() -> None:
    """A run that fails has started it with its new definition."""
    wanted = refusing(Service={"Nice": 5})
    for broken_after in range(12):
        host = Host()
        host.run(refusing())
        host.run(wanted, broken_after=broken_after)
        is_new = host.files["/etc/systemd/system/a.service"].sha256 == wanted.files[0].source.sha256
        check_converged(host, wanted if is_new else refusing())


def test_restart_of_a_unit_that_refuses_it_reaches_those_that_stop_with_it() -> None:
    def declared(**service: Any) -> Desired:
        follower = unit(Unit={"Requires": "a.service", "After": "a.service"})
        return desired(units={"a.service": unit(Service=service, **REFUSING), "b.service": follower})

    host = Host()
    host.run(declared())
    host.run(declared(Nice=5))
    check_converged(host, declared(Nice=5))


@pytest.mark.parametrize(
    ("units", "place"),
    [
        pytest.param({"a.service": unit(Unit={"RefuseManualStart": True})}, "units.a.service", id="enabled"),
        pytest.param(
            {"a.service": {"state": "restarted", "Unit": {"RefuseManualStart": True}, **SLEEPER}},
            "units.a.service",
            id="restarted",
        ),
        pytest.param(
            {"a.service": unit(dropins={"x": {"Unit": {"RefuseManualStart": "yes"}}})}, "units.a.service", id="in a drop-in"
        ),
        pytest.param(
            {
                "a.timer": {
                    "Unit": {"RefuseManualStart": True},
                    "Timer": {"OnCalendar": "daily"},
                    "Install": {"WantedBy": "timers.target"},
                },
                "a.service": {"Service": {"ExecStart": "/bin/a"}},
            },
            "units.a.timer",
            id="timer",
        ),
    ],
)
def test_unit_that_refuses_to_be_started_cannot_be_declared_started(units: dict[str, Any], place: str) -> None:
    problem = problem_of(units=units)
    assert problem.place == f"{place}.Unit.RefuseManualStart"
    assert "which it refuses" in problem.problem
    assert "state: unmanaged" in problem.remedy


def test_unit_that_refuses_to_be_started_may_be_left_to_others() -> None:
    desired(units={"a.service": unit(Unit={"RefuseManualStart": True}, state="unmanaged")})


def test_unit_that_something_else_has_installed_refuses_to_be_started() -> None:
    host = Host()
    host.install("a.service", "[Unit]\nRefuseManualStart=yes\n[Service]\nExecStart=/bin/a\n")
    (problem,) = host.obstacles(host.ask(name="a.service", state="started"))
    assert problem.place == "units.a.service.state"
    assert "RefuseManualStart=" in problem.problem


def test_unit_that_something_else_has_installed_is_stopped_though_it_refuses() -> None:
    host = with_strangers("a.service")
    host.install("a.service", "[Unit]\nRefuseManualStop=yes\n[Service]\nExecStart=/bin/a\n")
    host.run(host.ask(name="a.service", state="stopped"))
    assert not host.is_up("a.service")


# The way back is that of the old definition


def test_reload_is_taken_back_by_a_restart_where_the_old_definition_has_none() -> None:
    service = {"ExecStart": "/bin/a --config=/etc/a.conf"}
    old = {"units": {"a.service": unit(Service=service)}, "files": {"/etc/a.conf": "1\n"}}
    reloading = unit(on_change="reload", Service={**service, "ExecReload": "/bin/true"})
    new = {"units": {"a.service": reloading}, "files": {"/etc/a.conf": "2\n"}}
    for steps in range(1, 30):
        host = deployed(**old)
        host.run(desired(**new), broken_after=steps)
        if ("reload", "a.service") in host.fired:
            break
    assert ("reload", "a.service") in host.fired
    check_converged(host, desired(**old))
    assert host.fired[-1] == ("start", "a.service")
