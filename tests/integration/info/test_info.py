# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What unit_info and journal_info have answered, against what the host's own programs say."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

import pytest


@pytest.fixture(scope="module")
def answers(host):
    return json.loads(host.file("/run/info_answers").content_string)


@pytest.fixture
def units(answers):
    return {question: answer.get("units") for question, answer in answers["units"].items()}


@pytest.fixture
def entries(answers):
    return answers["entries"]


def messages(answer):
    return [entry["message"] for entry in answer["entries"]]


# Units


def test_all_of_them(host, units):
    """Several hundred, and of each what systemd says."""
    lines = host.check_output("systemctl list-units --no-legend --plain --full 'info_*'").splitlines()
    brief = {
        line.split()[0]: line.split()[1:4] for line in lines if line.startswith(("info_fill", "info_c", "info_t", "info_lazy"))
    }
    told = units["everything"]
    assert len(brief) > 300
    assert {name: [told[name][f"{kind}_state"] for kind in ("load", "active", "sub")] for name in brief} == brief


def test_one_call_of_systemd_whatever_is_asked(host):
    """A description that show does not print takes another one."""
    calls = Counter(
        line.rpartition(" systemctl ")[0] for line in host.check_output("grep ' systemctl ' /run/info_calls").splitlines()
    )
    assert (calls["everything"], calls["types"], calls["content"], calls["dependencies"]) == (2, 1, 2, 1)
    assert (calls["mistakes"], calls["installed"]) == (0, 3)
    assert host.check_output("grep -c '^exposure systemd-analyze' /run/info_calls") == "1"


def test_names(units):
    found = units["names of all kinds"]
    assert {name: (unit["load_state"], unit["active_state"]) for name, unit in found.items()} == {
        "-info.service": ("loaded", "active"),
        "info_a\\x2db.service": ("loaded", "active"),
        "info_hostile.service": ("loaded", "active"),
        "info_many@.service": ("not-found", None),
        "info_masked.service": ("masked", "inactive"),
        "info_nosuch.service": ("not-found", "inactive"),
    }
    assert found["info_hostile.service"]["description"] == "two\n\nId=info_evil.service\nLoadState=<script>"
    assert found["info_nosuch.service"]["since"] is found["info_nosuch.service"]["main_pid"] is None
    assert set(units["globs"]) == {"-info.service", "info_a\\x2db.service", "info_tick.timer"}


def test_filters(units):
    assert set(units["types"]) == {"info_lazy.socket", "info_three.socket", "info_tick.timer", "info_counted.timer"}
    assert set(units["states"]) >= {
        "info_lazy.socket",
        "info_three.socket",
        "info_tick.timer",
        "info_counted.timer",
        "info_clock.service",
    }
    assert {"info_masked.service", "info_private.service"} <= set(units["installed"])
    assert "info_private.service" not in units["everything"]


def test_a_failed_unit(answers, units, systemd):
    unit = units["failed"]["info_failing.service"]
    assert "info_failing.service" in answers["units"]["failed"]["failed_units"]
    assert (unit["result"], unit["exit_code"], unit["exit_status"], unit["main_pid"]) == ("exit-code", "exited", 7, None)
    assert unit["description"] == "café = <script>"
    assert unit["since"].replace("T", " ")[:-1] in systemd.show("info_failing.service", "InactiveEnterTimestamp")


def test_timers_and_sockets(host, units):
    tick, counted = units["types"]["info_tick.timer"], units["types"]["info_counted.timer"]
    told = json.loads(host.check_output("systemctl list-timers --all --output=json 'info_*'"))
    for row in told:
        elapse = datetime.strptime(units["types"][row["unit"]]["next_elapse"], "%Y-%m-%dT%H:%M:%S%z").timestamp()
        assert abs(elapse - row["next"] / 1e6) < 1.5
    assert {row["unit"] for row in told} == {"info_tick.timer", "info_counted.timer"}
    assert tick["next_elapse"].endswith("T04:00:00Z")
    assert tick["schedule"] == ["OnCalendar=*-*-* 04:00:00 UTC"]
    assert (counted["triggers"], counted["last_trigger"]) == (["info_speak.service"], None)
    assert units["types"]["info_three.socket"]["listen"] == [
        {"address": "127.0.0.1:9761", "type": "Stream"},
        {"address": "[::1]:9761", "type": "Datagram"},
        {"address": "/run/info_fifo", "type": "FIFO"},
    ]
    assert units["types"]["info_lazy.socket"]["triggers"] == ["info_lazy.service"]


def test_dependencies(units):
    circle = units["dependencies"]["info_circle_a.target"]
    assert circle["relations"]["required_by"] == circle["relations"]["requires"] == ["info_circle_b.target"]
    (node,) = circle["dependencies"]
    assert (node["unit"], node["relations"], node["expanded"]) == ("info_circle_b.target", ["requires"], True)
    states = {below["unit"]: (below["active_state"], below["expanded"]) for below in node["units"]}
    assert states["info_circle_a.target"] == ("active", False)
    assert states["info_failing.service"][0] == "failed"
    wanted_by = {node["unit"]: node for node in units["dependencies"]["info_clock.service"]["dependents"]}
    assert {"info.target", "multi-user.target"} == set(wanted_by)
    assert [node["unit"] for node in wanted_by["info.target"]["units"]] in ([], ["multi-user.target"])


