# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a unit failed, in words that name the directive and what stands there."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Unit
from ansible_collections.daemonic.systemd.plugins.module_utils._health.causes import cause, cause_of_last_end, unmet
from ansible_collections.daemonic.systemd.plugins.module_utils._health.diagnostics import Diagnostics, End, PathFacts, Process
from ansible_collections.daemonic.systemd.plugins.module_utils._health.unit_health import Background, judge
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import UnitState

from ..builders import daemon, desired, units_of

MISSING, DIRECTORY, PROGRAM = PathFacts(), PathFacts("directory"), PathFacts("file", is_executable=True)


class Known(Diagnostics):
    """at: path → what lies there; what is not named is not known."""

    def __init__(
        self, at: Mapping[str, PathFacts] | None = None, end: End | None = None, holders: Sequence[Process] = ()
    ) -> None:
        self._at = at or {}
        self._end = end
        self._holders = holders

    def at(self, path: str) -> PathFacts | None:
        return self._at.get(path)

    def last_end(self, state: UnitState) -> End | None:
        return self._end

    def holders_of(self, address: str) -> Sequence[Process]:
        return self._holders


def service(**directives: Any) -> Unit:
    return units_of(desired(units={"a.service": {"Service": {"ExecStart": "/bin/a --fast", **directives}}}))["a.service"]


def exited(status: int, **more: Any) -> UnitState:
    state = {"active": "failed", "sub": "failed", "result": "exit-code", "exit_code": 1, "exit_status": status}
    return UnitState("a.service", **{**state, **more})


@pytest.mark.parametrize(
    ("status", "directives", "at", "words"),
    [
        (1, {}, {}, "exit status 1"),
        (200, {"WorkingDirectory": "/nope"}, {"/nope": MISSING}, "200/CHDIR: its WorkingDirectory=/nope does not exist"),
        (200, {"WorkingDirectory": "/a"}, {"/a": PROGRAM}, "200/CHDIR: its WorkingDirectory=/a is no directory"),
        (
            200,
            {"WorkingDirectory": "/a", "User": "bob"},
            {"/a": DIRECTORY},
            "200/CHDIR: its WorkingDirectory=/a cannot be entered by bob",
        ),
        (200, {"WorkingDirectory": "%h/x"}, {}, "200/CHDIR: its working directory cannot be entered (WorkingDirectory=%h/x)"),
        (203, {}, {"/bin/a": MISSING}, "203/EXEC: its executable /bin/a does not exist"),
        (203, {"ExecStart": "-@/bin/b x"}, {"/bin/b": MISSING}, "203/EXEC: its executable /bin/b does not exist"),
        (203, {}, {"/bin/a": DIRECTORY}, "203/EXEC: its executable /bin/a is no file"),
        (203, {}, {"/bin/a": PathFacts("file")}, "203/EXEC: its executable /bin/a has no permission to be executed"),
        (
            203,
            {},
            {"/bin/a": PathFacts("file", True, True, "/usr/bin/pyhton"), "/usr/bin/pyhton": MISSING},
            "203/EXEC: the interpreter /usr/bin/pyhton that the first line of /bin/a names does not exist",
        ),
        (
            203,
            {},
            {"/bin/a": PathFacts("file", True, False)},
            "203/EXEC: its executable /bin/a is no program, and has no #! line",
        ),
        (
            203,
            {},
            {"/bin/a": PathFacts("file", True, label="user_home_t")},
            "203/EXEC: systemd may not execute /bin/a, whose SELinux label is user_home_t (to change that for good: "
            "semanage fcontext -a -t bin_t '/bin/a' && restorecon -v '/bin/a')",
        ),
        (
            203,
            {},
            {"/bin/a": PathFacts("file", True, True, "/srv/py", "bin_t"), "/srv/py": PathFacts("file", True, label="var_t")},
            "203/EXEC: systemd may not execute /srv/py, whose SELinux label is var_t",
        ),
        (203, {}, {"/bin/a": PathFacts("file", True, label="bin_t")}, "203/EXEC: its executable does not exist or cannot be run"),
        (203, {}, {"/bin/a": PathFacts("file", True, label="sshd_exec_t")}, "203/EXEC: its executable does not exist or cannot"),
        (203, {}, {"/bin/a": PROGRAM}, "203/EXEC: its executable does not exist or cannot be run"),
        (
            203,
            {"ExecStartPre": "/bin/pre"},
            {"/bin/a": PROGRAM, "/bin/pre": MISSING},
            "203/EXEC: its executable /bin/pre does not exist",
        ),
        (203, {"RootDirectory": "/srv"}, {"/bin/a": MISSING}, "203/EXEC: its executable does not exist or cannot be run"),
        (217, {"User": "nobody2"}, {}, "217/USER: its User=nobody2 does not exist"),
        (217, {}, {}, "217/USER: its user does not exist"),
        (216, {"Group": "g"}, {}, "216/GROUP: its Group=g does not exist"),
        (216, {"User": "u"}, {}, "216/GROUP: the group of its User=u does not exist"),
        (
            226,
            {"ReadWritePaths": "/a -/b /c", "BindPaths": "/d:/e"},
            {"/a": DIRECTORY, "/b": MISSING, "/c": MISSING, "/d": MISSING, "/e": MISSING},
            "226/NAMESPACE: its ReadWritePaths=/c and BindPaths=/d do not exist",
        ),
        (226, {"ProtectSystem": "strict"}, {}, "226/NAMESPACE: its file system namespace cannot be set up"),
        (243, {"LoadCredential": "token:/a"}, {"/a": MISSING}, "243/CREDENTIALS: its LoadCredential=/a does not exist"),
        (209, {"StandardOutput": "file:/a"}, {}, "209/STDOUT: its standard output cannot be set up (StandardOutput=file:/a)"),
        (238, {"StateDirectory": "a"}, {}, "238/STATE_DIRECTORY: its state directory cannot be made (StateDirectory=a)"),
        (201, {}, {}, "201/NICE: its scheduling priority cannot be set"),
        (244, {}, {}, "exit status 244"),
    ],
)  # fmt: skip
def test_exit_status(status: int, directives: dict[str, Any], at: dict[str, PathFacts], words: str) -> None:
    assert cause(exited(status), service(**directives), Known(at)).startswith(words)


