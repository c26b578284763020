# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client meets before and after."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._health.port_replies import (
    PATIENCE,
    REFUSED,
    SILENT,
    SPAN,
    SPEAKS,
    WAITS,
    compare,
    spans,
)


@pytest.mark.parametrize(
    ("before", "after", "is_well"),
    [
        (SPEAKS, SPEAKS, True),
        (SPEAKS, WAITS, False),
        (SPEAKS, SILENT, False),
        (SPEAKS, REFUSED, False),
        (WAITS, WAITS, True),
        (WAITS, SPEAKS, True),
        (WAITS, SILENT, False),
        (WAITS, REFUSED, False),
    ],
)
def test_compare(before: str, after: str, is_well: bool) -> None:
    failures = compare({"a": before}, {"a": after})
    assert (not failures) == is_well
    assert all(after in failure.problem for failure in failures)


def test_who_is_asked() -> None:
    assert spans({"a": SPEAKS, "b": WAITS, "c": SILENT, "d": REFUSED}) == {"a": PATIENCE, "b": SPAN}
