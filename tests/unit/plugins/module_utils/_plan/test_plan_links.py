# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links that enable units: made, moved, repaired, removed."""

from __future__ import annotations

import pytest

from ..builders import UNITS, daemon, desired, unit
from ..simulated_host import ECHO, Host, check_converged, deployed, reasons, short


def test_changed_wanted_by_moves_the_link() -> None:
    host = deployed(**ECHO)
    wanted = desired(daemons={"echo": daemon(wanted_by="graphical.target")})
    plan = host.plan(wanted)
    assert [(action.verb, action.target) for action in plan.actions if action.verb in ("link", "remove")] == [
        ("link", f"{UNITS}/graphical.target.wants/echo.service"),
        ("remove", f"{UNITS}/multi-user.target.wants/echo.service"),
    ]
    host.run(wanted)
    check_converged(host, wanted)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(f"{UNITS}/echo.service", id="absolute"),
        pytest.param("../echo.service", id="relative"),
    ],
)
def test_link_that_the_stack_does_not_ask_for_is_removed(target: str) -> None:
    host = deployed(**ECHO)
    host.link(f"{UNITS}/old.target.wants/echo.service", target)
    plan = host.run(desired(**ECHO))
    assert short(plan) == [("remove", "echo.service"), ("daemon_reload", "systemd")]
    assert plan.actions[0].reason == "echo.service does not ask for it any more"


def test_disabled_unit_loses_its_links() -> None:
    params = {"units": {"a.service": unit(enabled=False, state="stopped")}}
    host = Host()
    host.link(f"{UNITS}/multi-user.target.wants/a.service", f"{UNITS}/a.service")
    plan = host.run(desired(**params))
    assert reasons(plan, "remove") == ["a.service is not to be enabled"]
    check_converged(host, desired(**params))


def test_link_that_points_elsewhere_is_repaired() -> None:
    host = deployed(**ECHO)
    link = f"{UNITS}/multi-user.target.wants/echo.service"
    host.links[link] = "/usr/lib/systemd/system/echo.service"
    plan = host.run(desired(**ECHO))
    assert short(plan) == [("link", "echo.service"), ("daemon_reload", "systemd")]
    assert (
        plan.actions[0].reason
        == "echo.service has WantedBy=multi-user.target; it pointed to /usr/lib/systemd/system/echo.service"
    )
    check_converged(host, desired(**ECHO))


def test_relative_link_to_the_right_unit_will_do() -> None:
    host = deployed(**ECHO)
    host.links[f"{UNITS}/multi-user.target.wants/echo.service"] = "../echo.service"
    assert host.plan(desired(**ECHO)).actions == ()


def test_links_of_others_are_left_alone() -> None:
    host = deployed(**ECHO)
    host.links[f"{UNITS}/multi-user.target.wants/other.service"] = "/usr/lib/systemd/system/other.service"
    assert host.plan(desired(**ECHO)).actions == ()
