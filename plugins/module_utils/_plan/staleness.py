# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a process run what a restart would run? The one answer of the plan, of `kept`, of unit_info and of stack_info.

A process carries the stamp of what its stack has declared (stamp.py). A start applies more than that: drop-ins of persons,
packages and other stacks, environment files, credentials, the groups of its user. What they were is on record for each
start that a run has seen. Of any other start the clock tells, and where it cannot, what the process itself shows.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from .._dataclasses import dataclass
from .observed import Foreign, Given, UnitState

# ctime was seen up to 5 ms behind the clock that stamps a unit's start.
MARGIN = 10_000

DROP_IN, UNIT_FILE, ENVIRONMENT, CREDENTIAL = "drop-in", "unit file", "environment file", "credential"
FILE, GROUPS, GONE = "file", "groups", "drop-in that is gone"
# Of whom the clock tells. A package writes its unit files again though they are the same, and groups have no time.
_TIMED = (DROP_IN, ENVIRONMENT, CREDENTIAL, FILE)
_RELOAD = " (reload)"
BY_ITS_TIME = "by its time"  # in place of a digest that must not be made


@dataclass(frozen=True)
class Causes:
    """Why a restart, or a reload, would bring something else than the stamp tells; clauses after the name of the unit.

    missed: files without which it cannot be started.
    """

    restart: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


def lacks(stamp: str, state: UnitState, record: Mapping[str, Any] | None) -> bool | None:
    """Was it started without what this stamp stands for? None: neither the record nor the process tells.

    record: of the start that it is in.
    """
    if record is not None and is_trusted(record, state):
        return bool(record["stamp"] != stamp)
    return stamp not in state.stamps if state.stamps else None


def is_trusted(record: Mapping[str, Any], state: UnitState) -> bool:
    """Older releases of the collection have recorded a reload as if it had brought everything."""
    return "start" in record or not state.stamps or record["stamp"] in state.stamps


def causes_of(
    state: UnitState, record: Mapping[str, Any] | None, last: Mapping[str, Any] | None, foreign: Sequence[Foreign]
) -> Causes:
    """record: of the start that the unit is in; last: of the last start that was seen, whichever that is."""
    given = record.get("foreign") if record else None
    restart = [_words(each) for each in foreign if _restarts(each, state, given)]
    reload = [_words(each) for each in foreign if each.reload and _differs(each, each.reload, _RELOAD, state, given)]
    if given is not None:
        there = {key_of(each) for each in foreign}
        gone = [key for key in given if key.startswith(DROP_IN) and key.replace(_RELOAD, "") not in there]
        restart += [f"the {key} is gone" for key in gone if not key.endswith(_RELOAD)]
        reload += [f"the {key.replace(_RELOAD, '')} is gone" for key in gone if key.endswith(_RELOAD)]
    if record is None and not restart and last is not None and last.get("foreign") == given_by(foreign):
        restart += _unexplained(state, last)
    return Causes(tuple(restart), tuple(reload), tuple(each.path for each in foreign if each.is_missed))


def key_of(foreign: Foreign) -> str:
    """What it goes by on record: a drop-in by its name, wherever it lies, since one of a name is read."""
    if foreign.kind in (DROP_IN, GONE):
        return f"{DROP_IN} {foreign.path.rpartition('/')[2]}"
    return foreign.kind if foreign.kind in (UNIT_FILE, GROUPS) else f"{foreign.kind} {foreign.path}"


def given_by(foreign: Iterable[Foreign]) -> dict[str, str]:
    """What a start applies now, as it is recorded."""
    found = {key_of(each): each.restart for each in foreign if each.restart}
    found.update({key_of(each) + _RELOAD: each.reload for each in foreign if each.reload})
    return found


def is_older(foreign: Foreign, state: UnitState) -> bool:
    return foreign.changed + MARGIN <= state.since


def _restarts(each: Foreign, state: UnitState, given: Mapping[str, str] | None) -> bool:
    if each.is_missed:
        return True
    if each.kind == GROUPS:
        return _has_other_groups(each, state, given)
    return _differs(each, each.restart, "", state, given)


