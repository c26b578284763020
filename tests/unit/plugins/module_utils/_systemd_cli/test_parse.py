# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real output of systemd 247.3, 252.39, 254.26, 257.13 and 262, made by captured/capture.sh."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli import parse
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.argv import PROPERTIES
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.parse import (
    all_properties,
    directives,
    exposures,
    journal_lines,
    names_shown,
    unit_states,
    verdicts,
)

VERSIONS = ("247", "252", "254", "257", "262")
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "captured")

# What capture.sh asks for, in its order, and what each must be read as.
UP: dict[str, Any] = {"active": "active", "sub": "running", "result": "success"}
DOWN: dict[str, Any] = {"active": "inactive", "sub": "dead", "main_pid": 0, "invocation": "", "exit_code": 0}
FAILED: dict[str, Any] = {"active": "failed", "sub": "failed", "main_pid": 0, "is_up": False, "has_failed": True}
UNITS: dict[str, dict[str, Any]] = {
    "running.service": {
        **UP,
        "load": "loaded",
        "file_state": "enabled",
        "restarts": 0,
        "needs_reload": False,
        "is_up": True,
        "condition_met": True,
        "dropins": (),
    },
    "nickname.service": {**UP, "name": "nickname.service", "load": "loaded"},
    "remains.service": {"active": "active", "sub": "exited", "main_pid": 0, "exit_code": 1, "exit_status": 0, "is_up": True},
    # A oneshot loses its properties; so does what has ended and nothing refers to.
    "finished.service": {**DOWN, "load": "loaded", "result": "success", "started": 0},
    "ended.service": {**DOWN, "load": "loaded", "result": "success", "started": 0, "condition_met": True},
    "failed.service": {**FAILED, "result": "exit-code", "exit_code": 1, "exit_status": 3},
    "killed.service": {**FAILED, "result": "signal", "exit_code": 2, "exit_status": 9},
    "nowhere.service": {**FAILED, "result": "exit-code", "exit_code": 1, "exit_status": 203},
    "looping.service": {
        "active": "activating",
        "sub": "auto-restart",
        "is_looping": True,
        "loops_well": False,
        "is_up": False,
        "exit_status": 4,
    },
    "waiting.service": {"active": "activating", "sub": "auto-restart", "is_looping": True, "loops_well": True, "is_up": False},
    "restarted.service": {**UP, "restarts": 1, "is_up": True, "is_looping": False},
    "stopped.service": {**DOWN, "load": "loaded", "has_failed": False, "condition_met": True},
    "conditional.service": {**DOWN, "condition_met": False},
    "changed.service": {**UP, "needs_reload": True},
    "extended.service": {
        **UP,
        "dropins": tuple(f"/etc/systemd/system/extended.service.d/{name}.conf" for name in ("10-one", "20-two")),
    },
    "starting.service": {"active": "activating", "sub": "start", "is_up": True, "is_looping": False, "is_in_transition": False},
    "stopping.service": {"active": "deactivating", "sub": "stop", "is_up": False, "has_failed": False, "is_in_transition": True},
    "instance@a.service": {**UP, "load": "loaded"},
    "listening.service": {**DOWN, "load": "loaded"},
    "listening.socket": {"active": "active", "sub": "listening", "file_state": "enabled", "main_pid": 0, "started": 0},
    "busy.socket": {**FAILED, "result": "resources", "exit_code": 0},
    "finished.timer": {"active": "active", "sub": "waiting", "result": "success"},
    "group.target": {"active": "active", "sub": "active", "result": ""},
    "masked.service": {**DOWN, "load": "masked", "file_state": "masked"},
    "missing.service": {**DOWN, "load": "not-found", "file_state": "", "is_up": False},
}


def captured(version: str, name: str) -> str:
    with open(os.path.join(FOLDER, version, f"{name}.txt"), encoding="utf-8") as stream:
        return stream.read()


@pytest.fixture(params=VERSIONS)
def version(request: Any) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", UNITS)
def test_unit(version: str, name: str) -> None:
    state = unit_states(list(UNITS), captured(version, "show"))[name]
    assert {field: getattr(state, field) for field in UNITS[name]} == UNITS[name]


