# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that generators make of files. On real systemd: the scenario dead_ends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.generators import is_input
from ansible_collections.daemonic.systemd.plugins.module_utils._manifest import manifests
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.existing_units import may_come
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.removal import units_to_remove

from ..builders import HOME, UNITS
from ..simulated_host import Host, reasons, short, unit_jobs


@pytest.mark.parametrize(
    "path",
    [
        "/etc/fstab",
        "/etc/crypttab",
        "/etc/systemd/system-generators/mine",
        "/etc/systemd/user-generators/mine",
        "/etc/init.d/old",
        "/etc/containers/systemd/web.container",
        f"{HOME}/.config/containers/systemd/web.container",
    ],
)
def test_input_of_a_generator(path: str) -> None:
    assert is_input(path)


@pytest.mark.parametrize("path", ["/etc/fstab.d/x", "/etc/hosts", f"{UNITS}/a.service", "/etc/systemd/system.conf"])
def test_no_input_of_a_generator(path: str) -> None:
    assert not is_input(path)


def mounted(path: str = "/etc/fstab", **more: Any) -> dict[str, Any]:
    return {"files": {path: "tmpfs /srv/x tmpfs\n"}, "units": {"srv-x.mount": {"state": "started"}}, **more}


def test_unit_that_is_made_of_a_file_of_the_stack_is_started_after_one_reload() -> None:
    host = Host()
    plan = host.plan(host.declare(**mounted()))
    assert short(plan) == [("write", "fstab"), ("daemon_reload", "systemd"), ("start", "srv-x.mount")]
    assert reasons(plan, "daemon_reload") == ["/etc/fstab changed, and systemd makes units of it"]


def test_unit_that_no_file_can_bring_is_a_mistake() -> None:
    host = Host()
    with pytest.raises(Exception, match="there is no such unit on the host"):
        host.declare(**mounted("/etc/hosts"))


def generated() -> Host:
    """A host whose generator has run."""
    host = Host()
    host.write("/run/systemd/generator/srv-x.mount", "[Mount]\nWhat=tmpfs\nWhere=/srv/x\n")
    host.reload()
    host.start("srv-x.mount")
    return host


def test_unit_that_is_made_of_a_file_of_the_stack_goes_with_it() -> None:
    host = Host()
    wanted = host.declare(**mounted())
    manifest = manifests.outcome(wanted, host.observe(wanted), host.plan(wanted))
    assert units_to_remove(host.nothing(), manifest) == ["srv-x.mount"]


def test_unit_that_was_generated_before_stays() -> None:
    host = generated()
    wanted = host.declare(**mounted())
    assert manifests.outcome(wanted, host.observe(wanted), host.plan(wanted)).owned == ()
    assert unit_jobs(host.plan(wanted)) == []


def test_unit_file_that_another_task_has_just_written_is_read_first() -> None:
    host = Host()
    host.write(f"{UNITS}/a.service", "[Service]\nExecStart=/bin/a\n")
    plan = host.plan(host.declare(units={"a.service": {"state": "started"}}))
    assert short(plan) == [("daemon_reload", "systemd"), ("start", "a.service")]


@pytest.mark.parametrize(
    ("task", "may"),
    [
        ({"name": "srv-x.mount", "state": "started", "daemon_reload": True}, True),
        ({"name": "srv-x.mount", "state": "stopped", "daemon_reload": True}, True),
        ({"name": "a.service", "state": "started", "daemon_reload": True}, True),
        ({"name": "srv-x.mount", "state": "started"}, True),
        ({"name": "srv-x.mount", "state": "stopped"}, False),
        ({"name": "a.service", "state": "started"}, False),
        ({"name": "there.service", "state": "started", "daemon_reload": True}, False),
    ],
)
def test_unit_that_is_missing_may_come_by_a_reload(task: dict[str, Any], may: bool) -> None:
    """As systemd_service does: first the reload, then the look."""
    host = Host()
    host.install("there.service", "[Service]\nExecStart=/bin/a\n")
    wanted = host.ask(**task)
    assert may_come(wanted, host.observe(wanted)) is may
