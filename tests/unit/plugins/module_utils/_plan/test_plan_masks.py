# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masked and unmasked in one pass; what lies in the way of a mask is set aside, and comes back."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import SCOPE, UNITS, desired, problem_of, unit, units_of
from ..simulated_host import Host, check_converged, killed_everywhere, reasons, short, with_strangers

PATH = f"{UNITS}/a.service"
KEPT = SCOPE.original_path("demo", PATH)
MASK = {"a.service": {"masked": True}}
UNMASK = {"a.service": {"masked": False}}


def run(host: Host, **params: Any) -> Plan:
    wanted = host.declare(**params)
    plan = host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())
    return plan


def test_running_unit_of_a_package() -> None:
    host = with_strangers("a.service")
    plan = run(host, units=MASK)
    assert short(plan) == [("stop", "a.service"), ("link", "a.service"), ("daemon_reload", "systemd")]
    assert (reasons(plan, "stop"), reasons(plan, "link")) == (["is to be masked"], ["a.service is masked"])
    assert host.links[PATH] == "/dev/null"
    assert host.unit("a.service").load == "masked"


def test_unit_that_does_not_exist_yet() -> None:
    """It may be installed later: then it does not start."""
    host = Host()
    assert short(run(host, units=MASK)) == [("link", "a.service"), ("daemon_reload", "systemd")]


def test_masked_already_by_somebody_else() -> None:
    host = with_strangers("a.service")
    host.stop("a.service")
    host.link(PATH, "/dev/null")
    host.reload()
    assert run(host, units=MASK).actions == ()


def test_and_back() -> None:
    host = with_strangers("a.service")
    run(host, units=MASK)
    plan = run(host, units=UNMASK)
    assert short(plan) == [("remove", "a.service"), ("daemon_reload", "systemd")]
    assert not host.is_up("a.service")


def test_unmasked_and_started_in_one_run() -> None:
    host = with_strangers("a.service")
    run(host, units=MASK)
    plan = run(host, units={"a.service": {"masked": False, "state": "started"}})
    assert short(plan) == [("remove", "a.service"), ("daemon_reload", "systemd"), ("start", "a.service")]


def test_unmasked_and_enabled_in_one_run() -> None:
    host = Host()
    host.install("a.service", "[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\n")
    host.link(PATH, "/dev/null")
    host.reload()
    run(host, units={"a.service": {"masked": False, "enabled": True, "state": "started"}})
    assert host.links == {f"{UNITS}/multi-user.target.wants/a.service": "/usr/lib/systemd/system/a.service"}
    assert host.is_up("a.service")


def test_masked_unit_loses_what_enables_it() -> None:
    host = Host()
    host.install("a.service", "[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\n")
    run(host, units={"a.service": {"enabled": True}})
    host.run(host.declare(units={"a.service": {"masked": True, "enabled": False}}))
    assert host.links == {PATH: "/dev/null"}


def test_unit_file_of_a_person_is_set_aside_and_comes_back() -> None:
    host = Host()
    host.write(PATH, "[Service]\nExecStart=/bin/mine\n", mode=0o640, owner="me")
    host.reload()
    host.start("a.service")
    before = host.tree()
    plan = run(host, units=MASK)
    assert short(plan) == [("stop", "a.service"), ("set_aside", "a.service"), ("link", "a.service"), ("daemon_reload", "systemd")]
    assert KEPT in host.files
    plan = run(host, units=UNMASK)
    assert ("restore", "a.service") in short(plan)
    assert "what was there before comes back" in reasons(plan, "restore")[0]
    assert (host.files[PATH].mode, host.files[PATH].owner, KEPT in host.files) == (0o640, "me", False)
    host.remove()
    assert host.tree() == before


def test_unit_file_of_a_person_comes_back_with_the_end_of_the_stack() -> None:
    host = Host()
    host.write(PATH, "[Service]\nExecStart=/bin/mine\n")
    before = host.tree()
    run(host, units=MASK)
    host.remove()
    assert host.tree() == before


