# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.connection import Ancestor
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.default_target import (
    Asked,
    Found,
    Seen,
    asked_of,
    decide,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._operation.isolation import Unit, by_name

GRAPHICAL = Unit("graphical.target", needs=("multi-user.target",), active="active", allows_isolation=True)
MULTI_USER = Unit("multi-user.target", wants=("ssh.service",), active="active", allows_isolation=True)
SSH = Unit("ssh.service", active="active")
RESCUE = Unit("rescue.target", allows_isolation=True)
DOWN = Unit("poweroff.target", allows_isolation=True)
LOADED = (GRAPHICAL, MULTI_USER, SSH, RESCUE, DOWN)
OVER_SSH = (
    Ancestor("python3", "0::/user.slice/user-0.slice/session-1.scope\n"),
    Ancestor("sshd", "0::/system.slice/ssh.service\n"),
)


def seen(wanted: str, default: str = "graphical.target", units: Any = LOADED, **more: Any) -> Seen:
    return Seen(
        default=Found("file", default, f"/lib/{default}"),
        wanted=Found("file", wanted, f"/lib/{wanted}"),
        units=None if units is None else by_name(units),
        **more,
    )


def refusal(asked: Asked, host: Seen) -> str:
    with pytest.raises(ValidationFailed) as caught:
        decide(asked, host)
    return caught.value.message


def test_another_target() -> None:
    decision = decide(Asked("multi-user.target"), seen("multi-user.target"))
    assert (decision.previous, decision.target, decision.path) == (
        "graphical.target",
        "multi-user.target",
        "/lib/multi-user.target",
    )
    assert (decision.links, decision.isolates) == (True, False)
    assert decision.as_result([], []) == {
        "changed": True,
        "previous": "graphical.target",
        "default_target": "multi-user.target",
        "isolated": False,
        "stopped": [],
        "started": [],
    }
    diff = decision.diff("/etc/default.target")
    assert diff["before"] == "/etc/default.target -> graphical.target\n"


@pytest.mark.parametrize(
    ("default", "previous", "links"),
    [
        pytest.param(Found("file", "multi-user.target", "/usr/lib/multi-user.target"), "multi-user.target", False, id="the-same"),
        pytest.param(Found("missing", "default.target"), "", True, id="none"),
        pytest.param(Found("missing", "gone.target"), "gone.target", True, id="dangling"),
        pytest.param(Found("missing", "multi-user.target"), "multi-user.target", True, id="dangling-by-the-same-name"),
        pytest.param(Found("masked", "default.target"), "", True, id="masked"),
        pytest.param(Found("file", "default.target"), "default.target", True, id="a-file-of-its-own"),
    ],
)
def test_what_it_was(default: Found, previous: str, links: bool) -> None:
    decision = decide(Asked("multi-user.target"), replace(seen("multi-user.target"), default=default))
    assert (decision.previous, decision.links) == (previous, links)


def test_isolation() -> None:
    decision = decide(Asked("multi-user.target", isolate=True), seen("multi-user.target", ancestors=OVER_SSH))
    assert (decision.isolates, list(decision.stops), list(decision.starts)) == (True, ["graphical.target"], [])


def test_nothing_to_do() -> None:
    decision = decide(Asked("graphical.target", isolate=True), seen("graphical.target", ancestors=OVER_SSH))
    assert not decision.links
    assert not decision.isolates
    assert decision.as_result(decision.stops, decision.starts)["changed"] is False


@pytest.mark.parametrize(
    ("asked", "host", "said"),
    [
        pytest.param(
            Asked("grafical.target"),
            replace(seen("x.target"), wanted=Found("missing", "grafical.target"), targets=["default.target", "graphical.target"]),
            "Did you mean graphical.target?",
            id="misspelt",
        ),
        pytest.param(Asked("a.target"), replace(seen("a.target"), wanted=Found("masked", "a.target")), "is masked", id="masked"),
        pytest.param(Asked("reboot.target"), seen("reboot.target"), "would go down at the end of each boot", id="reboot"),
        pytest.param(Asked("poweroff.target"), seen("poweroff.target", units=None), "would go down", id="image-that-powers-off"),
        pytest.param(
            Asked("a.target"),
            seen("a.target", units=[Unit("a.target", needs=("b.service",)), Unit("b.service", load="not-found")]),
            "a.target requires b.service, which does not exist",
            id="requires-what-is-not-there",
        ),
        pytest.param(
            Asked("a.target"), seen("a.target", units=[Unit("a.target", load="bad-setting")]), "cannot load", id="broken"
        ),
        pytest.param(
            Asked("a.target", True), seen("a.target", units=[Unit("a.target")]), "Add AllowIsolate=yes", id="not-allowed"
        ),
        pytest.param(
            Asked("poweroff.target", True), seen("poweroff.target"), "take the host down at once (poweroff.target)", id="down"
        ),
        pytest.param(
            Asked("mine.target", True),
            seen(
                "mine.target", units=[Unit("mine.target", wants=("reboot.target",), allows_isolation=True), Unit("reboot.target")]
            ),
            "take the host down at once (reboot.target)",
            id="pulls-in-a-reboot",
        ),
        pytest.param(
            Asked("rescue.target", True),
            seen("rescue.target", ancestors=OVER_SSH),
            "connection of this task needs: ssh.service",
            id="ssh",
        ),
    ],
)
def test_refused(asked: Asked, host: Seen, said: str) -> None:
    assert said in refusal(asked, host)


@pytest.mark.parametrize("target", ["rescue.target", "poweroff.target"])
def test_forced(target: str) -> None:
    decision = decide(Asked(target, isolate=True, force=True), seen(target, ancestors=OVER_SSH))
    assert decision.isolates
    assert "ssh.service" in decision.stops


def test_no_force_makes_a_target_allow_it() -> None:
    assert "AllowIsolate" in refusal(Asked("a.target", True, True), seen("a.target", units=[Unit("a.target")]))


def test_a_connection_without_units_cannot_be_lost() -> None:
    assert decide(Asked("rescue.target", True), seen("rescue.target", ancestors=[Ancestor("python3", "0::/\n")])).isolates


def test_parameters() -> None:
    assert asked_of({"name": "5", "isolate": True, "force": False}) == Asked("graphical.target", True)
    for params, said in (
        ({"name": "5", "isolate": True, "root": "/srv/image"}, "nothing runs in an image"),
        ({"name": "5", "root": "/"}, "not the absolute path"),
        ({"name": "foo.service"}, "is no target"),
    ):
        with pytest.raises(ValidationFailed, match=said):
            asked_of(params)
