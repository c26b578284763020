# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that something else has installed: what can be done with them, and what cannot is an error, never silently ok."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_file_state import UnitFileState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import UNITS, desired, problem_of, refusal, units_of
from ..simulated_host import VENDOR, Host, check_converged, short

WANTED = "[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\n"
STATIC = "[Service]\nExecStart=/bin/a\n"
FOUND = {
    "package": UnitFileState("file", f"{VENDOR}/a.service", text=WANTED),
    "static": UnitFileState("file", f"{VENDOR}/a.service", text=STATIC),
    "indirect": UnitFileState("file", f"{VENDOR}/a.service", text="[Service]\nExecStart=/bin/a\n[Install]\nAlso=a.socket\n"),
    "linked": UnitFileState("linked", f"{UNITS}/a.service", "/srv/a.service", WANTED),
    "generated": UnitFileState("generated", "/run/systemd/generator/a.service", text=STATIC),
    "transient": UnitFileState("transient", "/run/systemd/transient/a.service", text=STATIC),
    "alias": UnitFileState("alias", f"{UNITS}/a.service", f"{VENDOR}/b.service"),
    "masked": UnitFileState("masked", f"{UNITS}/a.service", "/dev/null"),
    "missing": UnitFileState(),
    "odd": UnitFileState("file", f"{VENDOR}/a.service", text="[Service\nExecStart\n"),
}


@pytest.mark.parametrize(
    ("kind", "problem", "remedy"),
    [
        ("package", "", ""),
        ("static", "has no [Install] section that says what it is enabled for", "Add Install"),
        ("linked", "", ""),
        ("generated", "a.service is made by a generator at each boot", "Configure what generates it"),
        ("transient", "a.service lives only until the next boot", "Declare a unit file for it"),
        ("alias", "a.service is an alias of b.service", "Name b.service."),
        ("missing", "there is no such unit on the host", "install what brings it"),
    ],
)
def test_enabled(kind: str, problem: str, remedy: str) -> None:
    params: dict[str, Any] = {"units": {"a.service": {"enabled": True}}, "installed": {"a.service": FOUND[kind]}}
    if not problem:
        assert refusal(**params) == ()
        return
    found = problem_of(**params)
    assert found.place.startswith("units.a.service")
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize("kind", [kind for kind in FOUND if kind != "missing"])
@pytest.mark.parametrize("entry", [{"enabled": False}, {"state": "started"}, {"state": "stopped"}, {"masked": False}])
def test_what_can_be_said_of_any_unit_that_is_there(kind: str, entry: dict[str, Any]) -> None:
    assert refusal(units={"a.service": entry}, installed={"a.service": FOUND[kind], "a.socket": UnitFileState()}) == ()


@pytest.mark.parametrize(
    ("entry", "fine"),
    [
        pytest.param({"state": "started"}, False, id="started"),
        pytest.param({"state": "restarted"}, False, id="restarted"),
        pytest.param({"dropins": {"x": {"Service": {"Nice": 5}}}}, False, id="drop-in"),
        pytest.param({"state": "stopped"}, True, id="stopped"),
        pytest.param({"enabled": False}, True, id="not enabled"),
        pytest.param({"masked": True}, True, id="masked"),
        pytest.param({"state": "try-restarted"}, True, id="try-restarted"),
    ],
)
def test_unit_that_is_not_there(entry: dict[str, Any], fine: bool) -> None:
    found = refusal(units={"a.service": entry}, installed={"a.service": FOUND["missing"]})
    assert [problem.problem for problem in found] == ([] if fine else ["there is no such unit on the host"])


def test_controller_knows_nothing_and_refuses_nothing() -> None:
    for entry in ({"enabled": True}, {"state": "started"}, {"dropins": {"x": "[Service]\nNice=5\n"}}, {"masked": True}):
        assert refusal(units={"a.service": entry}) == ()


@pytest.mark.parametrize(("kind", "target"), [("package", f"{VENDOR}/a.service"), ("linked", "/srv/a.service")])
def test_links_point_to_the_unit_file_where_it_lies(kind: str, target: str) -> None:
    wanted = desired(units={"a.service": {"enabled": True}}, installed={"a.service": FOUND[kind]})
    assert [(link.path, link.target) for link in wanted.links] == [(f"{UNITS}/multi-user.target.wants/a.service", target)]
    assert wanted.files == ()