def test_unit_of_the_stack_itself() -> None:
    """Its file makes way for the mask, and comes back when it is unmasked."""
    host = Host()
    run(host, units={"a.service": unit()})
    plan = run(host, units={"a.service": unit(masked=True)})
    assert short(plan)[0] == ("stop", "a.service")
    assert "set_aside" not in [verb for verb, _target in short(plan)]
    assert (host.links, PATH in host.files) == ({PATH: "/dev/null"}, False)
    plan = run(host, units={"a.service": unit(masked=False)})
    assert host.is_up("a.service")
    assert PATH in host.files


@pytest.mark.parametrize("masked", [None, False])
def test_unit_of_the_stack_that_somebody_has_masked(masked: Any) -> None:
    host = Host()
    host.link(PATH, "/dev/null")
    host.reload()
    wanted = desired(units={"a.service": unit(masked=masked)})
    if masked is None:
        (found,) = host.obstacles(wanted)
        assert (found.problem, found.remedy) == ("a.service is masked", "Say masked: false to unmask it.")
        return
    host.run(wanted)
    check_converged(host, wanted)


@pytest.mark.parametrize("whose", ["own", "of others"])
def test_own_mask_that_is_not_declared_any_more(whose: str) -> None:
    host = with_strangers("a.service") if whose == "of others" else Host()
    base = {} if whose == "of others" else unit()
    run(host, units={"a.service": {**base, "masked": True}})
    run(host, units={"a.service": {**base, "state": "started"}})
    assert host.is_up("a.service")


@pytest.mark.parametrize("state", ["started", "restarted"])
def test_masked_unit_of_others_cannot_be_started(state: str) -> None:
    host = with_strangers("a.service")
    host.stop("a.service")
    host.link(PATH, "/dev/null")
    host.reload()
    (found,) = host.obstacles(host.declare(units={"a.service": {"state": state}}))
    assert (found.problem, found.remedy) == ("it is masked and cannot be started", "Say masked: false to unmask it.")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        pytest.param({"masked": True, "state": "started"}, "a masked unit cannot be started", id="started"),
        pytest.param({"masked": True, "state": "restarted"}, "a masked unit cannot be restarted", id="restarted"),
        pytest.param({"masked": True, "enabled": True}, "a masked unit cannot be enabled", id="enabled"),
    ],
)
def test_contradiction(entry: dict[str, Any], problem: str) -> None:
    found = problem_of(units={"a.service": entry})
    assert (found.place, found.value, found.problem) == ("units.a.service.masked", True, problem)


@pytest.mark.parametrize("state", ["stopped", "unmanaged"])
def test_no_contradiction(state: str) -> None:
    assert units_of(desired(units={"a.service": {"masked": True, "state": state}}))["a.service"].masked is True


@pytest.mark.parametrize("before", ["package", "person", "stack"])
@pytest.mark.parametrize("direction", ["masked", "unmasked"])
def test_interrupted_anywhere(before: str, direction: str) -> None:
    host = with_strangers("a.service") if before == "package" else Host()
    base: dict[str, Any] = unit() if before == "stack" else {}
    if before == "person":
        host.write(PATH, "[Service]\nExecStart=/bin/mine\n")
        host.reload()
    if before == "stack":
        run(host, units={"a.service": unit()})
    original = host.tree()
    masked, unmasked = (host.declare(units={"a.service": {**base, "masked": value}}) for value in (True, False))
    if direction == "unmasked":
        host.run(masked)
    wanted = masked if direction == "masked" else unmasked
    for killed_after, again in killed_everywhere(host, wanted):
        again.run(wanted)
        check_converged(again, wanted)
        assert again.plan(wanted) == Plan(()), killed_after
        if before != "stack":
            again.remove()
            assert again.tree() == original, killed_after


def test_masked_socket_is_stopped_and_its_service_left_alone() -> None:
    host = Host()
    host.install("a.socket", "[Socket]\nListenStream=1\n")
    host.install("a.service", "[Service]\nExecStart=/bin/a\n")
    host.start("a.socket")
    host.start("a.service")
    run(host, units={"a.socket": {"masked": True}})
    assert host.up() == {"a.service"}
