# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settle window: who is watched and asked, and what a sequence of looks comes to."""

from __future__ import annotations

from typing import Any, Iterable

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.probe import Probe
from ansible_collections.daemonic.systemd.plugins.module_utils._health.failure import Failure
from ansible_collections.daemonic.systemd.plugins.module_utils._health.watch import Answer, Watch
from ansible_collections.daemonic.systemd.plugins.module_utils._health.watched import Subject, Watched, watched
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import plan
from hypothesis import given
from hypothesis import strategies as st

from ..builders import daemon, script
from ..simulated_host import Host, deployed, killed_everywhere

UP = {"active": "active", "sub": "running", "result": "success", "main_pid": 7, "invocation": "a"}
DOWN = {"active": "inactive", "sub": "dead", "result": "success"}
FAILED = {"active": "failed", "sub": "failed", "result": "exit-code", "exit_code": 1, "exit_status": 1, "invocation": "a"}
LISTENING = {"active": "active", "sub": "listening", "result": "success", "invocation": "s"}
WELL, REFUSED = Answer(is_well=True), Answer(met="connection refused")
GIVEN_UP = replace(REFUSED, is_last=True)
PROBE = Probe("tcp", "localhost", 9000, timeout=10)
LAZY = Subject(PROBE, "a.service", ("a.socket",))


def states(**units: Any) -> dict[str, UnitState]:
    return {name.replace("_", "."): UnitState(name.replace("_", "."), **state) for name, state in units.items()}


def looked(watch: Watch, looks: Iterable[tuple[float, dict[str, UnitState], list[Answer]]]) -> list[tuple[list[Failure], bool]]:
    return [(watch.look(*look), watch.is_over) for look in looks]


def test_a_window_ends_when_it_is_over() -> None:
    watch = Watch(Watched(("a.service",), 3))
    assert looked(watch, [(now, states(a_service=UP), []) for now in (0, 2.9, 3)]) == [([], False), ([], False), ([], True)]


@pytest.mark.parametrize("name", ["a.socket", "a.target", "a.timer", "a.mount"])
def test_one_look_is_enough_for_what_has_no_process(name: str) -> None:
    watch = Watch(Watched((name,), 3))
    assert watch.look(0, {name: UnitState(name, **LISTENING)}) == []
    assert watch.is_over


def test_no_window_is_one_look() -> None:
    watch = Watch(Watched(("a.service",), 0))
    assert watch.look(0, states(a_service=UP)) == []
    assert watch.is_over


def test_without_a_window_a_probe_is_waited_for_all_the_same() -> None:
    watch = Watch(Watched(("a.service",), 0, subjects=(Subject(PROBE, "a.service"),)))
    up = states(a_service=UP)
    assert looked(watch, [(0, up, [Answer()]), (1, up, [REFUSED]), (1.1, up, [WELL])]) == [([], False), ([], False), ([], True)]


def test_a_good_answer_does_not_shorten_the_window() -> None:
    watch = Watch(Watched(("a.service",), 3, subjects=(Subject(PROBE, "a.service"),)))
    up = states(a_service=UP)
    assert looked(watch, [(0, up, [WELL]), (3, up, [WELL])]) == [([], False), ([], True)]


def test_an_end_after_a_good_answer_is_a_failure() -> None:
    watch = Watch(Watched(("a.service",), 3, subjects=(Subject(PROBE, "a.service"),)))
    watch.look(0, states(a_service=UP), [WELL])
    (failure,) = watch.look(1, states(a_service=FAILED), [WELL])
    assert failure.problem == "failed: exit status 1"


