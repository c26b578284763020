# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided for a host, and that it leads there: plans are made for, and carried out on, a host in memory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.unit_plan import describe_exit

from ..builders import SLEEPER, UNITS, daemon, desired, script, unit, units_of
from ..simulated_host import ECHO, SECOND, SOCKET, Host, Short, check_converged, deployed, reasons, short, unit_jobs

# From nothing, and again


def test_empty_host() -> None:
    wanted = desired(**ECHO)
    release = units_of(wanted)["echo.service"].release
    assert release is not None
    plan = Host().plan(wanted)
    assert short(plan) == [
        ("create_directory", "echo"),
        ("create_directory", "releases"),
        ("create_directory", release.target.rpartition("/")[2]),
        ("create_directory", "multi-user.target.wants"),
        ("write", "echo.py"),
        ("write", "echo.service"),
        ("link", "current"),
        ("link", "echo.service"),
        ("daemon_reload", "systemd"),
        ("start", "echo.service"),
    ]
    assert all(action.reason for action in plan.actions)
    assert plan.watch == ("echo.service",)


def test_actions_as_the_task_returns_them() -> None:
    result = Host().plan(desired(**ECHO)).actions[-1].as_result()
    assert result == {"action": "start", "target": "echo.service", "reason": "is not running"}


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({}, id="nothing"),
        pytest.param(ECHO, id="a daemon"),
        pytest.param(SOCKET, id="a daemon with a lazy socket"),
        pytest.param({"daemons": {"echo": daemon(socket={"ListenStream": 9000}, activation="eager")}}, id="an eager socket"),
        pytest.param({"daemons": {"echo": daemon(socket={"ListenStream": 9000}, accept=True)}}, id="inetd style"),
        pytest.param({"daemons": {"echo": daemon(state="stopped")}}, id="a stopped daemon"),
        pytest.param({"daemons": {"job": daemon(type="oneshot")}}, id="a oneshot"),
        pytest.param({"units": {"a.service": SLEEPER, "b.target": {"Install": {"WantedBy": "multi-user.target"}}}}, id="units"),
        pytest.param({"files": {"/etc/demo/a.conf": {"content": "x", "mode": "0600"}}}, id="a file"),
    ],
)
def test_second_run_does_nothing(params: dict[str, Any]) -> None:
    host = deployed(**params)
    assert host.plan(desired(**params)) == Plan(())


def test_what_the_host_holds_already_is_taken_over_without_an_action() -> None:
    """The same files, links and processes, but no manifest."""
    host = deployed(**ECHO)
    host.forget()
    assert host.plan(desired(**ECHO)).actions == ()


def test_after_a_boot_nothing_is_to_be_done() -> None:
    params = {
        "daemons": {"a": daemon(), "b": daemon(socket={"ListenStream": 1})},
        "units": {"c.target": {"Install": {"WantedBy": "multi-user.target"}}},
    }
    host = deployed(**params)
    host.boot()
    assert short(host.plan(desired(**params))) == []


# What changes, and what it needs


@pytest.mark.parametrize(
    ("change", "jobs", "why"),
    [
        pytest.param(
            {"script": script("print('new')\n")},
            [("reset_failed", "echo.service"), ("restart", "echo.service")],
            "its script (release ",
            id="script",
        ),
        pytest.param({"description": "Answers"}, [], "", id="description"),
        pytest.param({"after": "network.target"}, [], "", id="after"),
        pytest.param({"wanted_by": "graphical.target"}, [], "", id="wanted_by"),
        pytest.param({"restart": "always"}, [], "", id="restart policy"),
        pytest.param({"service": {"TimeoutStopSec": 5}}, [], "", id="timeout"),
        pytest.param({"args": ["-v"]}, [("reset_failed", "echo.service"), ("restart", "echo.service")], "ExecStart=", id="args"),
        pytest.param(
            {"service": {"Nice": 5}}, [("reset_failed", "echo.service"), ("restart", "echo.service")], "Nice=", id="raw directive"
        ),
        pytest.param(
            {"environment": {"INTERVAL": "2"}},
            [("reset_failed", "echo.service"), ("restart", "echo.service")],
            "Environment=",
            id="environment",
        ),
        pytest.param({"state": "stopped"}, [("stop", "echo.service")], "", id="state"),
    ],
)
def test_change_of_a_running_daemon(change: dict[str, Any], jobs: Short, why: str) -> None:
    before = {"environment": {"INTERVAL": "1"}}
    host = deployed(daemons={"echo": daemon(**before)})
    wanted = desired(daemons={"echo": daemon(**{**before, **change})})
    plan = host.run(wanted)
    assert unit_jobs(plan) == jobs
    assert [(action.verb) for action in plan.actions].count("daemon_reload") == (0 if "state" in change else 1)
    for reason in reasons(plan, "restart"):
        assert why in reason
        assert reason.endswith(" changed")
    check_converged(host, wanted)


