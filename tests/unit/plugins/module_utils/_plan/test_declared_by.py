# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack and a daemon of one name: neither silently removes what the other has declared."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Manifest

from ..builders import SLEEPER, daemon, stack
from ..simulated_host import Host, check_converged

TWO = {"daemons": {"demo": daemon(), "other": daemon()}}
ONE = {"daemons": {"demo": daemon()}}


def by_daemon(host: Host, **params: Any) -> Desired:
    """As the module daemon declares it."""
    return replace(host.declare(**params), declared_by="daemon")


@pytest.mark.parametrize(
    ("first", "lost"),
    [
        (TWO, "other.service"),
        ({"daemons": {"other": daemon()}}, "other.service"),
        ({"units": {"demo.service": SLEEPER, "demo.target": {"Unit": {"Description": "x"}}}}, "demo.target"),
        ({**ONE, "files": {"/etc/x.conf": "x"}}, "/etc/x.conf"),
    ],
    ids=["a second daemon", "another daemon", "another unit", "a file"],
)
@pytest.mark.parametrize("then", ["daemon", "absent"])
def test_a_daemon_task_must_not_remove_the_stack_of_that_name(first: dict[str, Any], lost: str, then: str) -> None:
    host = Host()
    host.run(host.declare(**first))
    wanted = by_daemon(host, **ONE) if then == "daemon" else replace(host.nothing(), declared_by="daemon")
    (found,) = host.obstacles(wanted)
    assert (found.place, found.value) == ("name", "demo")
    assert lost in found.problem
    assert "adopt: true" in found.remedy
    assert host.obstacles(replace(wanted, adopt=True)) == []


def test_a_record_of_an_older_release_tells_it_too() -> None:
    host = Host()
    host.run(host.declare(**TWO))
    path = host.scope.manifest_path("demo")
    host.disk.records[path] = {key: value for key, value in host.disk.records[path].items() if key != "declared_by"}
    (found,) = host.obstacles(by_daemon(host, **ONE))
    assert "other.service" in found.problem


def test_a_stack_must_not_remove_the_daemon_of_that_name() -> None:
    host = Host()
    host.run(by_daemon(host, **ONE))
    (found,) = host.obstacles(host.declare(daemons={"a": daemon(), "b": daemon()}))
    assert "demo.service" in found.problem
    assert "Declare the daemon demo in the stack" in found.remedy


def test_a_daemon_grows_into_a_stack_and_back() -> None:
    """Nothing is lost on the way there, and nothing on the way back once its other parts are gone."""
    host = Host()
    host.run(by_daemon(host, **ONE))
    for wanted in (host.declare(**TWO), host.declare(**ONE), by_daemon(host, **ONE)):
        host.run(wanted)
        check_converged(host, wanted)
    assert host.manifest is not None
    assert host.manifest.declared_by == "daemon"
    host.remove()
    assert host.up() == set()


def test_the_whole_of_a_stack_and_of_a_daemon_is_removed_by_their_own_modules() -> None:
    host = Host()
    host.run(host.declare(**TWO))
    assert host.obstacles(host.nothing()) == []
    host.remove()
    host.run(by_daemon(host, **ONE))
    assert host.obstacles(replace(host.nothing(), declared_by="daemon")) == []
    assert host.obstacles(host.nothing()) == []


@pytest.mark.parametrize(
    "option", [{"socket": {"ListenStream": 1}}, {"socket": {"ListenStream": 1}, "accept": True}, {"credentials": {"k": "v"}}]
)
def test_all_that_a_daemon_has_is_its_own(option: dict[str, Any]) -> None:
    host = Host()
    host.run(by_daemon(host, daemons={"demo": daemon(**option)}))
    assert host.obstacles(by_daemon(host, **ONE)) == []
    host.run(host.declare(daemons={"demo": daemon(**option)}))
    assert host.obstacles(by_daemon(host, **ONE)) == []


def test_who_declares_is_known_from_the_module() -> None:
    assert stack().declared_by == "stack"
    assert Manifest.from_json({"stack": "x"}).declared_by == ""
