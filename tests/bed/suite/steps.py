# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to test: the steps of `./dev test`, and on which hosts each scenario runs."""

from __future__ import annotations

from dataclasses import dataclass

OLDEST, NEWEST = "debian11", "debian14"
BETWEEN = ("debian12", "debian12-backports", "debian13")
ALL_VERSIONS = [[OLDEST, "debian12", NEWEST], ["debian12", "debian12-backports", "debian13"]]

# What takes longest begins first, so that no processor is idle in the end.
LONG = (
    *("bare", "killed", "sanity newest", "sanity oldest", "examples", "fleet_deploy", "releases", "enabling", "scopes", "verbs"),
    *("targets", "xinetd", "wsgi", "start_failures", "credentials", "lint", "units newest"),
)


@dataclass(frozen=True)
class Step:
    """name: unique. command: the arguments of ./dev. hosts: those of the bed that it needs, none if it needs no bed."""

    name: str
    command: tuple[str, ...]
    hosts: tuple[str, ...] = ()

    @property
    def is_long(self) -> bool:
        return self.name.partition(" on ")[0] in LONG


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
    return in_order(found)


def in_order(steps: list[Step]) -> list[Step]:
    def place(step: Step) -> int:
        name = step.name.partition(" on ")[0]
        return LONG.index(name) if name in LONG else len(LONG)

    return sorted(steps, key=place)
