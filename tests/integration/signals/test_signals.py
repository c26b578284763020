# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters for the names of units, compared with the program of each version. What signals do is asserted in the play."""

from __future__ import annotations

import os
import shlex
import sys
from itertools import product
from pathlib import Path
from typing import Any, Callable

import yaml
from ansible.errors import AnsibleFilterError

sys.path.append(os.environ["ANSIBLE_COLLECTIONS_PATH"])
from ansible_collections.daemonic.systemd.plugins.filter.unit_escape import unit_escape
from ansible_collections.daemonic.systemd.plugins.filter.unit_unescape import unit_unescape

CASES = yaml.safe_load((Path(__file__).parents[3] / "molecule/signals/cases.yml").read_text(encoding="utf-8"))
REFUSED = "refused"


def program(host, cases: list[tuple[str, dict[str, Any]]], *first: str) -> list[str]:
    """What systemd-escape prints of each."""
    lines = ["export LC_ALL=C.UTF-8"]
    for text, options in cases:
        given = [f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()]
        lines.append(f"systemd-escape {shlex.join([*first, *given, '--', text])} 2>/dev/null || echo {REFUSED}")
    return host.run("\n".join(lines)).stdout.splitlines()


def ours(function: Callable[..., Any], cases: list[tuple[str, dict[str, Any]]]) -> list[str]:
    found = []
    for text, options in cases:
        renamed = {"is_instance" if name == "instance" else name: value for name, value in options.items()}
        try:
            found.append(function(text, **renamed))
        except AnsibleFilterError:
            found.append(REFUSED)
    return found


def difference(cases: list[Any], left: list[str], right: list[str]) -> list[Any]:
    assert len(left) == len(right) == len(cases)
    return [(case, one, other) for case, one, other in zip(cases, left, right) if one != other]


def test_escape(host):
    is_247 = host.check_output("systemctl --version").split()[1] == "247"
    cases = list(product([*CASES["texts"], *([] if is_247 else CASES["newer"])], CASES["escape"]))
    assert difference(cases, ours(unit_escape, cases), program(host, cases)) == []


def test_unescape(host):
    cases = list(product(CASES["names"], CASES["unescape"]))
    assert difference(cases, ours(unit_unescape, cases), program(host, cases, "--unescape")) == []


def test_a_process_that_was_killed_is_logged_as_such(host):
    """By systemd, of the unit that was meant and of no other."""
    host.check_output("journalctl --sync")
    for unit, said in (("signals_main", "code=killed, status=9/KILL"), ("signals_last", "code=killed, status=9/KILL")):
        assert said in host.check_output("journalctl --unit=%s --output=cat _PID=1", f"{unit}.service")
    assert host.check_output("journalctl --unit=signals_exited.service --output=cat --grep=killed || true") == ""