def _differs(each: Foreign, digest: str, ending: str, state: UnitState, given: Mapping[str, str] | None) -> bool:
    known = given.get(key_of(each) + ending, "") if given is not None else ""
    # Such a file may have become one of another stack since, without a change.
    is_timed = BY_ITS_TIME in (known, digest) if known else each.kind == FILE
    if given is not None and not is_timed:
        return known != digest
    if each.kind == GONE:
        return not ending
    if not digest or each.kind not in _TIMED:
        return False
    is_unread = each.kind == DROP_IN and (state.needs_reload or not has_read(state, each.path))
    return is_unread or not is_older(each, state)


def has_read(state: UnitState, path: str) -> bool:
    return place_of(path) in {place_of(dropin) for dropin in state.dropins}


def unread_in(state: UnitState, foreign: Iterable[Foreign]) -> str:
    """A drop-in that systemd has not read yet, or has read though it is gone; "" where there is none."""
    if state.load != "loaded":
        return ""
    strange = (each for each in foreign if each.kind == GONE or (each.kind == DROP_IN and not has_read(state, each.path)))
    return next((each.path for each in strange), "")


def place_of(path: str) -> str:
    """/lib and /usr/lib are one on most hosts."""
    return f"/usr{path}" if path.startswith("/lib/") else path


def _has_other_groups(each: Foreign, state: UnitState, given: Mapping[str, str] | None) -> bool:
    """A process that has changed its groups by itself, as PAM modules do, is known by the record."""
    if state.given is None or (given is not None and given.get(GROUPS) == each.restart):
        return False
    return each.restart != groups_of(map(str, state.given.groups))


def groups_of(groups: Iterable[str]) -> str:
    return " ".join(sorted(groups))


def _words(each: Foreign) -> str:
    if each.is_missed:
        return f"{each.path} is gone"
    if each.kind == GROUPS:
        return f"the groups of its user {each.path} changed"
    if each.kind == GONE:
        return f"the drop-in {each.path} is gone"
    if each.kind != DROP_IN:
        whose = f" of the stack {each.stack}" if each.stack else ""
        return f"{each.path}{whose} changed"
    whose = f" of the stack {each.stack}" if each.stack else " that no stack has made"
    keys = sorted({key for _section, key in each.document.directives}) if each.document else []
    return f"the drop-in {each.path}{whose} changed" + (f" ({', '.join(f'{key}=' for key in keys)})" if keys else "")


# What a process shows of itself


# Set by systemd or by a shell, other ones at each start. systemd.exec(5), "ENVIRONMENT VARIABLES SET OR PROPAGATED".
_VOLATILE = ("INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "MAINPID", "MANAGERPID", "_", "SHLVL", "PWD", "OLDPWD")
_VOLATILE_KINDS = ("LISTEN_", "NOTIFY_", "WATCHDOG_", "TRIGGER_", "MONITOR_", "MEMORY_PRESSURE_", "SERVICE_", "EXIT_", "REMOTE_")


def traits_of(given: Given, declared: Mapping[str, str]) -> dict[str, Any]:
    """For the record of a start. declared: variables of Environment=; only those that the process has so are kept."""
    found: dict[str, Any] = {kind: text for kind, text in given.traits.items() if text}
    if given.variables:
        found["variables"] = sorted(_lasting(given))
        found["environment"] = {name: text for name, text in declared.items() if given.variables.get(name) == text}
    return found


def _lasting(given: Given) -> set[str]:
    return {name for name in given.variables if name not in _VOLATILE and not name.startswith(_VOLATILE_KINDS)}


def _unexplained(state: UnitState, last: Mapping[str, Any]) -> list[str]:
    """It was started again since its last record, by whomever, with what has gone since: a drop-in leaves no other trace.

    Each part is compared only where both starts show it.
    """
    known, given = last.get("traits"), state.given
    if not known or given is None or (state.stamps and last["stamp"] not in state.stamps):
        return []
    others = {name for name, text in known.get("environment", {}).items() if given.variables.get(name, text) != text}
    if "variables" in known and given.variables:
        others |= set(known["variables"]) ^ _lasting(given)
    found = [f"variable {name}" for name in sorted(others)]
    found += [kind for kind, text in given.traits.items() if text and known.get(kind, text) != text]
    return [f"it was started with what is gone by now (its {', '.join(found)})"] if found else []
