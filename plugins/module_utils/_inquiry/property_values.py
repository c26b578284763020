# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `systemctl show` prints → typed values. What is not set is None, however a version of systemd says so."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from .._unitfile.quoting import split_shown

# What show prints of a property → its value.
Reader = Callable[[str], Any]

_LARGEST = 2**64 - 1  # what a number has that is not set, or without limit


def text(value: str) -> str | None:
    return value or None


def number(value: str) -> int | None:
    """ "[not set]", "infinity" and its number in older versions are none."""
    found = int(value) if re.fullmatch(r"-?[0-9]+", value) else None
    return None if found == _LARGEST else found


def process(value: str) -> int | None:
    """0 is no process."""
    return number(value) or None


def truth(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


def words(value: str) -> list[str]:
    return sorted(split_shown(value))


def paths(value: str) -> list[str]:
    """In the order in which they apply."""
    return list(split_shown(value))


def seconds(value: str) -> float | None:
    """From nanoseconds."""
    found = number(value)
    return None if found is None else round(found / 1e9, 3)


def moment(value: str) -> str | None:
    """ "Sat 2026-11-21 06:18:01 UTC", as show prints it in that zone, → "2026-11-21T06:18:01Z"."""
    match = re.fullmatch(r"[A-Za-z]{3} (\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC", value)
    return f"{match.group(1)}T{match.group(2)}Z" if match else None


def error(value: str) -> str | None:
    """The name of an error on the bus and, in quotes, what it means to people: the latter."""
    match = re.fullmatch(r'[\w.]* ?"(.*)"', value, re.DOTALL)
    return (match.group(1) if match else value) or None


def exit_code(value: str) -> str | None:
    """sigaction(2), si_code of SIGCHLD."""
    return {"1": "exited", "2": "killed", "3": "dumped"}.get(value)


def listeners(value: str) -> list[dict[str, str]]:
    """A line each: "[::]:9000 (Stream)"."""
    found = [line.rpartition(" (") for line in value.split("\n") if line]
    return [{"address": address, "type": kind.rstrip(")")} for address, _space, kind in found]


def schedule(value: str) -> list[str]:
    """A line each: "{ OnCalendar=*-*-* 04:00:00 ; next_elapse=… }" → the directive. OnBootUSec is what show calls OnBootSec."""
    found = re.findall(r"\{ (\w+)=(.*?) ; next_elapse=", value)
    return [f"{key.replace('USec', 'Sec')}={when}" for key, when in found]


def instant(epoch: float) -> str:
    """Seconds since the epoch → ISO 8601, as Ansible's facts have it."""
    return _at(epoch).strftime("%Y-%m-%dT%H:%M:%SZ")


def precise_instant(microseconds: int) -> str:
    """The same of microseconds, and with them."""
    return _at(0, microseconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _at(epoch: float, microseconds: int = 0) -> datetime:
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=epoch, microseconds=microseconds)
