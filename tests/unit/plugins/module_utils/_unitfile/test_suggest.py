# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.suggest import did_you_mean, edit_distance

SECTIONS = ("Unit", "Service", "Socket", "Install", "Timer", "Path", "Mount")
KEYS = ("ExecStart", "ExecStartPre", "ExecStop", "Restart", "RestartSec", "User", "UMask", "Type", "WantedBy", "After")


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        pytest.param("Sercice", SECTIONS, "Service", id="one-letter"),
        pytest.param("Serivce", SECTIONS, "Service", id="swapped"),
        pytest.param("service", SECTIONS, "Service", id="case"),
        pytest.param("INSTALL", SECTIONS, "Install", id="all-capitals"),
        pytest.param("Services", SECTIONS, "Service", id="plural"),
        pytest.param("Unti", SECTIONS, "Unit", id="short-and-swapped"),
        pytest.param("ExecStrat", KEYS, "ExecStart", id="key"),
        pytest.param("ExecStartPer", KEYS, "ExecStartPre", id="key-longer"),
        pytest.param("wantedby", KEYS, "WantedBy", id="key-case"),
        pytest.param("Banana", SECTIONS, None, id="nothing-near"),
        pytest.param("X", SECTIONS, None, id="one-character"),
        pytest.param("", SECTIONS, None, id="empty"),
        pytest.param("Unit", (), None, id="nothing-known"),
        pytest.param("Unit", ("Unit",), None, id="not-itself"),
    ],
)
def test_did_you_mean(word: str, known: tuple[str, ...], meant: str | None) -> None:
    assert did_you_mean(word, known) == meant
    assert did_you_mean(word, reversed(known)) == meant


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("abc", "abc", 0),
        ("abc", "acb", 1),
        ("abc", "axc", 1),
        ("ca", "abc", 3),
    ],
)
def test_edit_distance(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == distance
    assert edit_distance(other, one) == distance  # pylint: disable=arguments-out-of-order
