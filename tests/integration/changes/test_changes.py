# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done for each change, and what the host had of it. The cases are those of molecule/changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

SCENARIO = Path(__file__).parents[3] / "molecule" / "changes"
TOLD = ("link", "remove", "start", "stop", "restart", "reload")


def cases_of(table: str) -> list:
    content = yaml.safe_load((SCENARIO / f"{table}.yml").read_text())
    groups = (group for group in content.values() if isinstance(group, list))
    return [pytest.param(table, case, id=case["name"]) for group in groups for case in group]


CASES = [*cases_of("services"), *cases_of("kinds")]


@pytest.fixture(scope="module")
def record(host):
    """Table → what converge.yml has written down."""
    return {table: json.loads(host.file(f"/run/changes/{table}.json").content_string) for table in ("services", "kinds")}


def looks(text: str) -> dict[str, dict[str, str]]:
    """The output of `systemctl show`: unit → its properties."""
    blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in text.split("\n\n")]
    return {block["Id"]: block for block in blocks}


@pytest.mark.parametrize(("table", "case"), CASES)
def test_each_unit_got_what_it_needed_and_no_more(record, table, case):
    units = {*case["before"], *case["after"]}
    result = record[table]["changed"]
    actions = [a for a in result["actions"] if a["action"] in TOLD and a["target"].rpartition("/")[2] in units]
    done = [f"{a['action']} {a['target'].removeprefix('/etc/systemd/system/')}" for a in actions]
    assert sorted(done) == sorted(case.get("does", []))
    assert case.get("says", "") in "\n".join(action["reason"] for action in actions)
    before, after = looks(record[table]["before"]), looks(record[table]["after"])
    assert {unit for unit in units if after[unit] != before[unit]} == set(case.get("anew", []))
    kept = [entry["reason"] for entry in result["restart_pending"] if entry["unit"] in units]
    assert kept == ([case["kept"]] if "kept" in case else [])


@pytest.mark.parametrize("table", ["services", "kinds"])
def test_check_mode_knew_it(record, table):
    assert record[table]["predicted"]["actions"] == record[table]["changed"]["actions"]


@pytest.mark.parametrize("table", ["services", "kinds"])
def test_what_does_not_change_is_left_alone(record, table):
    table = record[table]
    for run in ("unchanged", "again"):
        assert (table[run]["actions"], table[run]["changed"]) == ([], False)
    assert [entry["unit"] for entry in table["again"]["restart_pending"]] == [
        entry["unit"] for entry in table["changed"]["restart_pending"]
    ]
    assert looks(table["last"]) == looks(table["after"])


@pytest.mark.parametrize("table", ["services", "kinds"])
def test_systemd_reads_its_configuration_once(record, table):
    actions = [action["action"] for action in record[table]["changed"]["actions"]]
    assert actions.count("daemon_reload") == 1


def test_a_new_unit_is_reported(record):
    unit = record["services"]["changed"]["units"]["changes_new.service"]
    assert (unit["active_state"], unit["sub_state"], unit["result"]) == ("active", "running", "success")
    assert unit["main_pid"] == int(looks(record["services"]["after"])["changes_new.service"]["MainPID"]) != 0


@pytest.mark.parametrize(
    ("unit", "variable", "value"),
    [
        ("changes_added.service", "ADDED", "yes"),
        ("changes_removed.service", "REMOVED", None),
        ("changes_named.service", "NAMED", "new"),
        ("changes_keep.service", "A", None),
        ("changes_several.service", "A", "first"),
        ("changes_several.service", "B", "first"),
        ("changes_package.service", "PACKAGE", "new"),
        ("changes_package3.service", "PACKAGE", None),
        ("changes_escaped\\x2ddash.service", "NAME", "changes_escaped\\x2ddash"),
    ],
)
def test_the_process_has_what_is_declared(systemd, unit, variable, value):
    assert systemd.environment(unit).get(variable) == value


