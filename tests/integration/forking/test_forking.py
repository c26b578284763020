# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ran after each step of molecule/forking."""

from __future__ import annotations

import pytest

UP = ("first", "crashed", "redeployed", "stale", "stack")


@pytest.fixture(scope="module")
def steps(host) -> dict[str, dict[str, str]]:
    lines = host.check_output("cat /run/forking.steps").splitlines()
    return {line.split()[0]: dict(part.split("=", 1) for part in line.split()[1:]) for line in lines}


@pytest.mark.parametrize("step", UP)
def test_the_process_in_the_file_is_the_only_one(steps, step):
    seen = steps[step]
    assert int(seen["main"]) > 0
    assert seen["file"] == seen["main"]
    assert seen["all"] == f"{seen['main']},"


def test_each_start_is_another_process(steps):
    assert len({steps[step]["main"] for step in UP}) == len(UP)


@pytest.mark.parametrize("step", ["stopped", "stopped_again"])
def test_its_own_way_to_stop_leaves_nothing(steps, step):
    assert (steps[step]["main"], steps[step]["file"], steps[step]["all"]) == ("0", "", "")


def test_a_process_of_somebody_else_is_left_alone(steps):
    """Its number stood in the PID file when the daemon was started, and stopped."""
    assert [steps[step]["foreign"] for step in ("stale", "stopped_again", "stack")] == ["active"] * 3


def test_the_orphan_has_been_adopted(host, systemd):
    pid = systemd.show("heartbeat.service", "MainPID")
    parent, session = host.check_output("ps --no-headers --format ppid,sid --pid %s", pid).split()
    assert parent == "1"
    assert session not in (pid, "0")
    assert host.check_output("tr '\\0' '\\n' </proc/%s/environ", pid).count("DAEMONIC_STAMP=") == 1


def test_the_unit(systemd):
    show = {name: systemd.show("heartbeat.service", name) for name in ("Type", "PIDFile", "Result", "ActiveState")}
    assert show == {"Type": "forking", "PIDFile": "/run/heartbeat.pid", "Result": "success", "ActiveState": "active"}
    assert "local-fs.target" in systemd.show("heartbeat.service", "Requires").split()
    assert "local-fs.target" in systemd.show("heartbeat.service", "After").split()


def test_it_beats(host):
    host.check_output("journalctl --sync")
    lines = host.check_output("journalctl --unit=heartbeat.service --identifier=heartbeat --output=cat")
    assert {"beat 1", "beat 2"} <= set(lines.splitlines())