def test_unit_that_says_nothing_of_enabled_keeps_its_links() -> None:
    found = units_of(desired(units={"a.service": {"state": "started"}}, installed={"a.service": FOUND["package"]}))["a.service"]
    assert (found.enabled, found.links, found.has_file) == (None, (), False)


# On a host


def test_enabled_and_disabled_and_left_alone() -> None:
    host = Host()
    host.install("a.service", WANTED)
    before = host.tree()
    wanted = host.declare(units={"a.service": {"enabled": True, "state": "started"}})
    assert [verb for verb, _target in short(host.run(wanted))] == ["create_directory", "link", "daemon_reload", "start"]
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())
    wanted = host.declare(units={"a.service": {"state": "started"}})
    host.run(host.declare(units={"a.service": {"enabled": False}}))
    assert (host.links, host.is_up("a.service")) == ({}, True)
    host.remove()
    assert host.tree() == before
    assert host.is_up("a.service"), "it is not of this stack"


@pytest.mark.parametrize("target", [f"{VENDOR}/a.service", "/lib/systemd/system/a.service", "/usr/lib/systemd/system/a.service"])
def test_link_of_a_package_will_do(target: str) -> None:
    """/lib is /usr/lib."""
    host = Host()
    host.install("a.service", WANTED)
    host.link(f"{UNITS}/multi-user.target.wants/a.service", target)
    host.reload()
    assert host.run(host.declare(units={"a.service": {"enabled": True}})).actions == ()


def test_link_that_the_stack_found_stays_when_the_stack_goes() -> None:
    host = Host()
    host.install("a.service", WANTED)
    host.link(f"{UNITS}/multi-user.target.wants/a.service", f"{VENDOR}/a.service")
    host.reload()
    before = host.tree()
    host.run(host.declare(units={"a.service": {"enabled": True, "state": "started"}}))
    host.remove()
    assert host.tree() == before


def test_alias_of_a_package_is_removed_when_it_is_disabled() -> None:
    host = Host()
    host.install("a.service", WANTED + "Alias=b.service\n")
    host.link(f"{UNITS}/b.service", f"{VENDOR}/a.service")
    host.link(f"{UNITS}/multi-user.target.wants/a.service", f"{VENDOR}/a.service")
    host.reload()
    host.run(host.declare(units={"a.service": {"enabled": False}}))
    assert host.links == {}


def test_generated_unit_may_be_started_and_have_a_drop_in() -> None:
    host = Host()
    host.install("srv.mount", "[Mount]\nWhat=tmpfs\nWhere=/srv\n", "/run/systemd/generator")
    wanted = host.declare(units={"srv.mount": {"state": "started", "dropins": {"x": {"Unit": {"After": "b.service"}}}}})
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


# Also=


ALSO = "[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\nAlso=a.socket\n"
SOCKET = "[Socket]\nListenStream=1\n[Install]\nWantedBy=sockets.target\n"


@pytest.mark.parametrize("enabled", [True, False])
def test_unit_that_is_enabled_and_disabled_with_another(enabled: bool) -> None:
    host = Host()
    host.install("a.service", ALSO)
    host.install("a.socket", SOCKET)
    links = {f"{UNITS}/multi-user.target.wants/a.service", f"{UNITS}/sockets.target.wants/a.socket"}
    if not enabled:
        for path in links:
            host.link(path, f"{VENDOR}/{path.rpartition('/')[2]}")
        host.reload()
    wanted = host.declare(units={"a.service": {"enabled": enabled}})
    host.run(wanted)
    assert set(host.links) == (links if enabled else set())
    assert host.plan(wanted) == Plan(())


def test_two_units_that_name_each_other_in_also() -> None:
    host = Host()
    host.install("a.service", ALSO)
    host.install("a.socket", SOCKET + "Also=a.service\n")
    host.run(host.declare(units={"a.service": {"enabled": True}}))
    assert len(host.links) == 2