@pytest.mark.parametrize("status", [*range(200, 220), 222, *range(224, 234), *range(235, 244), 245])
def test_each_status_of_the_manual_has_a_name(status: int) -> None:
    """systemd.exec(5), "Process Exit Codes"."""
    assert cause(exited(status)).startswith(f"{status}/")


@pytest.mark.parametrize(
    ("state", "directives", "words"),
    [
        ({"result": "timeout"}, {"Type": "notify", "TimeoutStartSec": 1}, "did not call READY=1 within TimeoutStartSec=1"),
        ({"result": "timeout"}, {"Type": "notify"}, "did not call READY=1 within TimeoutStartSec="),
        ({"result": "timeout"}, {"Type": "notify", "TimeoutSec": 5}, "did not call READY=1 within TimeoutSec=5"),
        ({"result": "timeout"}, {"Type": "oneshot", "TimeoutStartSec": 1}, "did not come to its end within TimeoutStartSec=1"),
        ({"result": "timeout"}, {"Type": "forking", "TimeoutStartSec": 1}, "did not go into the background"),
        ({"result": "timeout"}, {"TimeoutStartSec": 1}, "was not started within TimeoutStartSec=1"),
        ({"result": "timeout", "started": 5, "entered": 5}, {"TimeoutStopSec": 2}, "did not stop within TimeoutStopSec=2"),
        ({"result": "timeout", "started": 5, "entered": 5}, {"RuntimeMaxSec": 2}, "ran longer than RuntimeMaxSec=2"),
        ({"result": "protocol", "exit_code": 1}, {"Type": "notify"}, "ended before it called READY=1 (exit status 0)"),
        ({"result": "protocol"}, {"Type": "forking", "PIDFile": "/run/a"}, "left no process behind"),
        ({"result": "watchdog"}, {}, "did not answer its watchdog"),
        ({"result": "resources"}, {"EnvironmentFile": "-/b"}, "a file or resource that its unit names is missing"),
        ({"result": "resources"}, {"EnvironmentFile": "/etc/*.env"}, "a file or resource that its unit names is missing"),
        ({"result": "resources"}, {"EnvironmentFile": ["-/b", "/nope.env"]}, "its EnvironmentFile=/nope.env does not exist"),
    ],
)
def test_result(state: dict[str, Any], directives: dict[str, Any], words: str) -> None:
    found = cause(
        UnitState("a.service", **{"active": "failed", **state}),
        service(**directives),
        Known({"/nope.env": MISSING, "/etc/*.env": MISSING}),
    )
    assert found.startswith(words)


