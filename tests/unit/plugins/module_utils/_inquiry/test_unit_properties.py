# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of an answer that are not one property alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.unit_properties import (
    Carried,
    Clock,
    Known,
    answer_of,
    condition_met,
    next_elapse,
    since,
)

OLD, NEW = Carried(("1" * 16,), "a" * 16), Carried(("2" * 16,), "b" * 16)


@pytest.mark.parametrize(
    ("loaded", "running", "release", "stamp"),
    [
        pytest.param(NEW, NEW, NEW.release, NEW.stamp, id="runs what is loaded"),
        pytest.param(NEW, OLD, OLD.release, OLD.stamp, id="runs an old one"),
        pytest.param(NEW, None, NEW.release, None, id="does not run"),
        pytest.param(NEW, Carried(NEW.stamps), NEW.release, NEW.stamp, id="the release of the same stamp"),
        pytest.param(NEW, Carried(OLD.stamps), None, OLD.stamp, id="an old one, whose release is not known"),
        pytest.param(NEW, Carried(), None, None, id="a process that tells nothing"),
        pytest.param(Carried(), OLD, OLD.release, OLD.stamp, id="its unit is not ours any more"),
        pytest.param(Carried(), None, None, None, id="not ours"),
    ],
)
def test_release(loaded: Carried, running: Carried | None, release: str | None, stamp: str | None) -> None:
    unit = answer_of("a.service", {}, Known(loaded=loaded, running=running), Clock(0, 0))
    assert (unit["release"], unit["stamp"]) == (release, stamp)


def test_stale_with_its_causes() -> None:
    known = Known(running=NEW, stale=True, stale_because=("/etc/default/a changed",))
    unit = answer_of("a.service", {}, known, Clock(0, 0))
    assert (unit["stale"], unit["stale_because"]) == (True, ["/etc/default/a changed"])
    unit = answer_of("a.service", {}, replace(known, running=None), Clock(0, 0))
    assert (unit["stale"], unit["stale_because"]) == (None, [])


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("active", "00:00:01"),
        ("reloading", "00:00:01"),
        ("deactivating", "00:00:02"),
        ("failed", "00:00:03"),
        ("inactive", "00:00:03"),
        ("activating", "00:00:04"),
        ("maintenance", None),
    ],
)
def test_since(state: str, told: str | None) -> None:
    names = ("ActiveEnterTimestamp", "ActiveExitTimestamp", "InactiveEnterTimestamp", "InactiveExitTimestamp")
    shown = {name: f"Sat 2026-11-21 00:00:0{number} UTC" for number, name in enumerate(names, 1)}
    assert since({**shown, "ActiveState": state}) == (f"2026-11-21T{told}Z" if told else None)


@pytest.mark.parametrize(
    ("realtime", "monotonic", "told"),
    [
        ("", "infinity", None),
        ("Sat 2026-11-21 06:00:10 UTC", "0", "2026-11-21T06:00:10Z"),
        ("", "1min 45s", "2026-11-21T06:00:05Z"),
        ("Sat 2026-11-21 06:00:10 UTC", "1min 45s", "2026-11-21T06:00:05Z"),
        ("Sat 2026-11-21 06:00:04 UTC", "1min 45s", "2026-11-21T06:00:04Z"),
    ],
)
def test_next_elapse(realtime: str, monotonic: str, told: str | None) -> None:
    shown = {"NextElapseUSecRealtime": realtime, "NextElapseUSecMonotonic": monotonic}
    assert next_elapse(shown, Clock(1795240800.0, 100.0)) == told


@pytest.mark.parametrize(
    ("shown", "met"),
    [
        ({"ConditionResult": "no", "ConditionTimestamp": ""}, None),
        ({"ConditionResult": "no", "ConditionTimestamp": "n/a"}, None),
        ({"ConditionResult": "no", "ConditionTimestamp": "Sat 2026-11-21 06:00:10 UTC"}, False),
        ({"ConditionResult": "yes", "ConditionTimestamp": "Sat 2026-11-21 06:00:10 UTC"}, True),
        ({}, None),
    ],
)
def test_condition(shown: dict[str, str], met: bool | None) -> None:
    assert condition_met(shown) is met


@pytest.mark.parametrize("kind", ["service", "socket", "timer", "target", "mount", "slice", "device"])
def test_all_keys_are_there_of_a_unit_of_which_nothing_is_known(kind: str) -> None:
    unit: dict[str, Any] = answer_of(f"a.{kind}", {}, Known(), Clock(0, 0))
    assert unit["type"] == kind
    assert unit["load_state"] is unit["stack"] is unit["since"] is None
    assert ("main_pid" in unit) is (kind == "service")
    assert ("next_elapse" in unit) is (kind == "timer")
