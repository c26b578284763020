# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transaction on one host has come to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Mapping, Sequence


@dataclass(frozen=True)
class Fate:
    """has_failed: it stops the run. may_serve: the host may be in service, if what it runs was seen healthy. bare: what is
    told where the host runs nothing of the kind.
    """

    has_failed: bool
    may_serve: bool
    told: str
    bare: str = ""


_UNSEEN = "nothing was changed on it by this run, but it is not known to run a version that was seen healthy"
FATES = {
    "same": Fate(False, True, "was so already", "has nothing, as before"),
    "new": Fate(False, True, "was changed", "has nothing any more"),
    "held": Fate(True, True, "nothing was done to it", _UNSEEN),
    "waiting": Fate(False, True, "nothing was done, as its batch had failed already", _UNSEEN),
    "refused": Fate(True, True, "nothing was changed on it", _UNSEEN),
    "put_back": Fate(
        True, True, "it has put itself back and runs what it ran before", "it has put itself back, and runs nothing: it had none"
    ),
    "broken": Fate(True, False, "NOT everything could be put back on it; look at it"),
    "unknown": Fate(True, False, "what it runs now is not known; look at it"),
    "away": Fate(True, False, "it could not be reached, and nothing was done to it"),
    "lost": Fate(True, False, "the connection was lost during the run; what the host runs now is unknown, look at it"),
}


@dataclass(frozen=True)
class Outcome:
    """fate: a key of FATES. why: what the host or a hook said. rollback_state: the state that takes it back, if anything does.

    is_proven: the host is known to run a version that was seen healthy. units: unit → the invocation and the restarts it had
    when the transaction was over. releases: unit → digest; stamps: unit → that of its configuration; renewed: units that got
    another release.
    """

    fate: str
    why: str = ""
    rollback_state: str | None = None
    units: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    renewed: Sequence[str] = ()
    is_proven: bool = False

    @property
    def meaning(self) -> Fate:
        return FATES[self.fate]

    @property
    def is_well(self) -> bool:
        """It may be in service."""
        return self.meaning.may_serve and self.is_proven

    @property
    def told(self) -> str:
        return self.meaning.told if self.is_proven or not self.meaning.bare else self.meaning.bare

    def as_result(self) -> dict[str, Any]:
        return asdict(self)


# What the playbooks have registered for a host, and judge() reads.
HELD, DRAINED, FAILURE, LOOKED = "deploy_held", "deploy_drained", "deploy_failure", "deploy_looked"
PYTHON, RESULT = "__daemons_python", "__daemons_result"


def judge(known: Mapping[str, Any], was_looked_at: bool = False) -> Outcome:
    """known: the variables of the host that the tasks of the batch have registered.

    was_looked_at: before the transaction in check mode; who could not be reached then was not tried again.
    """
    python, result = known.get(PYTHON) or {}, known.get(RESULT) or {}
    is_proven = result.get("proven") is True
    if known.get(HELD) is not None:  # the result is then the one of the look before
        return Outcome("held" if known[HELD] else "waiting", known[HELD] or "", is_proven=is_proven)
    if python.get("unreachable"):
        return Outcome("away", _text(python))
    if result.get("unreachable"):
        is_untouched = (was_looked_at and not known.get(DRAINED)) or never_connected(_text(result))
        return Outcome("away" if is_untouched else "lost", _text(result))
    if not result or result.get("skipped"):
        return Outcome("held", _of_python(python) or f"{known.get(FAILURE) or 'the role did not come to its transaction'}")
    has_stopped = (known.get(LOOKED) or {}).get("stop")  # the result is that of the look before
    if has_stopped and not result.get("problems"):
        return Outcome("waiting", is_proven=is_proven)
    if result.get("failed"):
        return Outcome(_fate_of_failure(result), _text(result), is_proven=is_proven, **_running(result))
    return Outcome(
        fate="new" if result.get("changed") else "same",
        rollback_state=result.get("rollback_state"),
        is_proven=is_proven,
        renewed=_renewed(result),
        **_running(result),
    )


def _running(result: Mapping[str, Any]) -> dict[str, Any]:
    """What the host runs when the transaction is over; of one that failed only where it was put back."""
    units = result.get("units") or {}
    if result.get("failed") and not result.get("reverted"):
        return {}
    return {
        "units": {name: {key: unit.get(key) for key in _KEPT} for name, unit in units.items()},
        "releases": {name: unit["release"] for name, unit in units.items() if unit.get("release")},
        "stamps": {name: unit["stamp"] for name, unit in units.items() if unit.get("stamp")},
    }


_KEPT = ("active_state", "invocation_id", "restarts")


def _renewed(result: Mapping[str, Any]) -> list[str]:
    """The units whose release is another one now: what was linked as `current` in the directory of their daemon."""
    linked = [str(action.get("target", "")) for action in result.get("actions") or () if action.get("action") == "link"]
    homes = {path.split("/")[-2] for path in linked if path.endswith("/current")}
    return [name for name, unit in (result.get("units") or {}).items() if unit.get("release") and _stem(name) in homes]


def _stem(unit: str) -> str:
    return unit.rpartition(".")[0].partition("@")[0]


def never_connected(message: str) -> bool:
    """ssh(1) could not even begin: no command was run. Words of OpenSSH, before a session is open."""
    return any(words in message for words in _NEVER)


_NEVER = (
    "ssh: connect to host",
    "Could not resolve hostname",
    "Host key verification failed",
    "Permission denied (",
    "kex_exchange_identification",
    "Connection timed out during banner exchange",
    "No route to host",
)


def _fate_of_failure(result: Mapping[str, Any]) -> str:
    if result.get("problems") or _UNTOUCHED in _text(result):
        return "refused"
    if "reverted" in result:
        return "put_back" if result["reverted"] else "broken"
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