def test_changed_script_restarts_that_service_alone() -> None:
    host = deployed(daemons={"a": daemon(), "b": daemon(), "c": daemon(socket={"ListenStream": 9000})})
    plan = host.run(
        desired(daemons={"a": daemon(), "b": daemon(script=script("1\n")), "c": daemon(socket={"ListenStream": 9000})})
    )
    assert unit_jobs(plan) == [("reset_failed", "b.service"), ("restart", "b.service")]
    assert plan.watch == ("b.service",)


def test_changed_script_of_a_socket_activated_daemon() -> None:
    """The socket stays open. The service restarts if it runs; else the next connection starts the new one."""
    host = deployed(**SOCKET)
    assert not host.is_up("echo.service")
    new = desired(daemons={"echo": daemon(socket={"ListenStream": 9000}, script=script("1\n"))})
    assert unit_jobs(host.run(new)) == []
    host.start("echo.service")
    newer = desired(daemons={"echo": daemon(socket={"ListenStream": 9000}, script=script("2\n"))})
    assert unit_jobs(host.run(newer)) == [("reset_failed", "echo.service"), ("restart", "echo.service")]
    check_converged(host, newer)


def test_changed_file_restarts_the_service_that_reads_it() -> None:
    def declared(content: str) -> Desired:
        reader = unit(Service={"EnvironmentFile": "-/etc/a.env"})
        return desired(units={"reader.service": reader, "other.service": SLEEPER}, files={"/etc/a.env": content})

    host = Host()
    host.run(declared("A=1\n"))
    plan = host.run(declared("A=2\n"))
    assert unit_jobs(plan) == [("reset_failed", "reader.service"), ("restart", "reader.service")]
    assert reasons(plan, "restart")[0].startswith("/etc/a.env")
    check_converged(host, declared("A=2\n"))


def test_changed_comment_reloads_only() -> None:
    def declared(comment: str) -> Desired:
        return desired(units={"a.service": f"# {comment}\n[Service]\nExecStart=/bin/sleep 1\n[Install]\nWantedBy=a.target\n"})

    host = Host()
    host.run(declared("one"))
    assert short(host.run(declared("two"))) == [("write", "a.service"), ("daemon_reload", "systemd")]


def test_changed_timer_schedule_reloads_only() -> None:
    def declared(schedule: str) -> Desired:
        return desired(units={"a.timer": {"Timer": {"OnCalendar": schedule}, "Install": {"WantedBy": "timers.target"}}})

    host = Host()
    host.run(declared("daily"))
    assert short(host.run(declared("hourly"))) == [("write", "a.timer"), ("daemon_reload", "systemd")]


# Units that are not well


@pytest.mark.parametrize(
    ("state", "jobs", "reason"),
    [
        pytest.param(
            {"active": "failed", "sub": "failed", "exit_code": 1, "exit_status": 3},
            [("reset_failed", "echo.service"), ("start", "echo.service")],
            "has failed (exit status 3)",
            id="failed",
        ),
        pytest.param(
            {"active": "failed", "sub": "failed", "result": "start-limit-hit", "exit_code": 1, "exit_status": 1},
            [("reset_failed", "echo.service"), ("start", "echo.service")],
            "has failed (exit status 1)",
            id="start limit",
        ),
        pytest.param(
            {"active": "activating", "sub": "auto-restart", "exit_code": 2, "exit_status": 11},
            [("reset_failed", "echo.service"), ("restart", "echo.service")],
            "is between two automatic restarts, after signal 11",
            id="crash loop",
        ),
        pytest.param(
            {"active": "activating", "sub": "auto-restart-queued", "exit_code": 1, "exit_status": 1},
            [("reset_failed", "echo.service"), ("restart", "echo.service")],
            "is between two automatic restarts, after exit status 1",
            id="crash loop of 257",
        ),
        pytest.param({"active": "inactive", "sub": "dead"}, [("start", "echo.service")], "is not running", id="stopped"),
        pytest.param({"active": "deactivating", "sub": "stop"}, [("start", "echo.service")], "is not running", id="stopping"),
        pytest.param({"active": "activating", "sub": "start", "main_pid": 7}, [], "", id="on its way"),
        pytest.param({"active": "reloading", "sub": "reload", "main_pid": 7}, [], "", id="reloading"),
    ],
)
def test_unit_that_is_not_well(state: dict[str, Any], jobs: Short, reason: str) -> None:
    host = deployed(**ECHO)
    if not state.get("main_pid"):
        state = {"main_pid": 0, "stamp": "", **state}
    host.change("echo.service", **state)
    plan = host.plan(desired(**ECHO))
    assert unit_jobs(plan) == jobs
    assert [(action.verb, action.reason) for action in plan.actions][-1:] == ([(jobs[-1][0], reason)] if jobs else [])
    is_starting = state["sub"] == "start"  # it may hang, or be in a crash loop
    assert plan.watch == (("echo.service",) if jobs or is_starting else ())


