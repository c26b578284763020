# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What unit_info asks and reads: on the real output of each supported version (captured/capture-info.sh)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.unit_answer import answer, choose, what_to_show
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.unit_properties import Carried, Clock, Known
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.unit_query import unit_query
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli import unit_queries
from hypothesis import given
from hypothesis import strategies as st

VERSIONS = ("247", "252", "254", "257", "262")
NAMES = ["ask-alias.service", "ask-failed.service", "ask-masked.service", "ask-nosuch.service"]
CAPTURED = r"2026-11-\d\dT\d\d:\d\d:\d\d"  # the days of the captures
CLOCK = Clock(1795243300.0, 25500.0)


def captured(version: str, name: str) -> str:
    return (Path(__file__).parent / "captured" / version / name).read_text(encoding="utf-8")


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def asked(version: str) -> Any:
    every = unit_queries.shown_units(NAMES, captured(version, "info-show.txt"))
    files = unit_queries.unit_files(captured(version, "info-files.json"))

    def ask(**params: Any) -> dict[str, Any]:
        query = unit_query({"depth": 2, **params})
        everything = "unit_files" in query.include
        installed = {name: state for name, state in files.items() if everything or name in query.names}
        chosen = choose(query, every, installed)
        known = {name: Known(loaded=unit_queries.carried(shown.get("LogExtraFields", ""))) for name, shown in chosen.items()}
        return answer(query, chosen, every, known, CLOCK)

    return ask


def test_a_running_service(asked: Any) -> None:
    unit = asked(name=["ask-running"])["units"]["ask-running.service"]
    pid, invocation, since = unit.pop("main_pid"), unit.pop("invocation_id"), unit.pop("since")
    assert pid > 1
    assert len(invocation) == 32
    assert since == unit.pop("started")
    assert re.match(CAPTURED, since)
    assert unit.pop("cpu_seconds") >= 0
    assert unit == {
        "id": "ask-running.service",
        "type": "service",
        "description": "caf\u00e9 = <script>",
        "load_state": "loaded",
        "load_error": None,
        "active_state": "active",
        "sub_state": "running",
        "result": "success",
        "unit_file_state": "enabled",
        "preset": "enabled",
        "fragment_path": "/etc/systemd/system/ask-running.service",
        "drop_in_paths": [f"/etc/systemd/system/ask-running.service.d/{name}.conf" for name in ("10-one", "20-two")],
        "needs_daemon_reload": False,
        "condition_met": True,
        "triggers": [],
        "triggered_by": [],
        "stack": None,
        "drop_in_stacks": [],
        "service_type": "exec",
        "user": "nobody",
        "restarts": 0,
        "exit_code": None,
        "exit_status": None,
        "status_text": None,
        "memory": None,
        "memory_peak": None,
        "tasks": None,
        "release": "fedcba9876543210",
        "stamp": None,
        "stale": None,
        "stale_because": [],
        "exposure": None,
    }


def test_an_alias_keeps_the_name_that_was_asked_for(asked: Any) -> None:
    units = asked(name=["ask-alias"])["units"]
    assert {name: unit["id"] for name, unit in units.items()} == {"ask-alias.service": "ask-running.service"}


def test_a_failed_service(asked: Any) -> None:
    found = asked(state=["failed"])
    assert found["failed_units"] == ["ask-failed.service"] == list(found["units"])
    unit = found["units"]["ask-failed.service"]
    assert (unit["result"], unit["exit_code"], unit["exit_status"]) == ("exit-code", "exited", 3)
    assert unit["main_pid"] is None
    assert unit["since"]


def test_what_is_not_there(asked: Any) -> None:
    units = asked(name=["ask-nosuch", "ask-masked"])["units"]
    assert [unit["load_state"] for unit in units.values()] == ["masked", "not-found"]
    assert units["ask-nosuch.service"]["load_error"] == "Unit ask-nosuch.service not found."
    assert units["ask-nosuch.service"]["since"] is units["ask-nosuch.service"]["condition_met"] is None


def test_a_timer(asked: Any) -> None:
    units = asked(type=["timer"])["units"]
    both, counted = units["ask-both.timer"], units["ask-counted.timer"]
    assert both["schedule"] == ["OnCalendar=*-*-* 04:00:00", "OnUnitActiveSec=1h 30min", "OnBootSec=19y 1month 4w 1d 19h 30min"]
    assert (both["next_elapse"][10:], both["persistent"]) == ("T04:00:00Z", True)
    if both["last_trigger"] is not None:  # a stamp of an earlier one of this name, where the host had one
        assert re.match(CAPTURED, both["last_trigger"])
    assert counted["last_trigger"] is None
    assert counted["next_elapse"].startswith("2044-02-")
    assert both["triggers"] == ["ask-timed.service"]


def test_a_socket(asked: Any) -> None:
    unit = asked(type=["socket"])["units"]["ask-listening.socket"]
    assert unit["listen"] == [
        {"address": "127.0.0.1:9755", "type": "Stream"},
        {"address": "[::1]:9755", "type": "Datagram"},
        {"address": "/run/ask fifo", "type": "FIFO"},
        {"address": "@ask (1)", "type": "Stream"},
    ]
    assert (unit["accept"], unit["connections"], unit["triggers"]) == (False, 0, ["ask-listening.service"])


def test_an_escaped_name(asked: Any) -> None:
    assert list(asked(name=["ask\\x2d*"])["units"]) == ["ask\\x2dodd-name.service"]


