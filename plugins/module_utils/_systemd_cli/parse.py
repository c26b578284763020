# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of systemctl and journalctl → values. Tested on the real output of each supported version."""

from __future__ import annotations

import json
import re
from typing import Any, Mapping, Sequence

from .._checks.verify_output import Verdict
from .._plan.observed import Exposure, Identity, UnitState
from .._text import lines_in
from .._unitfile.quoting import split_shown
from .._unitfile.values import seconds
from .show_output import blocks, number


def unit_states(names: Sequence[str], output: str) -> dict[str, UnitState]:
    """`systemctl show` of several units: blocks in the order of the names, separated by blank lines.

    The name asked for is kept: Id is another one for an alias. What patterns at the end have brought goes by its Id.
    """
    found = blocks(output)
    states = {name: unit_state(name, shown) for name, shown in zip(names, found)}
    states.update({shown["Id"]: unit_state(shown["Id"], shown) for shown in found[len(names) :]})
    return states


def names_shown(output: str) -> list[str]:
    """`systemctl show` of Id and LoadState: the units that there are."""
    return [shown["Id"] for shown in blocks(output) if shown.get("LoadState", "not-found") != "not-found"]


def refused_jobs(stderr: str) -> tuple[list[str], str]:
    """The units whose jobs systemctl was refused (systemd.unit(5), "RefuseManualStart="), and what else it has said.

    The words are the same in systemd 247 to 262: bus_unit_queue_job() of src/core/dbus-unit.c.
    """
    refused = _REFUSED.findall(stderr)
    others = [line for line in lines_in(stderr) if line.strip() and not _REFUSED.search(line)]
    if all(_HINT.match(line) for line in others):
        others = []
    return list(dict.fromkeys(refused)), "\n".join(others)


def is_all_or_nothing(stderr: str) -> bool:
    """systemctl 258 and later queue the jobs of one call together: where one is refused, there is none."""
    return stderr.startswith("Failed to enqueue jobs")


_REFUSED = re.compile(r"Operation refused, unit (\S+) may be requested by dependency only")
_HINT = re.compile(r"See (system|user) logs and 'systemctl ")


def all_properties(output: str) -> dict[str, str]:
    """`systemctl show` of one unit. A command line may hold line breaks, which are printed as they are."""
    found: dict[str, str] = {}
    key = ""
    for line in lines_in(output):
        begun = key.startswith("Exec") and found[key].startswith("{") and not found[key].endswith("}")
        if not begun and _ASSIGNMENT.match(line):
            key, _equals, value = line.partition("=")
            found[key] = value.strip()
        elif key:
            found[key] = f"{found[key]}\n{line}"
    return {key: value.strip() for key, value in found.items()}


_ASSIGNMENT = re.compile(r"[A-Z][A-Za-z0-9]*=")


def unit_state(name: str, shown: Mapping[str, str]) -> UnitState:
    return UnitState(
        name=name,
        load=shown.get("LoadState", "not-found"),
        active=shown.get("ActiveState", "inactive"),
        sub=shown.get("SubState", "dead"),
        result=shown.get("Result", ""),
        file_state=shown.get("UnitFileState", ""),
        needs_reload=shown.get("NeedDaemonReload") == "yes",
        main_pid=number(shown, "MainPID"),
        restarts=number(shown, "NRestarts"),
        invocation=shown.get("InvocationID", ""),
        exit_code=number(shown, "ExecMainCode"),
        exit_status=number(shown, "ExecMainStatus"),
        started=number(shown, "ExecMainStartTimestampMonotonic"),
        left=number(shown, "InactiveExitTimestampMonotonic"),
        entered=number(shown, "ActiveEnterTimestampMonotonic"),
        # Of a unit that was never started, or that was unloaded since, ConditionResult is no without having been asked.
        condition_met=shown.get("ConditionResult") != "no" or number(shown, "ConditionTimestampMonotonic") == 0,
        can_reload=shown.get("CanReload") == "yes",
        fragment=shown.get("FragmentPath", ""),
        runs_once=shown.get("Type") == "oneshot" and shown.get("RemainAfterExit") != "yes",
        refuses_start=shown.get("RefuseManualStart") == "yes",
        dropins=split_shown(shown.get("DropInPaths", "")),
        identity=identity_of(shown),
        environment_files=environment_files(shown.get("EnvironmentFiles", "")),
        job=number(shown, "Job"),
        is_frozen=shown.get("FreezerState", "").startswith(("frozen", "freezing")),
        start_timeout=seconds(shown.get("TimeoutStartUSec", "")),
        triggered_by=_words(shown, "TriggeredBy"),
        required_by=_words(shown, "RequiredBy", "RequisiteOf", "BoundBy"),
        followed_by=_words(shown, "ConsistsOf", "PropagatesStopTo"),
    )


