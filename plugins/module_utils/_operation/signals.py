# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal to the processes of a unit: whether it may be sent, and whether its effect is there."""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence

from .._dataclasses import dataclass
from .._declaration import options as opt
from .._declaration.problems import Problems
from .._unitfile.names import BadUnitName, completed, split_unit_name
from .._unitfile.suggest import did_you_mean
from .connection import SYSTEMD
from .target_names import type_of

# signal(7), on Linux everywhere.
NAMES = tuple(
    """HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU
    XFSZ VTALRM PROF WINCH IO PWR SYS""".split()  # noqa: SIM905
)
# Real-time signals: the C library keeps the first two of 32 to 64 for itself.
_REAL_TIME = re.compile(r"RTMIN(?:\+([0-9]{1,2}))?|RTMAX(?:-([0-9]{1,2}))?")
_REAL_TIME_COUNT = 30
_NUMBERS = (*range(1, 32), *range(34, 65))

# What ends no process that does not want to end. Names, and their numbers where those are the same on most machines.
_HARMLESS = frozenset(("SIGCHLD", "17", "SIGCONT", "18", "SIGURG", "23", "SIGWINCH", "28"))
_HANG_UP = frozenset(("SIGHUP", "1"))  # by convention "read your configuration again" for the main process of a daemon

# Whom a signal can reach, by the type of unit: systemd.kill(5).
WHOM = {
    "main": ("service",),
    "control": ("service", "socket", "mount", "swap"),
    "all": ("service", "socket", "mount", "swap", "scope", "slice"),
}
WAITS = ("exited", "restarted", "stopped")


@dataclass(frozen=True)
class Asked:
    """signal: as systemctl takes it, SIGHUP or a number. wait: one of WAITS or ""; timeout: in seconds."""

    unit: str
    signal: str
    whom: str = "all"
    wait: str = ""
    timeout: float = 30
    force: bool = False


@dataclass(frozen=True)
class Process:
    """started: in ticks since boot; it tells a process from a later one with the same number."""

    pid: int
    started: int


@dataclass(frozen=True)
class Service:
    """A unit of any type, as far as signals are concerned. processes: all of its control group."""

    name: str
    load: str = "loaded"
    active: str = "active"
    sub: str = "running"
    result: str = "success"
    main_pid: int = 0
    control_pid: int = 0
    control_group: str = ""
    invocation: str = ""
    restarts: int = 0
    processes: Sequence[Process] = ()

    def reached_by(self, whom: str) -> list[Process]:
        one = {"main": self.main_pid, "control": self.control_pid}.get(whom)
        return [process for process in self.processes if one in (None, process.pid)]

    def as_result(self) -> dict[str, Any]:
        return {
            "active_state": self.active,
            "sub_state": self.sub,
            "result": self.result,
            "main_pid": self.main_pid,
            "restarts": self.restarts,
            "invocation_id": self.invocation,
        }


def asked_of(params: Mapping[str, Any]) -> Asked:
    """The module's parameters. Raises ValidationFailed."""
    problems = Problems()
    whom, wait = params["whom"], params.get("wait") or ""
    unit = _unit(str(params["name"]), whom, wait, problems)
    signal = signal_of(str(params["signal"]), problems)
    timeout = 0.0
    try:
        timeout = opt.seconds(params["timeout"])
    except opt.InvalidValue as error:
        problems.add("timeout", params["timeout"], error.problem, error.remedy)
    if params.get("scope_user") and params.get("scope") != "user":
        remedy = "Add scope: user, or take scope_user away."
        problems.add("scope_user", params["scope_user"], "has no meaning in the system scope", remedy)
    problems.raise_if_any()
    return Asked(unit, signal, whom, wait, timeout, bool(params.get("force")))


def _unit(given: str, whom: str, wait: str, problems: Problems) -> str:
    """The name, its type completed; "" where it is none."""
    try:
        unit = completed(given)
        parts = split_unit_name(unit)
    except BadUnitName as error:
        problems.add("name", given, error.problem, error.remedy)
        return ""
    if parts.is_template:
        problems.add("name", unit, "a template has no processes", f"Name an instance, for example {parts.prefix}@1.{parts.type}.")
    elif parts.type not in WHOM["all"]:
        problems.add("name", unit, f"a .{parts.type} unit has no processes", "Name the service that is meant.")
    elif parts.type not in WHOM[whom]:
        problem = f"a .{parts.type} unit has no {whom} process"
        problems.add("whom", whom, problem, "Choose all, or name the service that is meant.")
    if wait == "restarted" and parts.type in WHOM["all"] and parts.type != "service":
        problems.add("wait", wait, f"a .{parts.type} unit has no process that is started again", "Choose exited.")
    return unit


