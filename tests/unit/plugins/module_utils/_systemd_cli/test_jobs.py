# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that hang: which are ours, at what they hang, and how long they may."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli import jobs
from ansible_collections.daemonic.systemd.plugins.module_utils._systemd_cli.lost_connection import has_job, is_lost

LISTED = """\
71  hang.service                             start running
191 clk.service                              start waiting
`-  \twaiting for job 71 (hang.service/start) -     -
"""
CHAIN = """\
1 a.service start waiting
`-  \twaiting for job 2 (b.service/start) - -
2 b.service start waiting
|-  \twaiting for job 3 (c.service/start) - -
`-  \twaiting for job 4 (d.mount/start) - -
3 c.service start running
4 d.mount start running
"""
SHOWN = "Id={}\nTimeoutStartUSec={}\nTimeoutStopUSec={}\nJobTimeoutUSec=infinity\nJobRunningTimeoutUSec={}\n"


def test_which_jobs_there_are() -> None:
    known = jobs.jobs(LISTED)
    assert known[191] == jobs.Job(191, "clk.service", "start", False, (71,))
    assert known[71] == jobs.Job(71, "hang.service", "start", True)


@pytest.mark.parametrize(
    ("listed", "units", "found"),
    [
        pytest.param(LISTED, ["clk.service"], ["hang.service"], id="another unit"),
        pytest.param(LISTED, ["hang.service"], ["hang.service"], id="itself"),
        pytest.param(CHAIN, ["a.service"], ["c.service", "d.mount"], id="at the end of a chain"),
        pytest.param("1 a.service start waiting\n", ["a.service"], ["a.service"], id="nothing that is told"),
    ],
)
def test_at_what_it_hangs(listed: str, units: list[str], found: list[str]) -> None:
    known = jobs.jobs(listed)
    assert [job.unit for job in jobs.roots(jobs.of_units(units, known), known)] == found


@pytest.mark.parametrize(
    ("shown", "limit"),
    [
        pytest.param(("1min 30s", "1min 30s", "infinity"), 180, id="start and stop"),
        pytest.param(("infinity", "1min 30s", "infinity"), None, id="for ever"),
        pytest.param(("infinity", "1min 30s", "1min"), 60, id="of the job as a whole"),
    ],
)
def test_how_long_a_unit_takes_by_its_own_definition(shown: tuple[str, str, str], limit: float | None) -> None:
    assert jobs.limits(SHOWN.format("a.service", *shown)) == {"a.service": limit}


def test_a_unit_without_a_limit_is_waited_for_all_the_same_but_not_for_ever() -> None:
    known = jobs.jobs(LISTED)
    hanging = [known[71]]
    assert jobs.patience(hanging, ["clk.service"], {"hang.service": None}) == jobs.OTHERS_LIMIT + jobs.MARGIN
    assert jobs.patience(hanging, ["hang.service"], {"hang.service": None}) == jobs.OWN_LIMIT + jobs.MARGIN
    assert jobs.patience(hanging, ["clk.service"], {"hang.service": 300}) == 300 + jobs.MARGIN
    assert jobs.patience([known[191]], ["clk.service"], {}) == jobs.OTHERS_LIMIT + jobs.MARGIN


def test_what_hangs_is_named_with_what_it_waits_for() -> None:
    known = jobs.jobs(LISTED)
    told = jobs.told([known[191]], [known[71]], 100.4)
    assert told.startswith("the start job of clk.service waited 100 s for the start job of hang.service (running)")
    assert "systemctl status hang.service" in told


@pytest.mark.parametrize(
    ("stderr", "lost", "job"),
    [
        pytest.param("Failed to get properties: Transport endpoint is not connected", True, False, id="show"),
        pytest.param(
            "Warning! D-Bus connection terminated.\nFailed to wait for response: Connection reset by peer", True, True, id="job"
        ),
        pytest.param("Failed to restart a.service: Connection reset by peer", True, False, id="the job may not be there"),
        pytest.param(
            "Failed to get properties: Message recipient disconnected from message bus without replying", True, False, id="bus"
        ),
        pytest.param("Failed to connect to bus: No such file or directory", False, False, id="a manager that does not run"),
        pytest.param(
            "Job for a.service failed because the control process exited with error code.", False, False, id="a failure"
        ),
    ],
)
def test_who_was_not_there_to_answer(stderr: str, lost: bool, job: bool) -> None:
    assert is_lost(["systemctl", "show"], 1, stderr) == lost
    assert has_job(stderr) == job
    assert not is_lost(["systemctl", "show"], 0, stderr)
    assert not is_lost(["/usr/bin/python3", "x"], 1, stderr)