@pytest.mark.parametrize(
    ("unit", "line"),
    [
        ("changes_continued.service", "sleep 1000000"),
        ("changes_argument.service", "sleep 2000000"),
        ("changes_reset.service", "/bin/sleep 1000001"),
    ],
)
def test_the_process_has_its_arguments(systemd, unit, line):
    assert systemd.command_line(unit) == line


@pytest.mark.parametrize(("resource", "unit", "limit"), [("open files", "changes_changed.service", "1002")])
def test_the_process_has_its_limits(host, systemd, resource, unit, limit):
    limits = host.file(f"/proc/{systemd.show(unit, 'MainPID')}/limits").content_string
    assert next(line for line in limits.splitlines() if resource in line).split()[3] == limit


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        ("changes_reloading", 1),
        ("changes_both", 0),
        ("changes_reload", 1),
        ("changes_pushed", 1),
        ("changes_pulls", 1),
        ("changes_fired", 1),
        ("changes_oneshot", 1),
        ("changes_remaining", 1),
        ("changes_exit0", 1),
    ],
)
def test_it_happened_so_many_times(host, unit, times):
    log = host.file(f"/run/{unit}")
    assert (log.content_string.count("\n") if log.exists else 0) == times


def test_what_daemon_reload_applies_is_applied(systemd):
    unit = "changes_daemon_reload.service"
    assert systemd.show("changes_description.service", "Description") == "New"
    assert (systemd.show(unit, "Restart"), systemd.show(unit, "RestartUSec")) == ("always", "7s")
    assert (systemd.show(unit, "TimeoutStopUSec"), systemd.show(unit, "KillSignal")) == ("8s", "15")


def test_links_are_those_that_install_asks_for(host):
    found = host.check_output("find /etc/systemd/system -type l -path '*changes*' -printf %s", "%P\\n").splitlines()
    assert sorted(found) == [
        "changes_new.target.requires/changes_install_changed.service",
        "changes_new.target.wants/-changes_lead.service",
        "changes_new.target.wants/changes_escaped\\x2ddash.service",
        "changes_new.target.wants/changes_install_added.service",
        "local-fs.target.wants/run-changes_mount.mount",
        "paths.target.wants/changes_path.path",
        "timers.target.wants/changes_periodic.timer",
        "timers.target.wants/changes_timed.timer",
        "timers.target.wants/changes_timer.timer",
    ]


def test_the_unit_of_the_package_is_as_the_package_brought_it(host):
    for unit in ("changes_package", "changes_package2", "changes_package3"):
        content = host.file(f"/lib/systemd/system/{unit}.service").content_string
        assert content == "[Service]\nType=exec\nExecStart=/bin/sleep infinity\n"
        assert not host.file(f"/etc/systemd/system/{unit}.service").exists


def test_the_timer_elapses_at_the_new_time(systemd):
    assert " 05:00:00" in systemd.show("changes_timer.timer", "NextElapseUSecRealtime")


def test_the_new_path_is_watched_and_the_old_one_is_not(host):
    assert not host.file("/run/changes_seen").exists
    host.check_output("touch /run/changes_path_old && sleep 0.5")
    assert not host.file("/run/changes_seen").exists
    host.check_output("echo >/run/changes_path_new; timeout 60 sh -c 'until [ -s /run/changes_seen ]; do sleep 0.1; done'")


def test_the_slice_has_its_limit(systemd):
    assert systemd.show("changes.slice", "TasksMax") == "200"


def test_the_mount_was_remounted(host):
    mount = host.mount_point("/run/changes_mount")
    assert "size=2048k" in mount.options
    assert host.file("/run/changes_mount/kept").content_string == "kept\n"


def test_the_other_mount_was_mounted_anew(host):
    assert host.mount_point("/run/changes_mounted").device == "changes_new"


def test_the_automount_mounts(host):
    assert host.check_output("ls /run/changes_auto >/dev/null && stat -f -c %T /run/changes_auto") == "tmpfs"