def test_all_that_was_asked_for_is_there(version: str) -> None:
    states = unit_states(list(UNITS), captured(version, "show"))
    assert list(states) == list(UNITS)
    assert all(name == state.name for name, state in states.items())


@pytest.mark.parametrize("name", ["running.service", "changed.service", "instance@a.service"])
def test_times_and_ids_of_what_runs(version: str, name: str) -> None:
    """µs since boot; the unit became active after its process began."""
    state = unit_states(list(UNITS), captured(version, "show"))[name]
    assert 0 < state.started <= state.entered
    assert state.main_pid > 1
    assert len(state.invocation) == 32


def test_a_socket_has_a_time_and_an_invocation_but_no_process(version: str) -> None:
    state = unit_states(list(UNITS), captured(version, "show"))["listening.socket"]
    assert state.entered > 0
    assert len(state.invocation) == 32


def test_one_unit_alone(version: str) -> None:
    state = unit_states(["missing.service"], captured(version, "show-missing"))["missing.service"]
    assert (state.load, state.active) == ("not-found", "inactive")


def test_patterns_stand_for_the_units_that_fit(version: str) -> None:
    """Those come behind the units that were named, one of them a second time; a pattern that fits nothing brings nothing."""
    states = unit_states(["instance@a.service"], captured(version, "show-pattern"))
    assert sorted(states) == ["instance@a.service", "instance@b.service"]
    assert {name: (state.name, state.active) for name, state in states.items()} == {name: (name, "active") for name in states}


def test_captures_hold_what_is_asked_for_now(version: str) -> None:
    """When argv.py asks for a property that they lack, they must be made again."""
    first = captured(version, "show").split("\n\n")[0]
    lacking = {"EnvironmentFiles"}  # shown where there are any
    lacking |= {"PropagatesStopTo"} if version == "247" else set()  # since 249
    assert set(PROPERTIES) - lacking <= {line.partition("=")[0] for line in first.splitlines()}


def test_every_property_of_a_unit() -> None:
    """A command line with line breaks is printed as it is, whatever stands behind them; a value may hold anything."""
    text = (
        "Type=simple\n"
        "ExecStart={ path=/bin/sh ; argv[]=/bin/sh -c one\nTwo=2\n\nthree ; ignore_errors=no ; status=0/0 }\n"
        "ExecReload={ path=/bin/true ; argv[]=/bin/true ; status=0/0 }\n"
        "Description={ is no brace\n"
        "Environment=A=1 B=2\n"
        "Names=a.service\n"
        "Empty=\n"
    )
    assert all_properties(text) == {
        "Type": "simple",
        "ExecStart": "{ path=/bin/sh ; argv[]=/bin/sh -c one\nTwo=2\n\nthree ; ignore_errors=no ; status=0/0 }",
        "ExecReload": "{ path=/bin/true ; argv[]=/bin/true ; status=0/0 }",
        "Description": "{ is no brace",
        "Environment": "A=1 B=2",
        "Names": "a.service",
        "Empty": "",
    }


def test_names_of_the_units_that_there_are() -> None:
    shown = "Id=a.service\nLoadState=loaded\n\nId=gone.service\nLoadState=not-found\n\nLoadState=masked\nId=m.service\n"
    assert names_shown(shown) == ["a.service", "m.service"]
    assert names_shown("") == []


def test_nothing_shown_is_nothing_known() -> None:
    assert unit_states([], "") == {}
    assert unit_states(["a.service"], "Id=a.service\n") == {"a.service": UnitState("a.service")}


# Journal


PLAIN = {
    0: "Starting speaker.service...",
    1: "plain words",
    2: "café 😀",
    3: "\ufffd\ufffd no text",
    4: "\x1b[31mred\x1b[0m",
    5: '  indented, "quoted" \\ tab\there',
    -5: "two\nlines",
    -4: "last",
    -3: "speaker.service: Main process exited, code=exited, status=7/NOTRUNNING",
    -2: "speaker.service: Failed with result 'exit-code'.",
    -1: "Failed to start speaker.service.",
}


