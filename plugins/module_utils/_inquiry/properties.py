# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a unit: the property of systemd, the key of the answer, its type. Source: org.freedesktop.systemd1(5).

None of them is free text of a unit's author that may hold a line break: show prints such text as it is (ExecStart), or
not at all (Description, which is "[unprintable]" then).
"""

from __future__ import annotations

from . import values
from .values import Reader

# key, property, reader
COMMON: tuple[tuple[str, str, Reader], ...] = (
    ("id", "Id", values.text),
    ("description", "Description", values.text),
    ("load_state", "LoadState", values.text),
    ("load_error", "LoadError", values.error),
    ("active_state", "ActiveState", values.text),
    ("sub_state", "SubState", values.text),
    ("result", "Result", values.text),
    ("unit_file_state", "UnitFileState", values.text),
    ("preset", "UnitFilePreset", values.text),
    ("fragment_path", "FragmentPath", values.text),
    ("drop_in_paths", "DropInPaths", values.paths),
    ("needs_daemon_reload", "NeedDaemonReload", values.truth),
    ("invocation_id", "InvocationID", values.text),
    ("triggers", "Triggers", values.words),
    ("triggered_by", "TriggeredBy", values.words),
)

_RESOURCES: tuple[tuple[str, str, Reader], ...] = (
    ("memory", "MemoryCurrent", values.number),
    ("memory_peak", "MemoryPeak", values.number),
    ("tasks", "TasksCurrent", values.number),
    ("cpu_seconds", "CPUUsageNSec", values.seconds),
)

BY_TYPE: dict[str, tuple[tuple[str, str, Reader], ...]] = {
    "service": (
        ("service_type", "Type", values.text),
        ("user", "User", values.text),
        ("main_pid", "MainPID", values.process),
        ("restarts", "NRestarts", values.number),
        ("started", "ExecMainStartTimestamp", values.moment),
        ("exit_code", "ExecMainCode", values.exit_code),
        ("exit_status", "ExecMainStatus", values.number),
        ("status_text", "StatusText", values.text),
        *_RESOURCES,
    ),
    "socket": (
        ("listen", "Listen", values.listeners),
        ("accept", "Accept", values.truth),
        ("connections", "NConnections", values.number),
        ("accepted", "NAccepted", values.number),
        *_RESOURCES,
    ),
    "timer": (
        ("calendar", "TimersCalendar", values.schedule),
        ("monotonic", "TimersMonotonic", values.schedule),
        ("last_trigger", "LastTriggerUSec", values.moment),
        ("persistent", "Persistent", values.truth),
    ),
    "mount": _RESOURCES,
    "scope": _RESOURCES,
    "slice": _RESOURCES,
    "swap": _RESOURCES,
}

# What an answer is made of besides: since when, whether its conditions were met, when a timer is next, its release.
_INTERPRETED = (
    *("ActiveEnterTimestamp", "ActiveExitTimestamp", "InactiveEnterTimestamp", "InactiveExitTimestamp"),
    *("ConditionResult", "ConditionTimestamp", "NextElapseUSecRealtime", "NextElapseUSecMonotonic", "LogExtraFields"),
    # Whether a restart would run something else.
    *("Group", "SupplementaryGroups", "DynamicUser", "EnvironmentFiles"),
    *("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic"),
)

# Relations: what the unit pulls in, and what pulls it in, which is the same read from the other end; then the others.
PULLS_IN = {
    "requires": "Requires",
    "requisite": "Requisite",
    "binds_to": "BindsTo",
    "wants": "Wants",
    "upholds": "Upholds",
    "consists_of": "ConsistsOf",
}
PULLED_IN_BY = {
    "required_by": "RequiredBy",
    "requisite_of": "RequisiteOf",
    "bound_by": "BoundBy",
    "wanted_by": "WantedBy",
    "upheld_by": "UpheldBy",
    "part_of": "PartOf",
}
RELATIONS = {
    **PULLS_IN,
    **PULLED_IN_BY,
    "conflicts": "Conflicts",
    "conflicted_by": "ConflictedBy",
    "after": "After",
    "before": "Before",
    "on_failure": "OnFailure",
    "on_success": "OnSuccess",
}


def asked(with_relations: bool) -> tuple[str, ...]:
    """All properties, in one call: of another type of unit show leaves them out."""
    columns = [property_ for table in (COMMON, *BY_TYPE.values()) for _key, property_, _reader in table]
    return tuple(dict.fromkeys([*columns, *_INTERPRETED, *(RELATIONS.values() if with_relations else ())]))