@pytest.mark.parametrize(
    ("probe", "met", "problem"),
    [
        (PROBE, "connection refused", "no good answer at port 9000 within 10 s: connection refused"),
        (PROBE, "", "no good answer at port 9000 within 10 s: no answer in time"),
        (Probe("command", command=("c",), timeout=10), "", "the command c did not succeed within 10 s: it had not ended"),
        (replace(PROBE, host="192.0.2.1"), "x", "no good answer at 192.0.2.1:9000 within 10 s: x"),
        (Probe("unix", path="/run/a", timeout=0.5), "x", "no good answer at /run/a within 0.5 s: x"),
        (
            Probe("http", "localhost", 80, request="/p"),
            "status 500",
            "no good answer at port 80 (GET /p) within 10 s: status 500",
        ),
        (
            Probe("command", command=("c", "d")),
            "exit status 3: no",
            "the command c did not succeed within 10 s: exit status 3: no",
        ),
    ],
)
def test_who_never_answers_fails_after_the_timeout(probe: Probe, met: str, problem: str) -> None:
    watch = Watch(Watched(("a.service",), 3, subjects=(Subject(probe, "a.service"),)))
    up = states(a_service=UP)
    assert watch.look(probe.timeout, up, [Answer(met=met)]) == []
    assert not watch.is_over
    (failure,) = watch.look(probe.timeout, up, [Answer(met=met, is_last=True)])
    assert (failure.unit, failure.problem, failure.invocation) == ("a.service", f"is not healthy: {problem}", "a")


def test_an_attempt_that_does_not_come_to_its_end() -> None:
    watch = Watch(Watched(("a.service",), 3, subjects=(Subject(PROBE, "a.service"),)))
    assert watch.look(11.9, states(a_service=UP), [Answer()]) == []
    (failure,) = watch.look(12, states(a_service=UP), [Answer()])
    assert failure.problem.endswith("no answer in time")


def test_a_crash_ends_the_wait_and_is_told_instead_of_the_missing_answer() -> None:
    watch = Watch(Watched(("a.service",), 3, subjects=(Subject(PROBE, "a.service"),)))
    watch.look(0, states(a_service=UP), [REFUSED])
    (failure,) = watch.look(11, states(a_service=FAILED), [GIVEN_UP])
    assert failure.problem == "failed: exit status 1"


def test_all_who_did_not_answer_are_told() -> None:
    subjects = (Subject(PROBE, "a.service"), Subject(PROBE, "b.service"), Subject(PROBE, "c.service"))
    watch = Watch(Watched(("a.service", "b.service", "c.service"), 3, subjects=subjects))
    up = states(a_service=UP, b_service=UP, c_service=UP)
    assert [failure.unit for failure in watch.look(10, up, [GIVEN_UP, WELL, GIVEN_UP])] == ["a.service", "c.service"]


def test_those_whose_time_ends_together_are_told_together() -> None:
    subjects = (Subject(PROBE, "a.service"), Subject(PROBE, "b.service"), Subject(replace(PROBE, timeout=60), "c.service"))
    watch = Watch(Watched(("a.service", "b.service", "c.service"), 3, subjects=subjects))
    up = states(a_service=UP, b_service=UP, c_service=UP)
    assert watch.look(9.8, up, [GIVEN_UP, REFUSED, REFUSED]) == []
    assert not watch.is_over
    assert [failure.unit for failure in watch.look(10.1, up, [GIVEN_UP, GIVEN_UP, REFUSED])] == ["a.service", "b.service"]


# What is on its way up.

STARTING = {"active": "activating", "sub": "start-pre", "invocation": "a", "result": "success"}


def test_the_window_of_what_is_on_its_way_begins_when_it_is_up() -> None:
    watch = Watch(Watched(("a.service",), 3))
    starting, up = states(a_service=STARTING), states(a_service=UP)
    looks: list[Any] = [(0, starting, []), (10, starting, []), (11, up, []), (12.9, up, []), (14, up, [])]
    assert looked(watch, looks) == [([], False)] * 4 + [([], True)]


def test_nor_is_it_over_without_a_settle_time() -> None:
    watch = Watch(Watched(("a.service",), 0))
    assert looked(watch, [(0, states(a_service=STARTING), []), (1, states(a_service=UP), [])]) == [([], False), ([], True)]


@pytest.mark.parametrize(("limit", "seconds"), [(5.0, 5), (None, 90)])
def test_what_never_comes_up_is_given_up_at_its_own_limit_or_that_of_systemd(limit: float | None, seconds: int) -> None:
    watch = Watch(Watched(("a.service",), 3))
    starting = states(a_service={**STARTING, "start_timeout": limit})
    assert watch.look(0, starting) == []
    assert watch.look(seconds + 1, starting) == []
    (failure,) = watch.look(seconds + 3, starting)
    assert failure.problem.startswith(f"is still starting (start-pre) after {seconds} s")


