# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack owns and does not declare any more; releases that are kept."""

from __future__ import annotations

import pytest

from ..builders import SLEEPER, UNITS, daemon, desired, script
from ..simulated_host import ECHO, Host, check_converged, deployed, short

# Releases


def live(host: Host) -> str:
    return host.links["/opt/echo/current"]


def releases(host: Host) -> set[str]:
    return {path.split("/")[4] for path in host.files if path.startswith("/opt/echo/releases/")}


def test_three_releases_are_kept() -> None:
    host = Host()
    seen = []
    for number in range(5):
        wanted = desired(daemons={"echo": daemon(script=script(f"{number}\n"))})
        host.run(wanted)
        check_converged(host, wanted)
        seen.append(live(host).rpartition("/")[2])
        assert releases(host) == set(seen[-3:])
        assert host.plan(wanted).actions == ()
    assert {path for path in host.directories if path.startswith("/opt/echo/releases/")} == {
        f"/opt/echo/releases/{digest}" for digest in seen[-3:]
    }


def test_going_back_writes_no_script() -> None:
    host = deployed(**ECHO)
    host.run(desired(daemons={"echo": daemon(script=script("2\n"))}))
    plan = host.run(desired(**ECHO))
    assert [target for verb, target in short(plan) if verb == "write"] == ["echo.service"]
    assert ("link", "current") in short(plan)
    assert len(releases(host)) == 2
    check_converged(host, desired(**ECHO))


# What is not declared any more


def test_unit_that_is_not_declared_any_more() -> None:
    host = deployed(units={"a.service": SLEEPER, "b.service": SLEEPER})
    wanted = desired(units={"a.service": SLEEPER})
    plan = host.run(wanted)
    assert list(short(plan)) == [
        ("stop", "b.service"),
        ("remove", "b.service"),
        ("remove", "b.service"),
        ("daemon_reload", "systemd"),
        ("reset_failed", "b.service"),
    ]
    removed = [action.target for action in plan.actions if action.verb == "remove"]
    assert removed == [f"{UNITS}/multi-user.target.wants/b.service", f"{UNITS}/b.service"]
    assert all(action.reason for action in plan.actions)
    check_converged(host, wanted)
    assert host.plan(wanted).actions == ()


def test_failed_unit_that_is_not_declared_any_more_does_not_linger() -> None:
    host = deployed(units={"a.service": SLEEPER, "b.service": SLEEPER})
    host.fail("b.service")
    plan = host.run(desired(units={"a.service": SLEEPER}))
    assert short(plan)[-2:] == [("daemon_reload", "systemd"), ("reset_failed", "b.service")]


def test_daemon_that_is_not_declared_any_more_goes_with_all_it_had() -> None:
    host = deployed(daemons={"a": daemon(), "b": daemon()})
    host.run(desired(daemons={"a": daemon(), "b": daemon(script=script("2\n"))}))
    host.run(desired(daemons={"a": daemon()}))
    assert not [path for path in (*host.files, *host.links, *host.directories) if "/b" in path]
    check_converged(host, desired(daemons={"a": daemon()}))


def test_link_of_a_stranger_to_a_unit_that_goes() -> None:
    host = deployed(units={"a.service": SLEEPER, "b.service": SLEEPER})
    host.link(f"{UNITS}/rescue.target.wants/b.service", "../b.service")
    wanted = desired(units={"a.service": SLEEPER})
    host.run(wanted)
    check_converged(host, wanted)


def test_what_was_removed_by_hand_is_not_removed_again() -> None:
    host = deployed(units={"a.service": SLEEPER}, files={"/etc/a.conf": "a"})
    del host.files["/etc/a.conf"]
    plan = host.run(desired(units={"a.service": SLEEPER}))
    assert short(plan) == []


@pytest.mark.parametrize("killed_after", [None, *range(14)])
def test_absent(killed_after: int | None) -> None:
    host = Host()
    empty = host.tree()
    host.run(desired(daemons={"a": daemon(), "b": daemon(socket={"ListenStream": 1})}, files={"/etc/demo/a.conf": "a"}))
    host.start("b.service")
    if killed_after is not None:
        host.remove(killed_after)
    host.remove()
    assert host.tree() == empty
    assert not [name for name in host.states if host.definition(name)]
    assert not host.up()
    assert host.remove().actions == ()


def test_absent_keeps_what_others_have_put_there() -> None:
    host = deployed(files={"/etc/demo/a.conf": "a"})
    host.write("/etc/demo/mine.conf", "mine")
    host.remove()
    assert "/etc/demo/mine.conf" in host.files
    assert "/etc/demo" in host.directories
