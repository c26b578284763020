# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a value, and what is left to the host. That nothing is refused which systemd takes: _desired/test_values.py."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile import values
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.values import Reader
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=examples(200), deadline=None, database=None)


@pytest.mark.parametrize(
    ("reader", "value", "remedy"),
    [
        pytest.param(values.span, "5mins", "Did you mean min?", id="unit of time"),
        pytest.param(values.span, "5x", "The units are", id="no unit of time"),
        pytest.param(values.span, "soon", "Write for example", id="no span"),
        pytest.param(values.span, "-5", "Write for example", id="negative span"),
        pytest.param(values.span, "1h30", "Write 1h 30min, or 1h 30s if seconds are meant.", id="1h30"),
        pytest.param(values.span, "1h 30", "Write 1h 30min, or", id="1h 30"),
        pytest.param(values.span, "1d12", "Write 1d 12h, or", id="1d12"),
        pytest.param(values.span, "2weeks 1d12", "Write 2weeks 1d 12h, or", id="at the end"),
        pytest.param(values.size, "512MB", "Write 512M.", id="MB"),
        pytest.param(values.size, "1gib", "Write 1G.", id="gib"),
        pytest.param(values.size, "lots", "Write bytes", id="no size"),
        pytest.param(values.memory, "max", "Write bytes", id="max"),
        pytest.param(values.quota, "50", "Write 50%", id="no percent sign"),
        pytest.param(values.count_limit, "65k", "without a suffix", id="65k"),
        pytest.param(values.count_limit, "unlimited", "infinity", id="unlimited"),
        pytest.param(values.mode, "0888", "octal digits", id="not octal"),
        pytest.param(values.mode, "u=rw", "octal digits", id="symbolic mode"),
        pytest.param(values.signal, "SIGTREM", "Did you mean SIGTERM?", id="signal"),
        pytest.param(values.signal, "sigterm", "Did you mean SIGTERM?", id="signal in small letters"),
        pytest.param(values.word("always", "no"), "allways", "Did you mean always?", id="word"),
        pytest.param(values.truth(), "ture", "Did you mean true?", id="truth"),
        pytest.param(values.truth("full"), "ful", "Did you mean full?", id="truth or word"),
        pytest.param(values.whole(-20, 19), "20", "from -20 to 19", id="out of range"),
        pytest.param(values.calendar, "dayly", "Did you mean daily?", id="calendar"),
    ],
)
def test_trouble(reader: Reader, value: str, remedy: str) -> None:
    trouble = reader(value)
    assert trouble is not None
    assert remedy in trouble.remedy
    assert trouble.problem


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        pytest.param(values.span, "5min20", id="minutes and seconds"),
        pytest.param(values.span, "5 5", id="two numbers"),
        pytest.param(values.span, "5M", id="months"),
        pytest.param(values.word("always"), "a-newer-version's", id="a word that newer versions may know"),
        pytest.param(values.truth(), "auto", id="what may be more than a truth value"),
        pytest.param(values.signal, "SIGRTMIN+3", id="realtime signal"),
        pytest.param(values.whole(0, 7), "high", id="no number"),
        pytest.param(values.calendar, "*-*-* 25:00", id="the grammar of calendars"),
        pytest.param(values.quota, "infinity", id="no number of percent"),
    ],
)
def test_left_to_the_host(reader: Reader, value: str) -> None:
    assert reader(value) is None


UNITS = st.sampled_from(
    ["us", "ms", "msec", "s", "sec", "seconds", "min", "minutes", "m", "h", "hr", "hours", "d", "days", "w", "M", "y"]
)
NUMBERS = st.one_of(
    st.integers(0, 10**6).map(str), st.tuples(st.integers(0, 999), st.integers(0, 99)).map(lambda n: f"{n[0]}.{n[1]}")
)
COMPONENTS = st.tuples(NUMBERS, st.sampled_from(["", " "]), UNITS).map("".join)


@PROPERTY
@given(st.lists(COMPONENTS, min_size=1, max_size=4), st.sampled_from(["", " "]))
def test_any_span_with_units(components: list[str], between: str) -> None:
    assert values.span(between.join(components)) is None


@PROPERTY
@given(NUMBERS)
def test_any_number_of_seconds(number: str) -> None:
    assert values.span(number) is None


@PROPERTY
@given(st.text(max_size=12))
def test_no_text_is_too_strange(text: str) -> None:
    for reader in (values.span, values.size, values.memory, values.mode, values.signal, values.truth(), values.calendar):
        trouble = reader(text)
        assert trouble is None or (trouble.problem and trouble.remedy)


def test_long_values_take_no_longer() -> None:
    for reader in (values.span, values.size, values.memory, values.count_limit, values.mode, values.signal, values.calendar):
        for text in ("1" * 5000 + "x", " " * 5000 + "x", "1 " * 2000 + "x", "1.1" * 2000 + "x"):
            reader(text)
