# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases that are built: once for each content, kept for the way back, removed when all is well."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Manifest, ReleaseState
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ..builders import daemon, desired, script
from ..simulated_host import Host, check_converged, killed_everywhere, reasons, short

HOME = "/opt/shop"


def shop(number: int = 1, **options: Any) -> dict[str, Any]:
    tree = {"name": "shop.tar", "sha256": f"{number:064d}", "size": 9}
    return {"source": {"tree": tree}, "requirements": ["flask"], "command": "flask", **options}


def wanted(number: int = 1, keep_releases: int = 3, **options: Any) -> Desired:
    return desired(daemons={"shop": shop(number, **options)}, keep_releases=keep_releases)


def name(of: Desired) -> str:
    return of.builds[0].path.rpartition("/")[2]


def on_disk(host: Host) -> set[str]:
    return {path.rpartition("/")[2] for path in host.disk.releases}


def verbs(host: Host, of: Desired) -> list[str]:
    return [action.verb for action in host.plan(of).actions]


def test_first_deployment() -> None:
    host = Host()
    plan = host.run(wanted())
    assert [action for action in short(plan) if action[1] != "multi-user.target.wants"][:4] == [
        ("create_directory", "shop"),
        ("create_directory", "releases"),
        ("build_release", name(wanted())),
        ("write", "shop.service"),
    ]
    assert reasons(plan, "build_release") == ["its content is new"]
    check_converged(host, wanted())
    assert host.plan(wanted()).actions == ()


def test_other_arguments_build_nothing() -> None:
    host = Host()
    host.run(wanted())
    assert verbs(host, wanted(args=["run"])) == ["write", "daemon_reload", "reset_failed", "restart"]


def test_other_entry_is_tried_in_the_release_that_is_there() -> None:
    host = Host()
    host.run(wanted())
    other = wanted(command=None, module="shop.server")
    plan = host.run(other)
    assert plan.actions[0].verb == "test_release"
    assert reasons(plan, "test_release") == ["it was not tried for module shop.server"]
    assert "test_release" not in verbs(host, wanted(command=None, module="shop.server", args=["2"]))


@pytest.mark.parametrize(
    ("kind", "reason", "restarts"),
    [
        pytest.param("partial", "its building was interrupted", False, id="partial"),
        pytest.param("changed", "it was changed by hand since it was built", True, id="changed"),
    ],
)
def test_release_that_is_not_as_it_was_built(kind: str, reason: str, restarts: bool) -> None:
    host = Host()
    host.run(wanted())
    host.disk.releases[wanted().builds[0].path] = ReleaseState(kind)
    plan = host.run(wanted())
    assert reasons(plan, "build_release") == [reason]
    assert ("restart" in [action.verb for action in plan.actions]) is restarts
    assert host.plan(wanted()).actions == ()


@pytest.mark.parametrize("keep", [2, 3, 5])
def test_as_many_stay_as_are_to_be_kept(keep: int) -> None:
    host = Host()
    seen = []
    for number in range(7):
        plan = host.run(wanted(number, keep))
        seen.append(name(wanted(number)))
        assert on_disk(host) == set(seen[-keep:])
        assert host.manifest is not None
        assert host.manifest.releases[HOME] == tuple(f"releases/{digest}" for digest in reversed(seen[-keep:]))
    assert isinstance(plan.actions[-1], act.RemoveRelease)
    assert host.plan(wanted(6, keep)).actions == ()


def test_going_back_builds_nothing() -> None:
    host = Host()
    host.run(wanted(1))
    host.run(wanted(2))
    plan = host.run(wanted(1))
    assert not [action for action in plan.actions if isinstance(action, (act.BuildRelease, act.RemoveRelease))]
    assert host.links[f"{HOME}/current"] == f"releases/{name(wanted(1))}"


def test_what_is_kept_running_keeps_its_release() -> None:
    host = Host()
    for number in range(5):
        host.run(wanted(number, 2, on_change="keep"))
    assert name(wanted(0)) in on_disk(host)
    host.run(wanted(4, 2))
    assert on_disk(host) == {name(wanted(4)), name(wanted(3))}


def test_daemon_that_goes_takes_its_releases_along() -> None:
    host = Host()
    host.run(desired(daemons={"shop": shop(1), "echo": daemon()}))
    host.run(desired(daemons={"shop": shop(2), "echo": daemon()}))
    plan = host.run(desired(daemons={"echo": daemon()}))
    assert reasons(plan, "remove_release") == ["its daemon is declared no more"] * 2
    assert on_disk(host) == set()
    assert not [path for path in host.directories if path.startswith(HOME)]


def test_script_becomes_an_application_and_back() -> None:
    host = Host()
    plain = desired(daemons={"shop": {"script": script()}})
    for each in (plain, wanted(1), plain, wanted(2), wanted(3)):
        host.run(each)
        check_converged(host, each)
        assert host.plan(each).actions == ()
    assert on_disk(host) == {name(wanted(2)), name(wanted(3))}
    assert [path for path in host.files if path.startswith(f"{HOME}/releases/")]
    host.run(wanted(4))
    assert not [path for path in host.files if path.startswith(f"{HOME}/releases/")]


def test_record_of_an_older_version() -> None:
    """It knew the release before the live one alone."""
    manifest = Manifest.from_json({"stack": "demo", "releases": {HOME: "releases/0123456789abcdef"}})
    assert manifest.releases == {HOME: ("releases/0123456789abcdef",)}
    assert Manifest.from_json(manifest.as_json()) == manifest


@pytest.mark.parametrize("link", ["../../etc", "releases/../..", "releases/nosuch", "/etc"])
def test_nothing_but_a_release_is_ever_removed(link: str) -> None:
    host = Host()
    host.run(wanted(1, 2))
    host.disk.links[f"{HOME}/current"] = link
    for number in (2, 3, 4):
        plan = host.run(wanted(number, 2))
        assert all(
            action.target.startswith(f"{HOME}/releases/") for action in plan.actions if isinstance(action, act.RemoveRelease)
        )
        host.disk.links[f"{HOME}/current"] = link


STEPS = st.lists(st.tuples(st.integers(1, 4), st.integers(2, 3), st.none() | st.integers(0, 12)), min_size=1, max_size=6)


@settings(max_examples=examples(60), deadline=None)
@given(STEPS)
def test_any_history_interrupted_anywhere(steps: list[tuple[int, int, int | None]]) -> None:
    """Whatever was built is live, on record, or gone; the live release and the one before are there."""
    host = Host()
    live: list[str] = []
    for number, keep, killed_after in steps:
        host.run(wanted(number, keep), killed_after)
        host.run(wanted(number, keep))
        if name(wanted(number)) not in live[-1:]:
            live.append(name(wanted(number)))
        assert set(live[-2:]) <= on_disk(host)
        assert len(on_disk(host)) <= keep
        assert host.manifest is not None
        assert {f"releases/{digest}" for digest in on_disk(host)} == set(host.manifest.releases[HOME])
        assert {state.kind for state in host.disk.releases.values()} == {"complete"}
        assert host.plan(wanted(number, keep)).actions == ()
    host.remove()
    assert on_disk(host) == set()
    assert not [path for path in host.directories if path.startswith(HOME)]


def test_removal_that_is_interrupted_is_completed() -> None:
    start = Host()
    for number in (1, 2):
        start.run(wanted(number))
    for _killed_after, host in killed_everywhere(start, start.nothing()):
        host.remove()
        assert on_disk(host) == set()
        assert host.manifest is None