def identity_of(shown: Mapping[str, str]) -> Identity:
    """As whom its processes are to run; nobody where that is not an account of the host (DynamicUser=)."""
    if shown.get("DynamicUser") == "yes":
        return Identity()
    return Identity(shown.get("User", ""), shown.get("Group", ""), split_shown(shown.get("SupplementaryGroups", "")))


def environment_files(value: str) -> tuple[tuple[str, bool], ...]:
    """ "/etc/default/web (ignore_errors=no)", a line each → the path or pattern, and whether it may be missing."""
    found = (_ENVIRONMENT_FILE.fullmatch(line) for line in lines_in(value))
    return tuple((match.group(1), match.group(2) == "yes") for match in found if match)


_ENVIRONMENT_FILE = re.compile(r"(/.*) \(ignore_errors=(yes|no)\)")


def _words(shown: Mapping[str, str], *keys: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for key in keys for word in split_shown(shown.get(key, ""))))


def exposures(output: str) -> dict[str, Exposure]:
    """`systemd-analyze security` of several services: a table each, and below it the score with the name of the service.

    Of a template it makes up an instance, whose name is another one in each version; it goes by the template's here.
    """
    found: dict[str, Exposure] = {}
    gaps: list[tuple[str, float]] = []
    for line in lines_in(output):
        score = _SCORE.search(line)
        gap = _GAP.match(line)
        if score:
            largest = sorted(gaps, key=lambda each: -each[1])
            found[_MADE_UP.sub(r"\1@.service", score.group(1))] = Exposure(float(score.group(2)), tuple(largest))
            gaps = []
        elif gap:
            gaps.append((gap.group(1), float(gap.group(2))))
    return found


_SCORE = re.compile(r"Overall exposure level for (\S+): ([0-9.]+)")
# A mark, the directive, what it means, and how much it adds; what adds nothing has no number.
_GAP = re.compile(r"\S+ (\S+=\S*)\s{2,}\S.*\s([0-9]+\.[0-9])$")
_MADE_UP = re.compile(r"(.+)@(?:i|test[-_]instance)\.service")


def directives(output: str) -> dict[str, frozenset[str]]:
    """`systemd --dump-configuration-items`: section → its directives. Lines are [Section] and Directive=KIND."""
    found: dict[str, set[str]] = {}
    keys: set[str] = set()
    for line in lines_in(output):
        if line.startswith("["):
            keys = found.setdefault(line.strip("[] "), set())
        elif "=" in line:
            keys.add(line.partition("=")[0])
    return {section: frozenset(keys) for section, keys in found.items() if keys}


def verdicts(output: str, directory: str) -> list[Verdict]:
    """`systemd-analyze verify` of files below a directory: its lines, in order. What is about other files has no path."""
    found = []
    for line in filter(None, lines_in(output)):
        match = _AT_A_LINE.fullmatch(line)
        if match and match.group(1).startswith(f"{directory}/"):
            found.append(Verdict(match.group(3), path=match.group(1)[len(directory) + 1 :], line=int(match.group(2))))
        elif not match:
            match = _ABOUT_A_UNIT.fullmatch(line)
            found.append(Verdict(match.group(2), unit=match.group(1)) if match else Verdict(line))
    return found


_AT_A_LINE = re.compile(r"(/[^:]+):([0-9]+): (.*)")
_ABOUT_A_UNIT = re.compile(r"([^ /]+\.[a-z]+): (.*)")


def journal_lines(output: str) -> list[str]:
    """`journalctl -o json` → messages, entries without one left out.

    MESSAGE is null for one that is too long, a list of numbers where it is no UTF-8, a list of texts where an entry has
    several.
    """
    entries = [json.loads(line) for line in lines_in(output) if line.startswith("{")]
    return [_message(entry["MESSAGE"]) for entry in entries if "MESSAGE" in entry]


def _message(value: Any) -> str:
    if isinstance(value, list) and not all(isinstance(item, int) for item in value):
        return "; ".join(_message(item) for item in value)
    if isinstance(value, list):
        return bytes(value).decode("utf-8", "replace")
    return "(a message too long to show)" if value is None else str(value)
