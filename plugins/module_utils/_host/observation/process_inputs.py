# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from /proc what a process was given at its start: proc(5). What cannot be read is left out."""

from __future__ import annotations

import hashlib

from ..._plan.observed import Given
from ..._text import lines_in

# Of /proc/PID/status, what systemd.exec(5) sets and a program seldom changes.
_TRAITS = ("Umask", "CapInh", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")


def given_to(pid: int, deeply: bool) -> Given | None:
    """deeply: with its traits and variables, which are needed where no record tells of its start."""
    status = dict(line.split(":", 1) for line in lines_in(_text(f"/proc/{pid}/status")) if ":" in line)
    try:
        user = int(status["Uid"].split()[1])
        groups = frozenset(int(number) for number in status["Groups"].split())
    except (KeyError, IndexError, ValueError):  # it has ended
        return None
    if not deeply:
        return Given(user, groups)
    return Given(user, groups, _traits(pid, status), _variables(pid))


def _traits(pid: int, status: dict[str, str]) -> dict[str, str]:
    """A command line that a program has changed, to show what it does, tells nothing."""
    command = _text(f"/proc/{pid}/cmdline")
    # What follows the name of the program, which may hold anything: priority and nice value are the 16th and 17th of it.
    nice = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()[16:17]
    return {
        "limits": _digest(_text(f"/proc/{pid}/limits")),
        "privileges": " ".join(status.get(trait, "").strip() for trait in _TRAITS),
        "nice value": "".join(nice),
        "OOM score": _text(f"/proc/{pid}/oom_score_adj").strip(),
        "command": _digest(command) if command.startswith("/") else "",
    }


def _variables(pid: int) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in _text(f"/proc/{pid}/environ").split("\0"))
    return {name: text for name, equals, text in pairs if equals}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16] if text else ""


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except OSError:
        return ""