def signal_of(given: str, problems: Problems) -> str:
    """SIGHUP of hup, 9 of 9, SIGRTMIN+3 of rtmin+3."""
    name = given.strip().upper()
    if re.fullmatch(r"[+-]?[0-9]+", name):
        return _number_of(int(name), given, problems)
    name = name[3:] if name.startswith("SIG") else name
    real_time = _REAL_TIME.fullmatch(name)
    if name in NAMES or (real_time and int(real_time.group(1) or real_time.group(2) or 0) <= _REAL_TIME_COUNT):
        return f"SIG{name}"
    guess = did_you_mean(f"SIG{name}", [f"SIG{known}" for known in NAMES])
    remedy = "The real-time signals are RTMIN to RTMIN+30." if name.startswith("RT") else "Write for example HUP, SIGTERM or 15."
    problems.add("signal", given, "is no signal", f"Did you mean {guess}?" if guess else remedy)
    return ""


def _number_of(number: int, given: str, problems: Problems) -> str:
    if number in _NUMBERS:
        return str(number)
    if number == 0:
        remedy = "daemonic.systemd.unit_info tells whether a unit runs."
        problems.add("signal", given, "0 is no signal, it only asks whether a process is there", remedy)
    elif number in (32, 33):
        problems.add("signal", given, "the C library keeps this signal for itself", "The real-time signals are 34 to 64.")
    else:
        problems.add("signal", given, "is no signal", "Signals are 1 to 31 and 34 to 64.")
    return ""


def check(asked: Asked, seen: Service, carriers: Sequence[str]) -> None:
    """Raises ValidationFailed. carriers: the units that the connection of the task needs."""
    problems = Problems()
    if not seen.processes:
        _no_processes(asked, seen, problems)
    elif not seen.reached_by(asked.whom):
        remedy = "Choose all, which reaches every process of the unit."
        problems.add("whom", asked.whom, f"{seen.name} has no {asked.whom} process now", remedy)
    elif seen.name in carriers and not asked.force and not _is_harmless(asked, seen):
        problem = "the connection of this task needs this unit, and the signal may end it"
        problems.add("name", asked.unit, problem, "Choose another signal, or add force: true if this is meant.")
    problems.raise_if_any()


def _no_processes(asked: Asked, seen: Service, problems: Problems) -> None:
    if seen.load == "not-found":
        problems.add("name", asked.unit, "there is no such unit on the host", "Deploy it first.")
    elif seen.active in ("active", "activating", "reloading", "deactivating"):
        state = f"{seen.active}, {seen.sub}"
        problems.add("name", asked.unit, f"it has no process now ({state})", "Send signals while its processes run.")
    else:
        remedy = "Start it first, or skip the task while it does not run (daemonic.systemd.unit_info)."
        problems.add("name", asked.unit, f"it does not run ({seen.active})", remedy)


def _is_harmless(asked: Asked, seen: Service) -> bool:
    if seen.name == SYSTEMD:  # systemd(1), "Signals": to it many of them are commands
        return False
    is_reload = asked.signal in _HANG_UP and asked.whom == "main" and type_of(seen.name) == "service"
    return is_reload or asked.signal in _HARMLESS


@dataclass(frozen=True)
class Progress:
    """is_there: the effect that is waited for. failure: why it will not come."""

    is_there: bool = False
    failure: str = ""


def progress(asked: Asked, before: Service, now: Service, alive: Sequence[Process]) -> Progress:
    """alive: those of the processes that got the signal that have not ended."""
    is_down = now.active in ("inactive", "failed")
    if asked.wait == "exited":  # and systemd has taken notice of it, so that the state is that after the end
        return Progress(not alive and now.main_pid not in [process.pid for process in before.reached_by(asked.whom)])
    if asked.wait == "stopped":
        if now.invocation != before.invocation and not is_down:
            return Progress(failure="it was started again")
        return Progress(is_down)
    main = {process for process in now.processes if process.pid == now.main_pid}
    if main and now.active == "active" and not main & set(before.processes):
        return Progress(True)
    return Progress(failure=f"it has ended ({now.active}, {now.result}), and is not started again" if is_down else "")


def still(asked: Asked, now: Service, alive: Sequence[Process]) -> str:
    """How it is instead when the time is over."""
    if asked.wait == "exited":
        return f"{len(alive)} of its processes still run: {', '.join(str(process.pid) for process in alive)}"
    return f"it is {now.active} ({now.sub}), with {now.main_pid or 'no process'} as its main process"
