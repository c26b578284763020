# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transaction on one host has come to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Mapping


@dataclass(frozen=True)
class Fate:
    """has_failed: it stops the run. is_well: what runs on the host was seen to be healthy, so that it may be in service."""

    has_failed: bool
    is_well: bool
    told: str


FATES = {
    "same": Fate(False, True, "was so already"),
    "new": Fate(False, True, "was changed"),
    "held": Fate(True, True, "nothing was done to it"),
    "waiting": Fate(False, True, "nothing was done, as its batch had failed already"),
    "refused": Fate(True, True, "nothing was changed on it"),
    "put_back": Fate(True, True, "it has put itself back and runs what it ran before"),
    "broken": Fate(True, False, "NOT everything could be put back on it; look at it"),
    "unknown": Fate(True, False, "what it runs now is not known; look at it"),
    "away": Fate(True, False, "it could not be reached, and nothing was done to it"),
    "lost": Fate(True, False, "the connection was lost in the midst; what it runs now is not known, look at it"),
}


@dataclass(frozen=True)
class Outcome:
    """fate: a key of FATES. why: what the host or a hook said. way_back: the state that takes it back, if anything does.

    units: unit → the invocation and the restarts it had when the transaction was over. releases: unit → digest.
    """

    fate: str
    why: str = ""
    way_back: str | None = None
    units: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)

    @property
    def meaning(self) -> Fate:
        return FATES[self.fate]

    def as_result(self) -> dict[str, Any]:
        return asdict(self)


# What the playbooks have registered for a host, and judge() reads.
HELD, DRAINED, FAILURE = "deploy_held", "deploy_drained", "deploy_failure"
PYTHON, RESULT = "__daemons_python", "__daemons_result"


def judge(known: Mapping[str, Any], was_looked_at: bool = False) -> Outcome:
    """known: the variables of the host that the tasks of the batch have registered.

    was_looked_at: before the transaction in check mode; who could not be reached then was not tried again.
    """
    if known.get(HELD) is not None:  # the result is then the one of the look before
        return Outcome("held", known[HELD]) if known[HELD] else Outcome("waiting")
    python, result = known.get(PYTHON) or {}, known.get(RESULT) or {}
    if python.get("unreachable"):
        return Outcome("away", _text(python))
    if result.get("unreachable"):
        return Outcome("away" if was_looked_at and not known.get(DRAINED) else "lost", _text(result))
    if not result or result.get("skipped"):
        return Outcome("held", _of_python(python) or f"{known.get(FAILURE) or 'the role did not come to its transaction'}")
    if result.get("failed"):
        return Outcome(_fate_of_failure(result), _text(result))
    units = result.get("units") or {}
    return Outcome(
        fate="new" if result.get("changed") else "same",
        way_back=result.get("way_back"),
        units={name: {key: unit.get(key) for key in _KEPT} for name, unit in units.items()},
        releases={name: unit["release"] for name, unit in units.items() if unit.get("release")},
    )


_KEPT = ("active_state", "invocation_id", "restarts")


def _fate_of_failure(result: Mapping[str, Any]) -> str:
    if result.get("problems") or _UNTOUCHED in _text(result):
        return "refused"
    if "rolled_back" in result:
        return "put_back" if result["rolled_back"] else "broken"
    return "unknown"  # the module itself has died, or what it said was lost


# What a run says that was stopped before it began: another one holds the lock, the disk is full, a release cannot be built.
_UNTOUCHED = "Nothing was changed"


def _of_python(python: Mapping[str, Any]) -> str:
    if not python.get("failed"):
        return ""
    return f"Python could not be installed: {str(python.get('stderr') or _text(python)).strip()}"


def _text(result: Mapping[str, Any]) -> str:
    text = str(result.get("msg") or "it gave no reason").strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