def test_a_crash_loop_before_the_main_process() -> None:
    watch = Watch(Watched(("a.service",), 3, restarts_before={"a.service": 2}))
    assert watch.look(0, states(a_service={**STARTING, "restarts": 2})) == []
    (failure,) = watch.look(9, states(a_service={**STARTING, "restarts": 3}))
    assert failure.problem == "does not stay up: systemd has restarted it 1 time already"


def test_a_job_that_runs_is_not_waited_for() -> None:
    watch = Watch(Watched(("a.service",), 3, run_once={"a.service"}))
    assert looked(watch, [(n, states(a_service={**STARTING, "runs_once": True}), []) for n in (0, 3)]) == [
        ([], False),
        ([], True),
    ]


def test_a_path_has_a_window_of_its_own_since_it_may_start_its_unit_until_the_limit() -> None:
    watch = Watch(Watched(("a.path",), 3))
    assert looked(watch, [(0, states(a_path=LISTENING), [])]) == [([], False)]
    assert [failure.unit for failure in watch.look(1, states(a_path={**FAILED, "result": "unit-start-limit-hit"}))] == ["a.path"]


# What was restarted along with another unit: its job waits when the restart of the other returns.

QUEUED = {**DOWN, "job": 7}


def test_what_waits_to_be_started_again_is_judged_when_it_is_up() -> None:
    watch = Watch(Watched(("a.service",), 3))
    queued, stopping = states(a_service=QUEUED), states(a_service={**QUEUED, "active": "deactivating", "sub": "stop-sigterm"})
    up = states(a_service={**UP, "invocation": "b"})
    looks: list[Any] = [(0, stopping, []), (1, queued, []), (2, up, []), (4.9, up, []), (5, up, [])]
    assert looked(watch, looks) == [([], False)] * 4 + [([], True)]


@pytest.mark.parametrize(
    ("then", "problem"), [(DOWN, "ended by itself"), (FAILED, "failed: exit status 1"), (None, "is still starting")]
)
def test_what_does_not_come_up_after_all(then: dict[str, Any] | None, problem: str) -> None:
    watch = Watch(Watched(("a.service",), 3))
    assert watch.look(0, states(a_service=QUEUED)) == []
    (failure,) = watch.look(100, states(a_service=then or QUEUED))
    assert failure.problem.startswith(problem)


# A service that its socket starts.


def test_a_sleeping_service_has_its_window_from_when_it_is_up() -> None:
    watch = Watch(Watched(("a.socket",), 3, subjects=(LAZY,)))
    asleep, awake = states(a_socket=LISTENING, a_service=DOWN), states(a_socket=LISTENING, a_service=UP)
    looks = [(0, asleep, [Answer()]), (1, asleep, [WELL]), (1.2, awake, [WELL]), (4.1, awake, [WELL]), (4.2, awake, [WELL])]
    assert looked(watch, looks) == [([], False)] * 4 + [([], True)]
    assert set(watch.names) == {"a.socket", "a.service"}


def test_a_sleeping_service_that_dies_when_it_is_woken() -> None:
    watch = Watch(Watched(("a.socket",), 3, subjects=(LAZY,)))
    watch.look(0, states(a_socket=LISTENING, a_service=DOWN), [Answer()])
    (failure,) = watch.look(1, states(a_socket=LISTENING, a_service=FAILED), [WELL])
    assert (failure.unit, failure.problem) == ("a.service", "failed: exit status 1")


def test_an_old_failure_of_a_sleeping_service_does_not_count() -> None:
    watch = Watch(Watched(("a.socket",), 0, subjects=(LAZY,)))
    assert watch.look(0, states(a_socket=LISTENING, a_service=FAILED), [Answer()]) == []
    (failure,) = watch.look(1, states(a_socket=LISTENING, a_service={**FAILED, "invocation": "b"}), [WELL])
    assert failure.unit == "a.service"


