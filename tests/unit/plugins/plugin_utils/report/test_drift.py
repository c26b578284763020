# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between hosts, on whole reports: what is compared comes from there."""

from __future__ import annotations

from typing import Any

import pytest

from .fleets import answer, report, unit

OLD = "b" * 16


def drift(*given: Any) -> list[tuple[Any, ...]]:
    found = report(**{f"host{number}": each for number, each in enumerate(given)})["drift"]
    return [(each["what"], each["among"], each["majority"], each["others"]) for each in found]


def web(**changes: Any) -> Any:
    systemd = changes.pop("systemd", 252)
    return answer(systemd=systemd, web=unit(**changes))


IDLE = {"active_state": "inactive", "sub_state": "dead"}
CASES: dict[str, tuple[list[Any], list[tuple[Any, ...]]]] = {
    "equal": ([web(), web(), web()], []),
    "alone": ([web()], []),
    "another release": (
        [web(), web(release=OLD), web()],
        [("release", None, {"value": "a" * 16, "hosts": 2}, [{"value": OLD, "hosts": ["host1"]}])],
    ),
    "half and half": (
        [web(), web(release=OLD)],
        [("release", None, None, [{"value": "a" * 16, "hosts": ["host0"]}, {"value": OLD, "hosts": ["host1"]}])],
    ),
    "other unit files": (
        [web(), web(), web(digest=OLD), web()],
        [("content", None, {"value": "d" * 16, "hosts": 3}, [{"value": OLD, "hosts": ["host2"]}])],
    ),
    "another systemd": ([web(), web(), web(digest=OLD, systemd=257), web(digest=OLD, systemd=257)], []),
    "within one systemd": (
        [web(), web(digest=OLD), web(), web(digest=OLD, systemd=257)],
        [("content", "systemd 252", {"value": "d" * 16, "hosts": 2}, [{"value": OLD, "hosts": ["host1"]}])],
    ),
    "unit files of each host's own": ([web(digest=f"{number:016}") for number in range(4)], []),
    "disabled": (
        [web(), web(), web(unit_file_state="disabled")],
        [("enabled", None, {"value": "enabled", "hosts": 2}, [{"value": "disabled", "hosts": ["host2"]}])],
    ),
    "stopped": (
        [web(), web(), web(**IDLE)],
        [("state", None, {"value": "active", "hosts": 2}, [{"value": "inactive", "hosts": ["host2"]}])],
    ),
    "failed, which is told as such": ([web(), web(), web(active_state="failed", sub_state="failed")], []),
    "started by a socket": ([web(triggered_by=["a.socket"]), web(**IDLE, triggered_by=["a.socket"])], []),
    "runs once": ([web(service_type="oneshot"), web(**IDLE, service_type="oneshot")], []),
    "not there": (
        [web(), web(), answer()],
        [("presence", None, {"value": "there", "hosts": 2}, [{"value": "missing", "hosts": ["host2"]}])],
    ),
    "another stack": ([web(), answer(stack="other", web=unit(release=OLD))], []),
}


@pytest.mark.parametrize(("answers", "found"), CASES.values(), ids=CASES)
def test_drift(answers: list[Any], found: list[tuple[Any, ...]]) -> None:
    assert drift(*answers) == found


def test_units_know_that_they_differ() -> None:
    found = report(a=web(), b=web(release=OLD, digest=OLD), c=web())
    assert [row["differs"] for row in found["units"]] == [[], ["release", "content"], []]
    assert [host["health"] for host in found["hosts"]] == ["well", "attention", "well"]
