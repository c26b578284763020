# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that something else has defined: their names, and their unit files as systemd reads them."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.existing_units import real_name
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_file_state import UnitFileState, as_systemd_reads
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[Service]\nNonsense\n[Install]\nWantedBy=a.target\n", ("a.target",)),
        ("A=b\n[Install\nWantedBy=x\n[Install]\nWantedBy=a.target\n", ("a.target",)),
        ("rubbish\n", ()),
        ("", ()),
        ("[Install]\r\nWantedBy=a.target\r\n", ("a.target",)),
    ],
)
def test_lines_that_are_none_of_a_unit_file_are_passed_over(text: str, wanted: tuple[str, ...]) -> None:
    assert as_systemd_reads(text).values("Install", "WantedBy") == wanted


PIECES = st.sampled_from(
    ["[Install]", "[Install", "WantedBy=a", "=", "\\", "# c", "\n", " ", "\r", "\0", "[]", "x", "\ufeff", "\x85"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_there_is_always_something_to_read(text: str) -> None:
    assert as_systemd_reads(text).entries is not None


def alias(target: str) -> UnitFileState:
    return UnitFileState("alias", "/usr/lib/systemd/system/x", target)


@pytest.mark.parametrize(
    ("name", "installed", "real"),
    [
        ("a.service", {}, "a.service"),
        ("nick.service", {"nick.service": alias("/lib/a.service")}, "a.service"),
        ("x@1.service", {"x@1.service": alias("/lib/a@.service")}, "a@1.service"),
        ("x@.service", {"x@.service": alias("/lib/a@.service")}, "a@.service"),
        ("x@1.service", {"x@1.service": alias("/lib/a@2.service")}, "a@2.service"),
        ("x.service", {"x.service": alias("/lib/y.service"), "y.service": alias("/lib/z.service")}, "z.service"),
    ],
)
def test_aliases(name: str, installed: dict[str, UnitFileState], real: str) -> None:
    assert real_name(name, installed) == real


def test_aliases_in_a_circle() -> None:
    assert real_name("x.service", {"x.service": alias("/y.service"), "y.service": alias("/x.service")}) in (
        "x.service",
        "y.service",
    )