def test_a_service_that_ends_well_after_its_client_is_well() -> None:
    """As under xinetd with wait=yes: the next client starts it again."""
    watch = Watch(Watched(("a.socket",), 0, subjects=(LAZY,)))
    watch.look(0, states(a_socket=LISTENING, a_service=DOWN), [Answer()])
    assert watch.look(1, states(a_socket=LISTENING, a_service={**DOWN, "invocation": "b"}), [WELL]) == []
    assert watch.is_over


def test_a_service_that_its_socket_does_not_start() -> None:
    watch = Watch(Watched(("a.socket",), 0, subjects=(LAZY,)))
    asleep = states(a_socket=LISTENING, a_service=DOWN)
    assert looked(watch, [(0, asleep, [Answer()]), (9, asleep, [WELL])]) == [([], False), ([], False)]
    (failure,) = watch.look(10, asleep, [WELL])
    assert failure.problem.endswith("it was reached, but this did not start the service")


def test_one_process_a_connection() -> None:
    watch = Watch(Watched(("a.socket",), 3, subjects=(Subject(PROBE, "", ("a.socket",)),)))
    listening = states(a_socket=LISTENING)
    assert looked(watch, [(0, listening, [REFUSED]), (1, listening, [WELL])]) == [([], False), ([], True)]
    (failure,) = Watch(Watched(("a.socket",), 3, subjects=(Subject(PROBE, "", ("a.socket",)),))).look(10, listening, [GIVEN_UP])
    assert failure.unit == "a.socket"


# No crash loop is reported healthy.


def _at(time: float, runs: float, waits: float) -> UnitState:
    """A daemon that runs for so long, and is started again after RestartSec=, at a time since its first start."""
    rounds, phase = divmod(time, runs + waits)
    state = UnitState("a.service", **{**UP, "invocation": f"i{rounds:g}", "restarts": int(rounds)})
    if phase < runs:
        return state
    return replace(state, active="activating", sub="auto-restart", result="exit-code", exit_code=1, exit_status=1, main_pid=0)


def _is_found_out(runs: float, waits: float, window: float, late: float, interval: float) -> bool:
    watch, now = Watch(Watched(("a.service",), window)), 0.0
    while True:
        if watch.look(now, {"a.service": _at(late + now, runs, waits)}):
            return True
        if watch.is_over:
            return False
        now += interval


@pytest.mark.parametrize("waits", [0.1, 2, 5])
@pytest.mark.parametrize("runs", [0.3, 1, 2.5])
def test_a_daemon_that_dies_within_the_window(runs: float, waits: float) -> None:
    assert _is_found_out(runs, waits, window=3, late=0.05, interval=0.25)


SECONDS = st.floats(0.01, 20)


@given(runs=SECONDS, waits=SECONDS, window=st.floats(0.5, 10), late=SECONDS, interval=st.floats(0.05, 1))
def test_what_dies_within_the_window_is_found_out_whatever_restart_sec_is(
    runs: float, waits: float, window: float, late: float, interval: float
) -> None:
    """late: how long ago it was started when the jobs of the other units were done."""
    found = _is_found_out(runs, waits, window, late, interval)
    if runs <= window - 1e-6:
        assert found
    if runs > late + window + interval + 1e-6:
        assert not found


# Who is asked after a run.


def watched_when(host: Host, **params: Any) -> Watched:
    wanted = host.declare(**params)
    observed = host.observe(wanted)
    return watched(wanted, observed, plan(wanted, observed, 3_000_000), 3)


def asked(found: Watched) -> list[str]:
    return [subject.unit for subject in found.subjects]


def echo(**options: Any) -> dict[str, Any]:
    return {"daemons": {"echo": daemon(health={"tcp": 9000}, **options)}}


SOCKET = {"socket": {"ListenStream": 9000}}


