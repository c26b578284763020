# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import signal
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.signals import (
    NAMES,
    Asked,
    Process,
    Progress,
    Service,
    asked_of,
    check,
    progress,
    signal_of,
    still,
)

PARAMS = {"name": "echo.service", "signal": "HUP", "whom": "all", "wait": None, "timeout": "30s", "scope": "system"}
MAIN, CHILD = Process(10, 100), Process(11, 101)
RUNNING = Service("echo.service", main_pid=10, invocation="a", processes=[MAIN, CHILD])


def test_the_names_are_those_of_the_kernel() -> None:
    known = {name.name[3:] for name in signal.Signals} - {"RTMIN", "RTMAX"}
    assert set(NAMES) - known <= {"STKFLT"}
    assert known - set(NAMES) <= {"CLD", "POLL", "IOT"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        *(("HUP", "SIGHUP"), ("sighup", "SIGHUP"), (" SigUsr1 ", "SIGUSR1"), ("9", "9"), ("+15", "15"), ("64", "64")),
        *(("rtmin", "SIGRTMIN"), ("RTMIN+30", "SIGRTMIN+30"), ("SIGRTMAX-2", "SIGRTMAX-2")),
    ],
)
def test_signal(given: str, name: str) -> None:
    problems = Problems()
    assert signal_of(given, problems) == name
    assert not problems


@pytest.mark.parametrize(
    ("given", "said"),
    [
        *(("0", "only asks"), ("-9", "1 to 31"), ("32", "C library"), ("65", "1 to 31"), ("RTMIN+31", "RTMIN to RTMIN+30")),
        *(("HUPP", "Did you mean SIGHUP?"), ("reload", "Write for example HUP"), ("", "is no signal")),
    ],
)
def test_no_signal(given: str, said: str) -> None:
    problems = Problems()
    assert signal_of(given, problems) == ""
    assert said in str(problems.found[0])


def test_parameters() -> None:
    asked = asked_of({**PARAMS, "whom": "main", "wait": "exited", "timeout": "500ms"})
    assert asked == Asked("echo.service", "SIGHUP", "main", "exited", 0.5)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("echo", "echo.service"), ("worker@1", "worker@1.service"), ("python3.11", "python3.11.service"), ("/srv", "srv.mount")],
)
def test_a_name_without_a_type_is_that_of_a_service(name: str, unit: str) -> None:
    assert asked_of({**PARAMS, "name": name}).unit == unit


@pytest.mark.parametrize(
    ("params", "said"),
    [
        pytest.param({"name": "echo.servcie"}, "Did you mean echo.service", id="misspelt-type"),
        pytest.param({"name": "a b.service"}, "cannot hold ' '", id="space"),
        pytest.param({"name": "echo@.service"}, "a template has no processes", id="template"),
        pytest.param({"name": "a.timer"}, "a .timer unit has no processes", id="timer"),
        pytest.param({"name": "a.socket", "whom": "main"}, "a .socket unit has no main process", id="main-of-a-socket"),
        pytest.param({"name": "a.slice", "whom": "control"}, "no control process", id="control-of-a-slice"),
        pytest.param({"name": "a.slice", "wait": "restarted"}, "started again", id="restart-of-a-slice"),
        pytest.param({"timeout": "soon"}, "is no span of time", id="timeout"),
        pytest.param({"scope_user": "root"}, "no meaning in the system scope", id="user-of-the-system"),
    ],
)
def test_bad_parameters(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationFailed, match=said):
        asked_of({**PARAMS, **params})


@pytest.mark.parametrize(
    ("asked", "seen", "said"),
    [
        pytest.param({}, Service("echo.service", load="not-found", active="inactive"), "no such unit", id="missing"),
        pytest.param({}, Service("echo.service", active="failed"), "does not run .failed.", id="failed"),
        pytest.param({}, Service("echo.service", sub="exited"), "no process now .active, exited.", id="exited"),
        pytest.param({"whom": "main"}, replace(RUNNING, main_pid=0), "no main process now", id="no-main-process"),
        pytest.param({"whom": "control"}, RUNNING, "no control process now", id="no-control-process"),
    ],
)
def test_nobody_to_send_it_to(asked: dict[str, Any], seen: Service, said: str) -> None:
    with pytest.raises(ValidationFailed, match=said):
        check(Asked("echo.service", "SIGHUP", **asked), seen, [])


@pytest.mark.parametrize(
    ("signal_name", "whom", "refused"),
    [
        *(("SIGTERM", "main", True), ("SIGKILL", "all", True), ("SIGHUP", "all", True), ("SIGUSR1", "main", True)),
        *(("SIGHUP", "main", False), ("1", "main", False), ("SIGWINCH", "all", False), ("SIGCONT", "all", False)),
    ],
)
def test_what_carries_the_connection(signal_name: str, whom: str, refused: bool) -> None:
    asked = Asked("echo.service", signal_name, whom)
    check(asked, RUNNING, ["other.service"])
    check(replace(asked, force=True), RUNNING, ["echo.service"])
    if refused:
        with pytest.raises(ValidationFailed, match="the connection of this task needs this unit"):
            check(asked, RUNNING, ["echo.service"])
    else:
        check(asked, RUNNING, ["echo.service"])


def test_the_first_process_of_all() -> None:
    with pytest.raises(ValidationFailed, match="force: true"):
        check(Asked("init.scope", "SIGWINCH"), replace(RUNNING, name="init.scope"), ["init.scope"])


NEW = replace(RUNNING, main_pid=20, invocation="b", restarts=1, processes=[Process(20, 200)])


@pytest.mark.parametrize(
    ("wait", "now", "alive", "expected"),
    [
        pytest.param("exited", RUNNING, [CHILD], Progress(), id="one-still-lives"),
        pytest.param("exited", RUNNING, [], Progress(), id="systemd-has-not-noticed"),
        pytest.param("exited", NEW, [], Progress(True), id="all-have-ended"),
        pytest.param("stopped", replace(RUNNING, active="deactivating"), [], Progress(), id="stops"),
        pytest.param("stopped", replace(RUNNING, active="failed"), [], Progress(True), id="has-failed"),
        pytest.param("stopped", NEW, [], Progress(failure="it was started again"), id="not-stopped-but-restarted"),
        pytest.param("restarted", RUNNING, [MAIN], Progress(), id="the-same-process"),
        pytest.param("restarted", replace(RUNNING, active="activating", main_pid=0, processes=[]), [], Progress(), id="between"),
        pytest.param("restarted", NEW, [], Progress(True), id="another-process"),
        pytest.param(
            "restarted", replace(NEW, main_pid=10, processes=[Process(10, 300)]), [], Progress(True), id="the-same-number"
        ),
        pytest.param("restarted", replace(NEW, active="activating"), [], Progress(), id="not-ready-yet"),
        pytest.param(
            "restarted",
            replace(RUNNING, active="failed", result="signal", main_pid=0, processes=[]),
            [],
            Progress(failure="it has ended (failed, signal), and is not started again"),
            id="ended-for-good",
        ),
    ],
)
def test_progress(wait: str, now: Service, alive: list[Process], expected: Progress) -> None:
    assert progress(Asked("echo.service", "SIGTERM", wait=wait), RUNNING, now, alive) == expected


def test_how_it_is_instead() -> None:
    assert still(Asked("echo.service", "SIGTERM", wait="exited"), RUNNING, [CHILD]) == "1 of its processes still run: 11"
    assert (
        still(Asked("echo.service", "SIGTERM", wait="stopped"), RUNNING, [])
        == "it is active (running), with 10 as its main process"
    )
