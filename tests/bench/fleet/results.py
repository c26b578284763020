# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, kept in a file after each round, so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Iterable

from measuring import Sample

ROOT = Path(__file__).parents[3]
FILE = ROOT / "tests" / "output" / "fleet.json"


def revision() -> str:
    """What changes when another code would be measured."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*ROOT.glob("plugins/**/*"), *here.glob("ways/**/*"), here / "workload.py", here / "contenders.py"]):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@dataclass
class Case:
    """time: of the last round. rounds: for each, "contender/step" → sample. failures: contender → why it does not take part
    any more. versions: package → version, of all that take part.
    """

    hosts: int
    daemons: int
    revision: str
    contenders: list[str]
    time: str = ""
    rounds: list[dict[str, dict[str, float]]] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.hosts}x{self.daemons}"

    def add(self, samples: dict[tuple[str, str], Sample]) -> None:
        self.time = datetime.now().isoformat(timespec="seconds")
        self.rounds.append({"/".join(key): sample.as_dict() for key, sample in samples.items()})

    def median(self, contender: str, step: str, key: str = "wall") -> float | None:
        found = [each[f"{contender}/{step}"].get(key, 0.0) for each in self.rounds if f"{contender}/{step}" in each]
        return median(found) if found else None


@dataclass
class Results:
    cases: dict[str, Case] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Results:
        if not FILE.exists():
            return cls()
        kept = json.loads(FILE.read_text())
        return cls({name: Case(**case) for name, case in kept.items()})

    def save(self) -> None:
        kept = {name: vars(case) for name, case in self.cases.items()}
        FILE.parent.mkdir(parents=True, exist_ok=True)
        beside = FILE.with_suffix(".new")
        beside.write_text(json.dumps(kept, indent=1))
        beside.replace(FILE)

    def case(self, hosts: int, daemons: int, contenders: Iterable[str], is_fresh: bool) -> Case:
        """The one to go on with: another code or another set of contenders cannot be compared with what there is."""
        new = Case(hosts, daemons, revision(), list(contenders))
        old = self.cases.get(new.name)
        if old is None or is_fresh or (old.revision, old.contenders) != (new.revision, new.contenders):
            self.cases[new.name] = new
        return self.cases[new.name]

    def of_one_code(self) -> Results:
        """Those that can be compared: of the code that was measured last."""
        measured = [case for case in self.cases.values() if case.rounds]
        last = max(measured, key=lambda case: case.time, default=None)
        return Results({case.name: case for case in measured if last and case.revision == last.revision})

    def median(self, hosts: int, daemons: int, contender: str, step: str, key: str = "wall") -> float | None:
        case = self.cases.get(f"{hosts}x{daemons}")
        return case.median(contender, step, key) if case else None
