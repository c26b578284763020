# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a changed directive needs before it takes effect. Data, one row a group, each with its reason and source.

What no row names needs a restart: the safe answer, since the running process cannot have seen the change. How a unit is
restarted depends on its type: a socket is reopened together with its service (plan.py).
"""

from __future__ import annotations

from .._dataclasses import dataclass
from .._unitfile.names import UNIT_TYPES

_MAN = "https://www.freedesktop.org/software/systemd/man/"

# Needs, least first.
DAEMON_RELOAD = "daemon-reload"  # nothing but daemon-reload
START = "start"  # start the running unit again: what it newly wants is started, the unit itself is left alone
RELOAD = "reload"  # reload the unit
RESTART = "restart"


@dataclass(frozen=True)
class Row:
    """Directives of a section with the same need. No keys: all of the section that no other row names."""

    section: str
    keys: frozenset[str]
    need: str
    because: str
    source: str


def _row(section: str, keys: str, need: str, because: str, page: str) -> Row:
    return Row(section, frozenset(keys.split()), need, because, _MAN + page)


TABLE: tuple[Row, ...] = (
    _row(
        "Unit",
        "Wants Requires BindsTo Upholds",
        START,
        "a unit that is newly wanted is started when the one that wants it is started",
        "systemd.unit.html#Wants=",
    ),
    _row("Unit", "", DAEMON_RELOAD, "descriptions, order and conditions are read at the next job", "systemd.unit.html"),
    _row("Install", "", DAEMON_RELOAD, "read by enable, never by the running unit", "systemd.unit.html#%5BInstall%5D"),
    _row(
        "Timer",
        "",
        DAEMON_RELOAD,
        "the next elapse is recalculated, and OnActiveSec= counts from the reload; a restart would trigger it",
        "systemd.timer.html",
    ),
    _row("Slice", "", DAEMON_RELOAD, "a restart would stop all that runs in it", "systemd.slice.html"),
    _row("Mount", "Options", RELOAD, "reload remounts", "systemd.mount.html#Options="),
    _row("Mount", "TimeoutSec DirectoryMode", DAEMON_RELOAD, "used at the next mount", "systemd.mount.html"),
    _row(
        "Service",
        "Restart RestartSec RestartSteps RestartMaxDelaySec RestartMode RestartPreventExitStatus"
        " RestartForceExitStatus SuccessExitStatus",
        DAEMON_RELOAD,
        "looked at when the process ends",
        "systemd.service.html#Restart=",
    ),
    _row(
        "Service",
        "TimeoutSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxSec",
        DAEMON_RELOAD,
        "the manager's own clock",
        "systemd.service.html#TimeoutStartSec=",
    ),
    _row(
        "Service",
        "ExecReload ExecStop ExecStopPost",
        DAEMON_RELOAD,
        "run at the next reload or stop",
        "systemd.service.html#ExecStop=",
    ),
    _row(
        "Service",
        "KillMode KillSignal RestartKillSignal FinalKillSignal WatchdogSignal SendSIGHUP SendSIGKILL",
        DAEMON_RELOAD,
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


def need_of(section: str, key: str) -> str:
    """What a change of this directive needs before a running unit has it."""
    if section.startswith("X-") or key.startswith("X-"):
        return DAEMON_RELOAD
    rows = [row for row in TABLE if row.section == section]
    named = [row for row in rows if key in row.keys] or [row for row in rows if not row.keys]
    return named[0].need if named else RESTART
