# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet costs that is larger than can be booted here, from what each further host costs."""

from __future__ import annotations

from dataclasses import dataclass

from results import Results

FORKS, PROCESSORS = 100, 8


@dataclass(frozen=True)
class Costs:
    """Of a run without a change. alone: seconds of a run for one host. cpu, main: the controller's CPU seconds that each
    further host adds, all and those of the first process. fork: MiB that each further worker takes.
    """

    alone: float
    cpu: float
    main: float
    fork: float

    def wall(self, hosts: int, forks: int, processors: int) -> float:
        """Seconds: the tightest of three. The first process hands out all work by itself; the workers share the
        processors; and no more than `forks` hosts are waited for at a time.
        """
        return self.alone + max(hosts * self.main, hosts * self.cpu / processors, hosts / forks * self.alone)


def costs_of(results: Results, contender: str) -> Costs | None:
    """From the runs for one host and for the most that were measured."""
    most = max((case.hosts for case in results.cases.values() if case.median(contender, "same")), default=1)
    if most == 1:
        return None

    def further(key: str) -> float:
        one, many = (results.median(hosts, 2, contender, "same", key) for hosts in (1, most))
        return max(0.0, (many or 0) - (one or 0)) / (most - 1)

    alone = results.median(1, 2, contender, "same")
    return None if alone is None else Costs(alone, further("cpu"), further("main"), further("memory"))