def test_files(host, units):
    found = units["content"]
    (clock,) = found["info_clock.service"]["files"]
    assert clock["content"] == host.file("/etc/systemd/system/info_clock.service").content_string
    assert [file["content"] for file in found["info_private.service"]["files"]] == [None]
    assert [file["content"] for file in found["info_masked.service"]["files"]] == [None]
    assert "ExecStart=" in found["systemd-fsck@.service"]["files"][0]["content"]


def test_exposure(host, units):
    told = host.check_output("systemd-analyze security --no-pager info_clock.service | tail -n 1 | grep -o '[0-9]*[.][0-9]'")
    assert units["exposure"]["info_clock.service"]["exposure"] == float(told)
    assert units["exposure"]["info_nosuch.service"]["exposure"] is None


# Releases


def test_release(answers, host, systemd):
    first, kept, second = (answers[when]["info_clock.service"] for when in ("first", "kept", "second"))
    live = host.check_output("basename $(readlink /opt/info_clock/current)")
    assert first["release"] == kept["release"] != second["release"] == live
    assert [unit["stale"] for unit in (first, kept, second)] == [False, True, False]
    assert second["stamp"] == systemd.environment("info_clock.service")["DAEMONIC_STAMP"] != first["stamp"]
    stacks = {name: unit["stack"] for name, unit in answers["second"].items() if unit["stack"]}
    assert set(stacks) == {
        "info.target",
        "info_clock.service",
        "info_lazy.service",
        "info_lazy.socket",
        "info_tick.service",
        "info_tick.timer",
    }
    assert set(stacks.values()) == {"info"}
    assert answers["second"]["info_lazy.service"]["stale"] is None
    assert answers["second"]["info_lazy.service"]["release"]


def test_entries_of_a_release(answers):
    first, second = answers["releases"]
    assert {text for text in messages(first) if text.startswith("generation")} == {"generation 1"}
    assert {text for text in messages(second) if text.startswith("generation")} == {"generation 2"}
    assert {entry["release"] for entry in first["entries"]} == {answers["first"]["info_clock.service"]["release"]}


# Users


def test_a_users_units(answers):
    unit = answers["for_user"]["units"]["info_own.service"]
    assert (unit["active_state"], unit["sub_state"]) == ("active", "exited")
    assert unit["files"][0]["path"] == "/home/info_user/.config/systemd/user/info_own.service"
    assert unit == answers["by_user"]["units"]["info_own.service"]
    assert {entry["unit"] for entry in answers["entries"]["of a user"]["entries"]} == {"info_own.service"}
    assert messages(answers["entries"]["of the last start of a user's unit"]).count("words of a user") == 1
    assert messages(answers["entries"]["of a user"]).count("words of a user") >= 2


def test_any_user_may_ask(answers):
    found = answers["as_user"]["units"]
    clock = found["info_clock.service"]
    assert (clock["active_state"], clock["release"]) == ("active", answers["second"]["info_clock.service"]["release"])
    assert clock["stale"] is False
    assert clock["stack"] is None
    assert found["info_three.socket"]["listen"]
    assert answers["journal_as_user"]["entries"] == []
    assert answers["journal_as_user"]["warnings"]


# Entries


def test_invocations(entries):
    last, before, first = (entries[question] for question in ("the last invocation", "the one before", "the first"))
    assert "last words" in messages(last)
    assert [text for text in messages(before) if text.startswith("level")] == [f"level {level}" for level in range(8)]
    assert messages(first)[-1].startswith(("Finished", "info_speak.service:")) or "hay 2499" in messages(first)
    assert [len({entry["invocation_id"] for entry in found["entries"]}) for found in (last, before, first)] == [1, 1, 1]
    assert (first["truncated"], last["truncated"], len(first["entries"])) == (True, False, 5)


def test_levels(entries):
    told = {entry["message"]: (entry["priority"], entry["priority_name"]) for entry in entries["the one before"]["entries"]}
    names = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
    assert [told[f"level {level}"] for level in range(8)] == list(enumerate(names))
    assert messages(entries["errors"])[-4:] == [f"level {level}" for level in range(4)]


def test_odd_messages(entries):
    found = {entry["message"]: entry for entry in entries["the last invocation"]["entries"]}
    assert {"\\xff\\xfe no text", "\\x1b[31m<script>alert(1)</script>\\x1b[0m", "café", "two; messages", ""} <= set(found)
    assert sum(len(message) for message in found if message.strip("y") == "") <= 49152 * 2
    split = [text for text in messages(entries["the last invocation"]) if text and not text.strip("y")]
    assert sum(map(len, split)) == 1000000
    (long,) = [entry for message, entry in found.items() if message.startswith("xxxx")]
    assert (len(long["message"]), long["cut"], found["café"]["cut"]) == (65536, True, False)


def test_searches(answers, entries):
    assert messages(entries["a needle"])[-1:] == ["the needle in the hay"]
    assert entries["a needle"]["searched"] > 2500
    hay = messages(entries["a number of entries"])
    assert (len(hay), hay[-1], entries["a number of entries"]["truncated"]) == (1500, "hay 2499", True)
    assert [text for text in hay if text.startswith("hay")][-1000:] == [f"hay {number}" for number in range(1500, 2500)]
    assert len(entries["of a span"]["entries"]) == 3
    assert entries["of units that are not there"]["entries"] == []
    assert messages(answers["journal_meanwhile"])[-1:] == ["the needle in the hay"]


def test_in_order(entries):
    for answer in entries.values():
        times = [entry["time"] for entry in answer.get("entries", [])]
        assert times == sorted(times)


def test_nothing_is_in_the_way_of_units_that_come_and_go(answers):
    assert answers["meanwhile"] > 300
