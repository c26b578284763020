# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What show prints → typed values; what is not set is None."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry import property_values
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.values import seconds
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("reader", "shown", "value"),
    [
        pytest.param(property_values.text, "", None, id="no text"),
        pytest.param(property_values.text, "a = b", "a = b", id="text"),
        pytest.param(property_values.number, "0", 0, id="zero"),
        pytest.param(property_values.number, "524288", 524288, id="number"),
        pytest.param(property_values.number, "[not set]", None, id="not set"),
        pytest.param(property_values.number, "infinity", None, id="no limit"),
        pytest.param(property_values.number, "18446744073709551615", None, id="not set, as older versions write it"),
        pytest.param(property_values.number, "", None, id="no number"),
        pytest.param(property_values.process, "0", None, id="no process"),
        pytest.param(property_values.truth, "yes", True, id="yes"),
        pytest.param(property_values.truth, "no", False, id="no"),
        pytest.param(property_values.truth, "", None, id="neither"),
        pytest.param(property_values.seconds, "1500000000", 1.5, id="nanoseconds"),
        pytest.param(property_values.seconds, "[not set]", None, id="no nanoseconds"),
        pytest.param(property_values.moment, "Sat 2026-11-21 06:18:01 UTC", "2026-11-21T06:18:01Z", id="time"),
        pytest.param(
            property_values.moment, "Sat 2026-11-21 06:18:01.123456 UTC", "2026-11-21T06:18:01Z", id="time with a fraction"
        ),
        pytest.param(property_values.moment, "Sat 2026-11-21 15:18:01 JST", None, id="a zone that was not asked for"),
        pytest.param(property_values.moment, "", None, id="never"),
        pytest.param(property_values.moment, "n/a", None, id="never, in other words"),
        pytest.param(property_values.error, "", None, id="no error"),
        pytest.param(
            property_values.error, 'org.freedesktop.systemd1.NoSuchUnit "Unit a not found."', "Unit a not found.", id="error"
        ),
        pytest.param(property_values.exit_code, "0", None, id="has not ended"),
        pytest.param(property_values.exit_code, "2", "killed", id="killed"),
        pytest.param(property_values.words, "b.service a.service", ["a.service", "b.service"], id="units"),
        pytest.param(property_values.words, "", [], id="no units"),
        pytest.param(seconds, "8h 38min 24.849338s", 31104.849338, id="span"),
        pytest.param(seconds, "1month 2d 1.5ms", 2629800 + 172800 + 0.0015, id="long span"),
        pytest.param(seconds, "0", None, id="no span"),
        pytest.param(seconds, "infinity", None, id="endless"),
        pytest.param(
            property_values.listeners,
            "[::1]:80 (Stream)\n/run/a b (x) (FIFO)",
            [{"address": "[::1]:80", "type": "Stream"}, {"address": "/run/a b (x)", "type": "FIFO"}],
            id="listeners",
        ),
        pytest.param(property_values.listeners, "", [], id="no listeners"),
        pytest.param(
            property_values.schedule,
            "{ OnCalendar=Mon *-*-* 04:00:00 ; next_elapse=n/a }\n{ OnBootUSec=2h ; next_elapse=0 }",
            ["OnCalendar=Mon *-*-* 04:00:00", "OnBootSec=2h"],
            id="schedule",
        ),
    ],
)
def test_values(reader: property_values.Reader, shown: str, value: Any) -> None:
    assert reader(shown) == (pytest.approx(value) if isinstance(value, float) else value)


READERS = [value for value in vars(property_values).values() if getattr(value, "__annotations__", {}).get("value") == "str"]


@given(st.sampled_from(READERS), st.text())
def test_no_value_stops_the_answer(reader: property_values.Reader, shown: str) -> None:
    reader(shown)


def test_readers_are_found() -> None:
    assert len(READERS) > 10


def test_instants() -> None:
    assert property_values.instant(1795240800.9) == "2026-11-21T06:00:00Z"
    assert property_values.precise_instant(1795240800123456) == "2026-11-21T06:00:00.123456Z"