def usual_lines(version: str) -> list[str]:
    """Without the entries that hold MESSAGE twice, or not at all."""
    lines = captured(version, "journal").splitlines()
    return [line for line in lines if '"MESSAGE"' in line and '["two","messages"]' not in line.replace(" ", "")]


def test_messages(version: str) -> None:
    found = journal_lines("\n".join(usual_lines(version)))
    expected = {position: text for position, text in PLAIN.items() if position < 0 or position < 6}
    assert {position: found[position] for position in expected} == expected
    assert "an error" in found


def test_long_message_comes_whole(version: str) -> None:
    """journalctl(1): in JSON a field over 4096 bytes is null, but for --all; 5000 bytes were written here."""
    assert journal_lines("\n".join(usual_lines(version))).count("x" * 5000) == 1


def test_message_that_is_too_long_after_all() -> None:
    assert journal_lines('{"MESSAGE": null}') == ["(a message too long to show)"]


def test_entry_with_two_messages(version: str) -> None:
    """A client of the journal may send a field twice; journalctl(1): "a JSON array is used as field value"."""
    found = journal_lines(captured(version, "journal"))
    assert any("two" in line and "messages" in line for line in found)


def test_entry_without_a_message(version: str) -> None:
    (line,) = [line for line in captured(version, "journal").splitlines() if '"MESSAGE"' not in line]
    assert "(a message too long to show)" not in journal_lines(line)


def test_empty_journal() -> None:
    assert journal_lines("") == []


@pytest.mark.parametrize(
    ("version", "plain", "many"),
    [("247", 9.6, 8.2), ("252", 9.6, 8.4), ("254", 9.4, 8.2), ("257", 9.4, 8.2), ("262", 9.4, 8.2)],
)
def test_exposures(version: str, plain: float, many: float) -> None:
    found = exposures(captured(version, "security"))
    assert {name: each.score for name, each in found.items()} == {"plain.service": plain, "many@.service": many}
    assert found["plain.service"].gaps[:2] == (("PrivateNetwork=", 0.5), ("User=/DynamicUser=", 0.4))
    assert "ProtectSystem=" in dict(found["plain.service"].gaps)
    assert "ProtectSystem=" not in dict(found["many@.service"].gaps)
    for each in found.values():
        shares = [share for _directive, share in each.gaps]
        assert shares == sorted(shares, reverse=True)
        assert len(shares) > 40


def test_no_exposures() -> None:
    assert exposures("") == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_directives(version: str) -> None:
    found = directives(captured(version, "directives"))
    assert next(iter(found)) == "Unit"
    assert "WantedBy" in found["Install"]
    assert ("OpenFile" in found["Service"]) is (int(version) >= 253)
    assert not any("=" in key or " " in key for keys in found.values() for key in keys)


@pytest.mark.parametrize("version", VERSIONS)
def test_verdicts(version: str) -> None:
    found = verdicts(captured(version, "verify"), "/run/daemonic.systemd.x")
    lines = [(verdict.path, verdict.line) for verdict in found if verdict.path]
    assert lines[:2] == [("a.service", 2), ("a.service", 7)]
    assert {("a.service.d/10-x.conf", 2), ("c.service", 2), ("t@.service", 3), ("e.timer", 2)} <= set(lines)
    assert {verdict.unit for verdict in found if verdict.text.endswith("Refusing.")} == {"b.service", "e.timer"}
    assert not any(verdict.text.startswith("/run") for verdict in found)


def test_verdicts_about_files_elsewhere() -> None:
    assert verdicts("/usr/lib/systemd/system/x.service:3: Unknown key, ignoring.\n\n", "/run/a") == []


def test_a_message_may_hold_what_python_takes_for_the_end_of_a_line() -> None:
    output = json.dumps({"MESSAGE": "ready\u2028go\u0085on"}, ensure_ascii=False) + "\n"
    assert parse.journal_lines(output) == ["ready\u2028go\u0085on"]
    assert parse.all_properties("MainPID=7\nStatusText=ok\u2028MainPID=1\n")["MainPID"] == "7"