@pytest.mark.parametrize(
    ("state", "jobs"),
    [
        pytest.param({"active": "failed"}, [], id="failed is stopped"),
        pytest.param({"active": "inactive"}, [], id="stopped"),
        pytest.param({"active": "activating", "sub": "auto-restart"}, [("stop", "echo.service")], id="crash loop"),
        pytest.param({"active": "active", "sub": "running"}, [("stop", "echo.service")], id="running"),
    ],
)
def test_unit_that_is_declared_stopped(state: dict[str, Any], jobs: Short) -> None:
    params = {"daemons": {"echo": daemon(state="stopped")}}
    host = deployed(**params)
    host.change("echo.service", **state)
    assert unit_jobs(host.plan(desired(**params))) == jobs


@pytest.mark.parametrize(
    ("restarts", "ago", "watch"),
    [
        pytest.param(0, 1, (), id="never restarted"),
        pytest.param(4, 1, ("echo.service",), id="restarted a second ago"),
        pytest.param(4, 60, (), id="restarted a minute ago"),
    ],
)
def test_unit_that_was_restarted_a_moment_ago_is_watched(restarts: int, ago: int, watch: tuple[str, ...]) -> None:
    """A crash loop with a short RestartSec= is seen running most of the time."""
    host = deployed(**ECHO)
    host.clock += 1000 * SECOND
    host.change("echo.service", restarts=restarts, started=host.clock - ago * SECOND)
    assert host.plan(desired(**ECHO)) == Plan((), watch)


def test_unmanaged_unit_is_neither_started_nor_stopped_but_kept_current() -> None:
    def declared(nice: int) -> Desired:
        return desired(units={"a.service": {"Service": {"ExecStart": "/bin/a", "Nice": nice}}})

    host = Host()
    assert unit_jobs(host.run(declared(1))) == []
    assert unit_jobs(host.run(declared(2))) == []
    host.start("a.service")
    assert unit_jobs(host.run(declared(2))) == []
    assert unit_jobs(host.run(declared(3))) == [("reset_failed", "a.service"), ("restart", "a.service")]
    host.fail("a.service")
    assert unit_jobs(host.run(declared(3))) == []


# Oneshots


def test_oneshot_runs_once_for_each_configuration() -> None:
    host = deployed(daemons={"job": daemon(type="oneshot")})
    host.stop("job.service")
    assert unit_jobs(host.run(desired(daemons={"job": daemon(type="oneshot")}))) == []
    wanted = desired(daemons={"job": daemon(type="oneshot", args="again")})
    assert unit_jobs(host.run(wanted)) == [("start", "job.service")]
    check_converged(host, wanted)


def test_oneshot_does_not_run_again_after_a_boot() -> None:
    params = {"daemons": {"job": daemon(type="oneshot", wanted_by=[])}}
    host = deployed(**params)
    host.boot()
    assert unit_jobs(host.plan(desired(**params))) == []


def test_oneshot_that_failed_runs_again() -> None:
    params = {"daemons": {"job": daemon(type="oneshot")}}
    host = deployed(**params)
    host.fail("job.service", exit_code=1, exit_status=1)
    assert unit_jobs(host.plan(desired(**params))) == [("reset_failed", "job.service"), ("start", "job.service")]


