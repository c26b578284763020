# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of systemd that do not come to their end: which are ours, what they wait for, and how long that may last. Pure."""

from __future__ import annotations

import re
from typing import Collection, Mapping, Sequence

from .._dataclasses import dataclass
from .._text import lines_in
from .._unitfile.values import seconds
from .show_output import blocks

# A unit that may start for ever (Type=oneshot does, systemd.service(5), TimeoutStartSec=) gets this long if the task starts
# it, in seconds: a migration of a database may take its time.
OWN_LIMIT = 3600
# What our units wait for gets what it has set itself, or this long where it has set nothing: the time that systemd gives
# most units, DefaultTimeoutStartSec= in systemd-system.conf(5).
OTHERS_LIMIT = 90
# Until systemd has noticed that the time of a unit is over, and its processes are gone.
MARGIN = 10

LIMITS = ("Id", "TimeoutStartUSec", "TimeoutStopUSec", "TimeoutUSec", "JobTimeoutUSec", "JobRunningTimeoutUSec")
_JOB = re.compile(r"(\d+)\s+(\S+)\s+(\S+)\s+(waiting|running)")
_WAITS_FOR = re.compile(r".*waiting for job (\d+) \((\S+)/\S+\)")


@dataclass(frozen=True)
class Job:
    """waits_for: the numbers of jobs that must end first."""

    number: int
    unit: str
    kind: str
    is_running: bool
    waits_for: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"the {self.kind} job of {self.unit}"


def jobs(output: str) -> dict[int, Job]:
    """`systemctl list-jobs --before`: a job a line, and below it those that it waits for."""
    found: dict[int, Job] = {}
    last = 0
    for line in lines_in(output):
        job, waits = _JOB.match(line.strip()), _WAITS_FOR.match(line)
        if waits and last:
            known = found[last]
            found[last] = Job(known.number, known.unit, known.kind, known.is_running, (*known.waits_for, int(waits.group(1))))
        elif job:
            last = int(job.group(1))
            found[last] = Job(last, job.group(2), job.group(3), job.group(4) == "running")
    return found


def of_units(units: Collection[str], known: Mapping[int, Job]) -> list[Job]:
    return [job for job in known.values() if job.unit in units]


def roots(mine: Sequence[Job], known: Mapping[int, Job]) -> list[Job]:
    """The jobs at which it hangs: those that wait for no other, of all that ours wait for, themselves included."""
    seen: dict[int, Job] = {}
    waiting = list(mine)
    while waiting:
        job = waiting.pop()
        if job.number not in seen:
            seen[job.number] = job
            waiting += [known[number] for number in job.waits_for if number in known]
    found = [job for job in seen.values() if not any(number in known for number in job.waits_for)]
    return sorted(found, key=lambda job: job.number) or list(mine)  # or they wait for each other


def limits(output: str) -> dict[str, float | None]:
    """`systemctl show` of LIMITS: unit → how long its job may run by its own definition, None for ever."""
    return {shown["Id"]: _limit(shown) for shown in blocks(output)}


def _limit(shown: Mapping[str, str]) -> float | None:
    whole = [seconds(shown[key]) for key in ("JobTimeoutUSec", "JobRunningTimeoutUSec") if key in shown]
    bounds = [each for each in whole if each]
    steps = [seconds(shown[key]) for key in ("TimeoutStartUSec", "TimeoutStopUSec", "TimeoutUSec") if key in shown]
    if steps and all(steps):
        bounds.append(sum(each or 0 for each in steps))
    return min(bounds) if bounds else None


def patience(found: Sequence[Job], units: Collection[str], known: Mapping[str, float | None]) -> float:
    """How long these may be waited for, in seconds. units: those whose jobs the task has asked for."""
    each = [known.get(job.unit) or (OWN_LIMIT if job.unit in units else OTHERS_LIMIT) for job in found if job.is_running]
    return MARGIN + max(each, default=OTHERS_LIMIT)


def told(mine: Sequence[Job], found: Sequence[Job], spent: float) -> str:
    """What hangs, and at what, for a person."""
    hanging = [job for job in found if job not in mine]
    for job in mine:
        if not job.is_running and hanging:
            names = ", ".join(f"{each} ({'running' if each.is_running else 'waiting'})" for each in hanging)
            remedy = f"See systemctl status {hanging[0].unit}, and systemctl list-jobs."
            return f"{job} waited {spent:.0f} s for {names}, which does not come to its end. {remedy}"
    job = mine[0]
    state = "ran" if job.is_running else "waited"
    remedy = f"See systemctl status {job.unit}; TimeoutStartSec= sets a limit."
    return f"{job} {state} {spent:.0f} s and did not come to its end. {remedy}"
