# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restart is needed if the running process differs from what a restart would run, however the host came to be so."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import UNITS, daemon, desired, script
from ..simulated_host import ECHO, Host, check_converged, deployed, reasons, short, unit_jobs


@pytest.mark.parametrize("killed_after", range(12))
def test_interrupted_anywhere_the_next_run_completes_it(killed_after: int) -> None:
    host = deployed(**ECHO)
    wanted = desired(daemons={"echo": daemon(script=script("2\n"), description="New", wanted_by="graphical.target")})
    assert len(host.plan(wanted).actions) <= 12
    host.run(wanted, killed_after)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


def test_process_with_an_old_stamp_restarts_though_no_file_differs() -> None:
    """The run before was killed after daemon-reload."""
    host = deployed(**ECHO)
    wanted = desired(daemons={"echo": daemon(script=script("2\n"))})
    last = [action.verb for action in host.plan(wanted).actions].index("reset_failed")
    host.run(wanted, killed_after=last)
    assert short(host.plan(wanted)) == [
        ("daemon_reload", "systemd"),
        ("reset_failed", "echo.service"),
        ("restart", "echo.service"),
    ]


def test_process_that_restarted_by_itself_before_the_reload() -> None:
    """Its start is newer than every file and NeedDaemonReload=no, yet it runs the old configuration."""
    host = deployed(**ECHO)
    wanted = desired(daemons={"echo": daemon(environment={"A": "2"})})
    host.run(wanted, killed_after=1)
    host.crash("echo.service")
    host.reload()
    assert unit_jobs(host.run(wanted)) == [("reset_failed", "echo.service"), ("restart", "echo.service")]
    check_converged(host, wanted)


def test_process_that_restarted_by_itself_after_the_reload_has_all_it_needs() -> None:
    host = deployed(**ECHO)
    wanted = desired(daemons={"echo": daemon(environment={"A": "2"})})
    host.run(wanted, killed_after=2)
    host.crash("echo.service")
    assert unit_jobs(host.run(wanted)) == []
    check_converged(host, wanted)


@pytest.mark.parametrize(
    ("change", "verbs"),
    [
        pytest.param({"description": "New"}, [], id="description"),
        pytest.param({"service": {"Nice": 5}}, ["reset_failed", "restart"], id="nice"),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_process_whose_stamp_was_wiped(change: dict[str, Any], verbs: list[str]) -> None:
    """setproctitle, env -i: then the files tell, and it must not restart for ever."""
    host = deployed(**ECHO)
    host.change("echo.service", stamp="", invocation="another")
    wanted = desired(daemons={"echo": daemon(**change)})
    assert [verb for verb, _target in unit_jobs(host.run(wanted))] == verbs
    host.change("echo.service", stamp="", invocation="another")
    assert unit_jobs(host.plan(wanted)) == []


def test_foreign_process_of_the_same_name_is_restarted() -> None:
    host = Host()
    host.write(f"{UNITS}/echo.service", "[Service]\nExecStart=/usr/local/bin/echo\n")
    host.reload()
    host.start("echo.service")
    wanted = desired(adopt=True, **ECHO)
    plan = host.run(wanted)
    assert unit_jobs(plan) == [("reset_failed", "echo.service"), ("restart", "echo.service")]
    assert reasons(plan, "restart")[0].startswith("Environment=") or "ExecStart=" in reasons(plan, "restart")[0]
    check_converged(host, wanted)