def test_circles(asked: Any) -> None:
    unit = asked(name=["ask-circle-a.target"], include=["dependencies"], depth=10)["units"]["ask-circle-a.target"]
    circle = next(node for node in unit["dependencies"] if node["unit"] == "ask-circle-b.target")
    assert circle["relations"] == ["requires"]
    assert [(node["unit"], node["expanded"]) for node in circle["units"] if node["unit"].startswith("ask")] == [
        ("ask-circle-a.target", False)
    ]
    assert unit["relations"]["bound_by"] == ["ask-circle-b.target"]
    assert [node["unit"] for node in unit["dependents"]] == ["ask-circle-b.target"]


def test_templates_and_installed_units(asked: Any) -> None:
    units = asked(name=["ask*"], include=["unit_files"])["units"]
    assert units["ask-template@.service"]["unit_file_state"] == "static"
    assert units["ask-template@.service"]["active_state"] is None
    assert asked(name=["ask-template@.service"])["units"]["ask-template@.service"]["load_state"] == "loaded"
    assert asked(name=["ask-other@.service"])["units"]["ask-other@.service"]["load_state"] == "not-found"
    assert asked(name=["ask-template@.service"], state=["enabled"])["units"] == {}


def test_a_description_that_show_does_not_print(version: str) -> None:
    every = unit_queries.shown_units(NAMES, captured(version, "info-show.txt"))
    assert every["ask-hostile.service"]["Description"] == unit_queries.UNPRINTABLE
    assert unit_queries.descriptions(captured(version, "info-units.json")) == {
        "ask-hostile.service": "two\n\nId=evil.service\nLoadState=no"
    }
    assert every["ask-hostile.service"]["LoadState"] == "loaded"
    assert "evil.service" not in every


def test_all_properties_are_known_to_the_newest() -> None:
    shown = unit_queries.shown_units(NAMES, captured("257", "info-show.txt"))
    from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.properties import asked as properties

    lacking = {"EnvironmentFiles"}  # shown where there are any
    assert {name for unit in shown.values() for name in unit} == set(properties(True)) - lacking


@pytest.mark.parametrize(
    ("params", "names", "patterns"),
    [
        pytest.param({}, [], ["*"], id="all"),
        pytest.param({"name": ["a", "b*"]}, ["a.service"], ["b*"], id="names and globs"),
        pytest.param({"name": ["a", "b*"], "include": ["dependencies"]}, ["a.service"], ["*"], id="relations lead anywhere"),
        pytest.param({"name": ["a@.service"]}, [], [], id="a template cannot be shown"),
        pytest.param({"name": ["a*"], "include": ["unit_files"]}, ["ab.service"], ["a*"], id="installed"),
        pytest.param({"name": ["a*"], "include": ["unit_files"], "type": ["timer"]}, [], ["a*"], id="installed, of a type"),
    ],
)
def test_what_is_shown(params: dict[str, Any], names: list[str], patterns: list[str]) -> None:
    query = unit_query({"depth": 2, **params})
    files = {"ab.service": ("static", None), "ab@.service": ("static", None)} if "unit_files" in query.include else {}
    assert what_to_show(query, files) == (names, patterns)


def test_command_lines() -> None:
    assert unit_queries.show(["-x.service", "*"], ["Id", "Result"], user=False) == [
        "systemctl", "show", "--no-pager", "--property=Id,Result", "--", "-x.service", "*",
    ]  # fmt: skip
    assert unit_queries.show(["a.service", "*"], ["Id"], user=True, state="failed")[-4:] == [
        "--state=failed",
        "--",
        "a.service",
        "*",
    ]
    assert unit_queries.list_unit_files(["a*"], user=True)[:3] == ["systemctl", "--user", "list-unit-files"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DAEMONIC_STAMP=0123456789abcdef DAEMONIC_RELEASE=fedcba9876543210", Carried(("0123456789abcdef",), "fedcba9876543210")),
        ("\x1f\0\0DAEMONIC_STAMP=0123456789abcdef\x21\0", Carried(("0123456789abcdef",))),
        ("A=1\0DAEMONIC_STAMP=short\0", Carried()),
        ("", Carried()),
    ],
)
def test_carried(text: str, found: Carried) -> None:
    assert unit_queries.carried(text) == found


@pytest.mark.parametrize(
    ("line", "release"),
    [
        ("/usr/bin/python3 /opt/echo/releases/0123456789abcdef/echo.py", "0123456789abcdef"),
        ("/home/a/.local/lib/daemonic.systemd/a/releases/0123456789abcdef/venv/bin/python -m a", "0123456789abcdef"),
        ("/usr/bin/python3 /opt/releases/echo.py", ""),
    ],
)
def test_release_of_a_command_line(line: str, release: str) -> None:
    assert unit_queries.release_in(line) == release


def test_a_value_with_blank_lines_is_no_unit() -> None:
    """LogExtraFields= may hold any text."""
    output = "LogExtraFields=A=1\n\nnothing of a unit\nId=a.service\nActiveState=active\n\nId=b.service\nActiveState=failed\n"
    shown = unit_queries.shown_units([], output)
    assert {name: unit["ActiveState"] for name, unit in shown.items()} == {"a.service": "active", "b.service": "failed"}


@given(st.text())
def test_any_output_is_read(output: str) -> None:
    unit_queries.shown_units([], output)