@pytest.mark.parametrize(
    ("options", "names", "subject"),
    [
        ({}, ("echo.service",), ("echo.service", ())),
        (SOCKET, ("echo.socket",), ("echo.service", ("echo.socket",))),
        ({**SOCKET, "activation": "eager"}, ("echo.service", "echo.socket"), ("echo.service", ("echo.socket",))),
        ({**SOCKET, "accept": True}, ("echo.socket",), ("", ("echo.socket",))),
    ],
    ids=["alone", "lazy", "eager", "accept"],
)
def test_a_first_deployment_is_asked(options: dict[str, Any], names: tuple[str, ...], subject: tuple[Any, ...]) -> None:
    found = watched_when(Host(), **echo(**options))
    assert found.names == names
    assert [(each.service, each.sockets) for each in found.subjects] == [subject]


@pytest.mark.parametrize("options", [{}, SOCKET, {**SOCKET, "accept": True}], ids=["alone", "lazy", "accept"])
def test_an_unchanged_run_asks_nobody_and_waits_for_nothing(options: dict[str, Any]) -> None:
    found = watched_when(deployed(**echo(**options)), **echo(**options))
    assert (found.names, found.subjects) == ((), ())


def test_another_probe_alone_asks_nobody() -> None:
    found = watched_when(deployed(**echo()), daemons={"echo": daemon(health={"tcp": 9001})})
    assert (found.names, found.subjects) == ((), ())


@pytest.mark.parametrize("options", [SOCKET, {**SOCKET, "accept": True}], ids=["lazy", "accept"])
def test_a_new_script_of_a_service_that_sleeps_is_tried_through_its_socket(options: dict[str, Any]) -> None:
    host = deployed(**echo(**options))
    assert not host.is_up("echo.service")
    found = watched_when(host, **echo(script=script("print('new')"), **options))
    assert found.names == ("echo.socket",)
    assert len(found.subjects) == 1


def test_a_service_that_runs_behind_its_socket_is_watched_from_the_beginning() -> None:
    host = deployed(**echo(**SOCKET))
    host.start("echo.service")
    found = watched_when(host, **echo(script=script("print('new')"), **SOCKET))
    assert set(found.names) == {"echo.socket", "echo.service"}


def test_only_those_who_were_acted_on_are_asked() -> None:
    both = {"a": daemon(health={"tcp": 1}), "b": daemon(health={"tcp": 2})}
    host = deployed(daemons=both)
    found = watched_when(host, daemons={**both, "b": daemon(health={"tcp": 2}, environment={"A": "1"})})
    assert asked(found) == ["b.service"]


def test_after_a_run_that_was_not_completed_all_who_run_are_asked() -> None:
    """A unit whose probe has failed runs on; the next run must not take it for well."""
    start = Host()
    *_earlier, (_steps, host), _complete = killed_everywhere(start, start.declare(**echo()))
    assert host.is_up("echo.service")
    found = watched_when(host, **echo())
    assert (found.names, asked(found)) == (("echo.service",), ["echo.service"])


@pytest.mark.parametrize("more", [{"state": "stopped"}, {"state": "unmanaged"}])
def test_what_is_not_to_run_is_not_asked(more: dict[str, Any]) -> None:
    assert watched_when(Host(), **echo(**more)).subjects == ()


def test_the_probe_of_a_socket_entry_is_about_its_service() -> None:
    units = {
        "a.socket": {"Socket": {"ListenStream": 9000}, "Install": {"WantedBy": "sockets.target"}, "health": {"tcp": 9000}},
        "a.service": {"Service": {"ExecStart": "/bin/a"}},
    }
    (subject,) = watched_when(Host(), units=units).subjects
    assert (subject.unit, subject.service, subject.sockets) == ("a.service", "a.service", ("a.socket",))


def test_a_socket_whose_service_is_not_of_the_stack() -> None:
    entry = {"Socket": {"ListenStream": 9000}, "Install": {"WantedBy": "sockets.target"}, "health": {"tcp": 9000}}
    (subject,) = watched_when(Host(), units={"a.socket": entry}).subjects
    assert (subject.unit, subject.service) == ("a.socket", "")


def test_who_has_a_network_of_its_own_is_known_to_have() -> None:
    (subject,) = watched_when(Host(), **echo(service={"PrivateNetwork": True})).subjects
    assert subject.is_apart