def test_a_result_of_a_unit_that_is_not_declared() -> None:
    assert cause(UnitState("b.service", active="failed", result="timeout")).startswith("did not become ready")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (None, "exit-code"),
        (End("ExecStart", 1, 203), "203/EXEC: its executable does not exist or cannot be run"),
        (End("ExecStartPre", 1, 3), "ExecStartPre=/bin/pre ended with exit status 3"),
        (End("ExecStartPost", 2, 9), "ExecStartPost= ended with signal 9"),
    ],
)
def test_a_process_that_is_not_the_main_one(end: End | None, words: str) -> None:
    """`show` tells nothing of it, but the journal does: of ExecStartPre=, and of the first process of Type=forking."""
    state = exited(0, exit_code=0)
    assert cause(state, service(Type="forking", ExecStartPre="/bin/pre"), Known(end=end)) == words


def test_the_last_end_of_a_unit_that_runs_again() -> None:
    running = UnitState("a.service", active="active", sub="running", result="success", restarts=2)
    assert cause_of_last_end(running, service(), Known()) == ""
    assert cause_of_last_end(running, service(), Known(end=End("ExecStart", 1, 4))) == "exit status 4"
    failure = judge(running, running, background=Background(service(), Known(end=End("ExecStart", 2, 11))))
    assert failure is not None
    assert failure.problem == "does not stay up: systemd has restarted it 2 times already, the last time after signal 11"


def test_a_port_that_is_in_use() -> None:
    unit = units_of(desired(daemons={"a": daemon(socket={"ListenStream": 9000})}))["a.socket"]
    state = UnitState("a.socket", active="failed", sub="failed", result="resources")
    holder = Process(123, "/usr/bin/python3 /opt/old.py", "0::/system.slice/old.service\n")
    assert cause(state, unit, Known(holders=[holder])) == (
        "its ListenStream=9000 is in use, by process 123 (/usr/bin/python3 /opt/old.py) of old.service"
    )
    assert cause(state, unit, Known()).startswith("a file or resource")


def test_conditions_and_assertions() -> None:
    unit = units_of(desired(units={"a.service": {"Unit": {"ConditionPathExists": "/a", "AssertUser": "b"}, **_SERVICE}}))[
        "a.service"
    ]
    assert unmet(unit, "Condition") == " (ConditionPathExists=/a)"
    assert unmet(unit, "Assert") == " (AssertUser=b)"
    assert unmet(None, "Assert") == ""


_SERVICE = {"Service": {"ExecStart": "/bin/a"}}
NEVER = UnitState("a.service", active="inactive", sub="dead", result="success")


@pytest.mark.parametrize(
    ("section", "state", "words"),
    [
        ({"AssertPathExists": "/a"}, NEVER, "was not started: an assertion of its unit is not met (AssertPathExists=/a)"),
        ({"Requires": "b.service c.service"}, NEVER, "was not started: it needs b.service and c.service"),
        (
            {"ConditionPathExists": "/a"},
            NEVER,
            "ended by itself: success",
        ),
        ({}, NEVER, "ended by itself: success"),
    ],
)
def test_what_never_ran(section: dict[str, Any], state: UnitState, words: str) -> None:
    unit = units_of(desired(units={"a.service": {"Unit": section, **_SERVICE}}))["a.service"]
    failure = judge(state, state, background=Background(unit))
    assert failure is not None
    assert failure.problem == words


def test_systemd_has_given_up() -> None:
    state = exited(1, restarts=4)
    failure = judge(state, state)
    assert failure is not None
    assert failure.problem == "failed: exit status 1; systemd has restarted it 4 times, and given up"