def test_oneshot_that_was_declared_stopped_first() -> None:
    host = deployed(daemons={"job": daemon(type="oneshot", state="stopped")})
    assert unit_jobs(host.plan(desired(daemons={"job": daemon(type="oneshot")}))) == [("start", "job.service")]


@pytest.mark.parametrize("forgotten", [False, True], ids=["recorded", "no manifest"])
def test_oneshot_that_is_running_now_is_left_alone(forgotten: bool) -> None:
    """A timer has started it."""
    params = {"units": {"backup.service": {"Service": {"Type": "oneshot", "ExecStart": "/bin/backup"}}}}
    host = deployed(**params)
    host.start("backup.service")
    host.change("backup.service", active="activating", sub="start", main_pid=7)
    if forgotten:
        host.forget()
    assert unit_jobs(host.plan(desired(**params))) == []


# Files and attributes


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"mode": 0o600}, "mode is 0600, not 0640", id="mode"),
        pytest.param({"owner": "nobody"}, "owner is nobody, not root", id="owner"),
        pytest.param({"group": "adm", "mode": 0o640}, "group is adm, not root", id="group"),
        pytest.param({"owner": "nobody", "mode": 0o600}, "owner is nobody, not root; mode is 0600, not 0640", id="two"),
    ],
)
def test_attributes_alone(attributes: dict[str, Any], expected: str) -> None:
    params = {"files": {"/etc/a.conf": {"content": "a", "mode": "0640", "owner": "root", "group": "root"}}}
    host = deployed(**params)
    host.write("/etc/a.conf", "a", **{"mode": 0o640, **attributes})
    plan = host.run(desired(**params))
    assert [(a.verb, a.target, a.reason) for a in plan.actions] == [("set_attributes", "/etc/a.conf", expected)]
    assert host.plan(desired(**params)).actions == ()


def test_attributes_that_are_not_declared_stay_as_they_are() -> None:
    host = deployed(files={"/etc/a.conf": "a"})
    host.write("/etc/a.conf", "a", mode=0o600, owner="nobody")
    assert host.plan(desired(files={"/etc/a.conf": "a"})).actions == ()


def test_file_that_a_person_changed_is_told_as_such() -> None:
    host = deployed(files={"/etc/a.conf": "a", "/etc/b.conf": "b"})
    host.write("/etc/a.conf", "mine")
    plan = host.plan(desired(files={"/etc/a.conf": "a", "/etc/b.conf": "new"}, adopt=True))
    assert reasons(plan, "write") == ["was changed by hand since the last run", "its content changed"]


def test_unit_that_a_person_changed_is_put_back_and_restarted_only_if_it_runs_that() -> None:
    host = deployed(**ECHO)
    wanted = desired(adopt=True, **ECHO)
    host.write(f"{UNITS}/echo.service", "[Service]\nExecStart=/bin/mine\n")
    assert short(host.run(wanted)) == [("write", "echo.service"), ("daemon_reload", "systemd")]
    host.write(f"{UNITS}/echo.service", "[Service]\nExecStart=/bin/mine\n")
    host.reload()
    host.crash("echo.service")
    assert unit_jobs(host.run(wanted)) == [("reset_failed", "echo.service"), ("restart", "echo.service")]
    check_converged(host, wanted)


def test_needs_reload_though_all_files_are_right() -> None:
    host = deployed(**ECHO)
    host.change("echo.service", needs_reload=True)
    plan = host.run(desired(**ECHO))
    assert short(plan) == [("daemon_reload", "systemd")]
    assert "echo.service" in plan.actions[0].reason


def test_inputs_are_written_before_the_unit_that_carries_their_digest() -> None:
    """Else a process that crashes in between would carry the new stamp and the old file."""
    plan = Host().plan(desired(daemons={"echo": daemon()}, files={"/etc/z.conf": "z"}))
    written = [target for verb, target in short(plan) if verb == "write"]
    assert written[-1] == "echo.service"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (UnitState("a", exit_code=1, exit_status=2), "exit status 2"),
        (UnitState("a", exit_code=2, exit_status=9), "signal 9"),
        (UnitState("a", exit_code=3, exit_status=11), "signal 11"),
        (UnitState("a", result="resources"), "resources"),
        (UnitState("a"), "an unknown end"),
    ],
)
def test_describe_exit(state: UnitState, expected: str) -> None:
    assert describe_exit(state) == expected
