# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to test: the steps of `./dev test`, and on which hosts each scenario runs."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

OLDEST, NEWEST = "debian11", "debian14"
BETWEEN = ("debian12", "debian12-backports", "debian13")
ALL_VERSIONS = [[OLDEST, "debian12", NEWEST], ["debian12", "debian12-backports", "debian13"]]

# Seconds on two quiet processors, of steps that this machine has not run yet and that take longer than most.
USUAL = 30
LONGER = {
    "examples": 290,
    "killed": 225,
    "bare": 220,
    "releases": 195,
    "fleet_deploy": 185,
    "sanity newest": 185,
    "units newest": 180,
    "lint": 170,
    "wsgi": 165,
    "units 3.14": 150,
    "xinetd": 140,
    "attacks": 120,
    "sanity oldest": 95,
    "units 3.9": 95,
    "locked": 85,
    "info": 80,
    "last_look": 70,
    "targets": 70,
    "cut_off": 65,
    "put_back": 60,
    "units 3.8": 60,
    "credentials": 55,
    "enabling": 55,
    "in_use": 55,
    "sockets": 55,
    "moving": 50,
    "bad_input": 50,
}


@dataclass(frozen=True)
class Step:
    """name: unique. command: the arguments of ./dev. hosts: those of the bed that it needs, none if it needs no bed."""

    name: str
    command: tuple[str, ...]
    hosts: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Its name without the hosts: what it takes hardly depends on them."""
        return self.name.partition(" on ")[0]


STEPS = [
    Step("bare", ("bare",)),
    Step("sanity newest", ("sanity", "newest")),
    Step("sanity oldest", ("sanity", "oldest")),
    *(Step(f"units {python}", ("units", python)) for python in ("newest", "3.14", "3.11", "3.9", "3.8")),
    Step("lint", ("lint",)),
    Step("package", ("package",)),
]


def scenarios(names: list[str], known: list[str], trios: list[list[str]]) -> list[Step]:
    """One step for each scenario and each trio of hosts; without trios, the one between takes turns with the scenarios."""
    found = []
    for name in names:
        usual = [[OLDEST, BETWEEN[known.index(name) % len(BETWEEN)], NEWEST]]
        for hosts in trios or usual:
            label = f"{name} on {' '.join(hosts)}" if len(trios) > 1 else name
            found.append(Step(label, ("scenario", name), ("fleet",) if name.startswith("fleet_") else tuple(hosts)))
    return found


class Durations:
    """How long each step took when it last passed, kept from run to run: what takes longest begins first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: dict[str, float] = {}
        with contextlib.suppress(OSError, ValueError):
            self._seconds = {str(kind): float(seconds) for kind, seconds in json.loads(path.read_text(encoding="utf-8")).items()}

    def expected(self, step: Step) -> float:
        return self._seconds.get(step.kind, LONGER.get(step.kind, USUAL))

    def note(self, step: Step, seconds: float) -> None:
        self._seconds[step.kind] = round(seconds, 1)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        beside.write_text(json.dumps(self._seconds, indent=1, sort_keys=True), encoding="utf-8")
        beside.replace(self._path)


def following(waiting: list[Step], hosts: tuple[str, ...], durations: Durations) -> Step | None:
    """The next one for a worker whose bed has these hosts: the longest, or one of at least half its length that needs no other
    hosts booted. Steps that need no bed are left to the worker that has none, as long as there are others."""
    order = sorted(waiting, key=lambda step: (not step.hosts, -durations.expected(step)))
    if not order:
        return None
    half = durations.expected(order[0]) / 2
    return next((step for step in order if () != step.hosts == hosts and durations.expected(step) >= half), order[0])


def following_without_bed(waiting: list[Step], durations: Durations) -> Step | None:
    """The longest one that needs no bed."""
    return max((step for step in waiting if not step.hosts), key=durations.expected, default=None)
