# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default target: what boot goes for, and with `isolate` what runs from now on."""

from __future__ import annotations

from typing import Any, Literal, Mapping, Sequence

from .._dataclasses import dataclass, field
from .._declaration.problems import Problems
from .._unitfile.suggest import did_you_mean
from . import isolation
from .connection import Ancestor, carriers
from .isolation import Units
from .target_names import DEFAULT, DOWN, target_of


@dataclass(frozen=True)
class Asked:
    target: str
    isolate: bool = False
    force: bool = False


@dataclass(frozen=True)
class Found:
    """What a name leads to on the disk. kind: file, masked or missing; name: of the unit itself, behind its aliases."""

    kind: Literal["file", "masked", "missing"]
    name: str
    path: str = ""


@dataclass(frozen=True)
class Seen:
    """default: what default.target leads to, wanted: what the name in the task does. targets: all that are installed.

    units: those of the running manager; None in an image. ancestors: of this process.
    """

    default: Found
    wanted: Found
    targets: Sequence[str] = ()
    units: Units | None = None
    ancestors: Sequence[Ancestor] = ()


@dataclass(frozen=True)
class Decision:
    """links: default.target is made to point to `path`. isolates: the target is isolated, which stops and starts these."""

    target: str
    previous: str
    path: str
    links: bool
    isolates: bool = False
    stops: Sequence[str] = field(default_factory=list)
    starts: Sequence[str] = field(default_factory=list)

    def as_result(self, stopped: Sequence[str], started: Sequence[str]) -> dict[str, Any]:
        return {
            "changed": self.links or self.isolates,
            "previous": self.previous,
            "default_target": self.target,
            "isolated": self.isolates,
            "stopped": list(stopped),
            "started": list(started),
        }

    def diff(self, link: str) -> dict[str, str]:
        before, after = (f"{link} -> {name}\n" if name else "" for name in (self.previous, self.target))
        return {"before_header": link, "after_header": link, "before": before, "after": after}


def asked_of(params: Mapping[str, Any]) -> Asked:
    """The module's parameters. Raises ValidationFailed."""
    problems = Problems()
    target = target_of(params["name"], problems)
    if params.get("isolate") and params.get("root"):
        problems.add("isolate", True, "nothing runs in an image", "Take isolate or root away.")
    root = params.get("root")
    if root and (not root.startswith("/") or root == "/"):
        problems.add("root", root, "is not the absolute path of an image's folder", "Write for example /srv/image.")
    problems.raise_if_any()
    return Asked(target, bool(params.get("isolate")), bool(params.get("force")))


def decide(asked: Asked, seen: Seen) -> Decision:
    """Raises ValidationFailed with all that speaks against it; nothing has been touched then."""
    problems = Problems()
    _check_wanted(asked, seen, problems)
    problems.raise_if_any()
    target = seen.wanted.name
    if target in DOWN and not asked.force:
        problem = "with this default target the host would go down at the end of each boot"
        problems.add("name", target, problem, _FORCE)
    if seen.units is not None:
        _check_needs(target, seen.units, problems)
        if asked.isolate:
            _check_isolation(asked, target, seen, seen.units, problems)
    problems.raise_if_any()
    isolates = asked.isolate and seen.units is not None and not isolation.is_isolated(target, seen.units)
    units = seen.units if isolates and seen.units is not None else {}
    return Decision(
        target=target,
        previous=seen.default.name if seen.default.kind != "masked" and seen.default != Found("missing", DEFAULT) else "",
        path=seen.wanted.path,
        links=(seen.default.kind, seen.default.name) != ("file", target),
        isolates=isolates,
        stops=isolation.stopped_by(target, units),
        starts=isolation.started_by(target, units),
    )


_FORCE = "Name another target, or add force: true if this is meant."


def _check_wanted(asked: Asked, seen: Seen, problems: Problems) -> None:
    if seen.wanted.kind == "masked":
        problems.add("name", asked.target, "this target is masked", "Unmask it first, for example with masked: false in a stack.")
    elif seen.wanted.kind == "missing":
        guess = did_you_mean(asked.target, [name for name in seen.targets if "@" not in name and name != DEFAULT])
        remedy = f"Did you mean {guess}?" if guess else "Deploy the target first."
        problems.add("name", asked.target, "there is no such target on the host", remedy)


def _check_needs(target: str, units: Units, problems: Problems) -> None:
    found = units.get(target)
    if found and found.load not in ("loaded", "not-found"):  # not found: new on the disk, and not read yet
        problem = f"systemd cannot load it ({found.load})"
        problems.add("name", target, problem, f"Fix what `systemctl status {target}` reports.")
    for who, needed in isolation.missing_needs(target, units):
        why = {"not-found": "does not exist", "masked": "is masked"}.get(needed.load, f"cannot be loaded ({needed.load})")
        remedy = f"Deploy {needed.name} first, or weaken the Requires= of {who} to Wants=."
        problems.add("name", target, f"it could not be reached: {who} requires {needed.name}, which {why}", remedy)


def _check_isolation(asked: Asked, target: str, seen: Seen, units: Units, problems: Problems) -> None:
    found = units.get(target)
    if found and found.load == "loaded" and not found.allows_isolation:
        remedy = f"Add AllowIsolate=yes to its [Unit] section, for example in a drop-in, or start {target} without isolate."
        problems.add("isolate", target, "systemd isolates a target only if that allows it", remedy)
    if asked.force:
        return
    ends = sorted(DOWN & set(isolation.pulled_in(target, units)))
    if ends:
        problems.add("isolate", target, f"it would take the host down at once ({', '.join(ends)})", _FORCE)
    lost = [name for name in carriers(seen.ancestors, units) if name in isolation.stopped_by(target, units)]
    if lost:
        problem = f"it would stop what the connection of this task needs: {', '.join(lost)}"
        remedy = f"Add Wants={lost[0]} to {target}, or IgnoreOnIsolate=yes to {lost[0]}, or force: true to the task."
        problems.add("isolate", target, problem, remedy)
