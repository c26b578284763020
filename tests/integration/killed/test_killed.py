# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loop that kills runs has found; its report lies on the host. See molecule/killed/files/kill.py."""

from __future__ import annotations

import json
import os

import pytest

HOSTS = os.environ["DAEMONIC_HOSTS"].split()
# Ring → leg → the points that there must be at least: the first words of their names.
EXPECTED = {
    "from nothing": {
        "first deployment": {"mkdir", "replace", "symlink", "start queued", "start done", "daemon-reload done"},
        "removal": {"unlink", "rmdir", "replace", "stop queued", "stop done", "daemon-reload done"},
    },
    "put back": {
        "way back": {
            "write_json",
            "commit",
            "put_back",
            "remove",
            "stop done",
            "daemon-reload done",
            "restart done",
            "start done",
        }
    },
    "change": {
        "forth": {
            "write_json",
            "make_directory",
            "stage",
            "all staged",
            "copy",
            "commit",
            "set_attributes",
            "make_link",
            "remove",
            "remove_directory_if_empty",
            "stop queued",
            "stop done",
            "daemon-reload done",
            "reset-failed done",
            "restart queued",
            "restart done",
            "reload queued",
            "reload done",
            "start queued",
            "start done",
        },
        "back": {"write_json", "copy", "stop done", "daemon-reload done", "restart done", "reload done", "start done"},
    },
}
LEGS = [(ring, leg) for ring, legs in EXPECTED.items() for leg in legs]


@pytest.fixture
def report(host):
    return json.loads(host.file("/root/killed/report.json").content_string)


@pytest.mark.parametrize("ring", EXPECTED)
def test_the_next_run_always_ended_as_one_that_was_never_interrupted(report, ring):
    assert report[ring]["problems"] == []


@pytest.mark.parametrize("ring", EXPECTED)
def test_a_run_was_killed_at_each_point(host, report, ring):
    """At the points where only files change, one of the hosts; at those where systemd has a part, each."""
    points = report[ring]["points"]
    assert set(points) == set(EXPECTED[ring])
    mine, hosts = HOSTS.index(host.check_output("hostname")), len(HOSTS)
    for leg, names in points.items():
        ours = [name for n, name in enumerate(names, 1) if n % hosts == mine or name.split()[-1] in ("queued", "done")]
        assert report[ring]["kills"][leg] == ours


@pytest.mark.parametrize(("ring", "leg"), LEGS)
def test_the_run_had_actions_of_every_kind(report, ring, leg):
    names = report[ring]["points"][leg]
    missing = {kind for kind in EXPECTED[ring][leg] if not any(name == kind or name.startswith(f"{kind} ") for name in names)}
    assert missing == set()


def test_the_order_was_that_of_the_design(report):
    """Intent, files beside their places, the stop of what goes, files, daemon-reload, jobs, outcome."""
    names = [name.split(" /")[0] for name in report["change"]["points"]["forth"]]
    assert (names[0], names[-1]) == ("write_json", "write_json")
    landmarks = ["stage", "stop done", "commit", "daemon-reload done", "reset-failed done", "restart done", "start done"]
    positions = [names.index(landmark) for landmark in landmarks]
    assert positions == sorted(positions)
    assert names.count("daemon-reload done") == 1


@pytest.mark.parametrize("unit", ["killed_clock", "killed_settings", "killed_reader", "killed_worker@3", "killed_new"])
def test_the_last_run_is_what_runs(host, systemd, unit):
    template = unit.replace("@3", "@")
    text = host.file(f"/etc/systemd/system/{template}.service").content_string
    assert f"Environment=DAEMONIC_STAMP={systemd.environment(f'{unit}.service')['DAEMONIC_STAMP']}" in text.splitlines()


def test_no_temporary_file_is_left(host):
    assert host.check_output("find /etc /opt /var/lib/daemonic.systemd -name '.daemonic-*'") == ""
