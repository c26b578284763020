# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any
from unicodedata import category

from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.fleet import Answer
from ansible_collections.daemonic.systemd.plugins.plugin_utils.report.table import MOST, WIDTH, table
from hypothesis import given
from hypothesis import strategies as st

from .fleets import answer, report, unit

FAILED = {"active_state": "failed", "sub_state": "failed", "result": "exit-code", "exit_code": "exited", "exit_status": 1}


def test_a_table() -> None:
    found = report(
        a=answer(web=unit(), db=unit()),
        b=answer(web=unit(**FAILED), db=unit()),
        c=answer(web=unit(release="b" * 16), db=unit(stale=True)),
        gone=Answer((), {"unreachable": True, "msg": "No route to host"}),
    )
    assert "\n".join(table(found)) == (
        "1 host unreachable, 1 unit failed, 1 unit has drifted, 1 unit needs attention "
        "(4 hosts, 6 units, 2026-11-26T04:00:00Z)\n"
        """
STACK  UNIT         HOSTS  WELL  ATTENTION  FAILED  DIFFER  RELEASE
shop   db.service   3      2     1          -       -       aaaaaaaaaaaaaaaa
shop   web.service  3      2     -          1       1       aaaaaaaaaaaaaaa…

HOST  UNIT         WHAT
gone  -            unreachable: No route to host
b     web.service  failed (exit-code, exit status 1)
c     db.service   runs what was deployed before
c     web.service  differs from other hosts: release"""
    )


def test_nothing() -> None:
    assert table(report()) == ["No host has a stack (0 hosts, 0 units, 2026-11-26T04:00:00Z)"]


def test_not_all_of_a_large_fleet() -> None:
    lines = table(report(**{f"host{number}": answer(web=unit(**FAILED)) for number in range(100)}))
    assert lines[-1] == f"and {100 - MOST} more"
    assert len(lines) < 60


@given(st.lists(st.text(max_size=200), min_size=1, max_size=4, unique=True))
def test_it_fits(texts: list[str]) -> None:
    answers: dict[str, Any] = {text: answer({text: unit(**FAILED, release=text)}, stack=text) for text in texts}
    lines = table(report(answers))
    assert all(len(line) <= WIDTH for line in lines)
    assert not {category(character) for line in lines for character in line} & {"Cc", "Cs"}
