# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a changed directive needs before it takes effect. Data, one row a group, each with its reason.

What no row names needs a restart: the safe answer, since the running process cannot have seen the change.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._unitfile.names import UNIT_TYPES

_MAN = "https://www.freedesktop.org/software/systemd/man/"


@dataclass(frozen=True)
class Row:
    """Directives of a section that daemon-reload alone applies. No keys: all of the section."""

    section: str
    keys: frozenset[str]
    because: str
    source: str


def _row(section: str, keys: str, because: str, page: str) -> Row:
    return Row(section, frozenset(keys.split()), because, _MAN + page)


RELOAD_IS_ENOUGH: tuple[Row, ...] = (
    _row("Unit", "", "descriptions, dependencies and conditions are read at the next job", "systemd.unit.html"),
    _row("Install", "", "read by enable, never by the running unit", "systemd.unit.html#%5BInstall%5D%20Section%20Options"),
    _row("Timer", "", "the manager reckons the next elapse anew", "systemd.timer.html"),
    _row(
        "Service",
        "Restart RestartSec RestartSteps RestartMaxDelaySec RestartMode RestartPreventExitStatus"
        " RestartForceExitStatus SuccessExitStatus",
        "looked at when the process ends",
        "systemd.service.html#Restart=",
    ),
    _row(
        "Service",
        "TimeoutSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutStartFailureMode TimeoutStopFailureMode"
        " RuntimeMaxSec",
        "the manager's own clock",
        "systemd.service.html#TimeoutStartSec=",
    ),
    _row("Service", "ExecReload ExecStop ExecStopPost", "run at the next reload or stop", "systemd.service.html#ExecStop="),
    _row(
        "Service",
        "KillMode KillSignal RestartKillSignal FinalKillSignal WatchdogSignal SendSIGHUP SendSIGKILL",
        "used at the next stop",
        "systemd.kill.html",
    ),
)

_TYPES_WITHOUT_SECTION = frozenset({"target", "device"})


def sections_of(unit_type: str) -> tuple[str, ...]:
    """The sections that a unit file of this type may have, besides those that begin with X-."""
    own = () if unit_type in _TYPES_WITHOUT_SECTION else (unit_type.capitalize(),)
    return ("Unit", *own, "Install")


# One list for "did you mean": a section that is right for another type of unit is a mistake of its own.
ALL_SECTIONS = tuple(dict.fromkeys(section for unit_type in UNIT_TYPES for section in sections_of(unit_type)))


def needs_restart(section: str, key: str) -> bool:
    """True when a running unit goes on with the old value of this directive after daemon-reload."""
    if section.startswith("X-") or key.startswith("X-"):
        return False
    return not any(row.section == section and (not row.keys or key in row.keys) for row in RELOAD_IS_ENOUGH)
