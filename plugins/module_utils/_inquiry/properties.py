# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a unit: the property of systemd, the key of the answer, its type. Source: org.freedesktop.systemd1(5).

None of them is free text of a unit's author that may hold a line break: show prints such text as it is (ExecStart), or
not at all (Description, which is "[unprintable]" then).
"""

from __future__ import annotations

from . import property_values
from .property_values import Reader

# key, property, reader
COMMON: tuple[tuple[str, str, Reader], ...] = (
    ("id", "Id", property_values.text),
    ("description", "Description", property_values.text),
    ("load_state", "LoadState", property_values.text),
    ("load_error", "LoadError", property_values.error),
    ("active_state", "ActiveState", property_values.text),
    ("sub_state", "SubState", property_values.text),
    ("result", "Result", property_values.text),
    ("unit_file_state", "UnitFileState", property_values.text),
    ("preset", "UnitFilePreset", property_values.text),
    ("fragment_path", "FragmentPath", property_values.text),
    ("drop_in_paths", "DropInPaths", property_values.paths),
    ("needs_daemon_reload", "NeedDaemonReload", property_values.truth),
    ("invocation_id", "InvocationID", property_values.text),
    ("triggers", "Triggers", property_values.words),
    ("triggered_by", "TriggeredBy", property_values.words),
)

_RESOURCES: tuple[tuple[str, str, Reader], ...] = (
    ("memory", "MemoryCurrent", property_values.number),
    ("memory_peak", "MemoryPeak", property_values.number),
    ("tasks", "TasksCurrent", property_values.number),
    ("cpu_seconds", "CPUUsageNSec", property_values.seconds),
)

BY_TYPE: dict[str, tuple[tuple[str, str, Reader], ...]] = {
    "service": (
        ("service_type", "Type", property_values.text),
        ("user", "User", property_values.text),
        ("main_pid", "MainPID", property_values.process),
        ("restarts", "NRestarts", property_values.number),
        ("started", "ExecMainStartTimestamp", property_values.moment),
        ("exit_code", "ExecMainCode", property_values.exit_code),
        ("exit_status", "ExecMainStatus", property_values.number),
        ("status_text", "StatusText", property_values.text),
        *_RESOURCES,
    ),
    "socket": (
        ("listen", "Listen", property_values.listeners),
        ("accept", "Accept", property_values.truth),
        ("connections", "NConnections", property_values.number),
        ("accepted", "NAccepted", property_values.number),
        *_RESOURCES,
    ),
    "timer": (
        ("calendar", "TimersCalendar", property_values.schedule),
        ("monotonic", "TimersMonotonic", property_values.schedule),
        ("last_trigger", "LastTriggerUSec", property_values.moment),
        ("persistent", "Persistent", property_values.truth),
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
