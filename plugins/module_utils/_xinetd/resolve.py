# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries → services with all their attributes. The defaults are merged as xinetd merges them.

Of what may be given once the first counts, and xinetd ignores the rest with a warning: so it is told here, too.
"""

from __future__ import annotations

from typing import Iterable, Mapping

from .._dataclasses import dataclass, field
from .._declaration.problems import Problems
from .._unitfile.suggest import did_you_mean
from .attribute_table import ANY, ATTRIBUTES, DROPPED, Attribute
from .config_syntax import DEFAULTS, Assignment, ConfigEntry, Configuration, Place
from .notes import Note

# `interface` is another name of `bind`.
_SYNONYMS = {"interface": "bind"}
# The sets that begin with the defaults that were read before the service; the others take them at the end, if at all.
_GROWING = ("log_on_success", "log_on_failure", "only_from", "no_access", "passenv")


@dataclass(frozen=True)
class Given:
    """The value of an attribute. place: of its last assignment; name: the attribute as it was written."""

    name: str
    values: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Service:
    """A service as xinetd has it. given: attribute → value, those of the defaults included."""

    name: str
    id: str
    entry: ConfigEntry
    given: Mapping[str, Given]
    is_enabled: bool
    notes: tuple[Note, ...] = ()

    @property
    def place(self) -> Place:
        return self.entry.place

    def values(self, attribute: str) -> tuple[str, ...]:
        return self.given[attribute].values if attribute in self.given else ()

    def has(self, attribute: str, value: str) -> bool:
        return value in self.values(attribute)


@dataclass
class _Reading:
    """The attributes of one entry so far."""

    service: str
    given: dict[str, Given] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def ignore(self, assignment: Assignment, why: str, remedy: str) -> None:
        value = " ".join(assignment.values)
        reason = f"xinetd ignores it: {why}"
        self.notes.append(Note(self.service, assignment.attribute, value, str(assignment.place), DROPPED, reason, remedy))


def resolve(configuration: Configuration, problems: Problems) -> tuple[list[Service], list[Note]]:
    """The services, and what is to be told of the defaults."""
    defaults = _Reading("")
    readings: list[tuple[ConfigEntry, _Reading]] = []
    seen: set[str] = set()
    for entry in configuration.entries:
        if entry.kind != DEFAULTS:
            reading = _Reading(entry.name, {name: defaults.given[name] for name in _GROWING if name in defaults.given})
            _read(entry, reading)
            readings.append((entry, reading))
        elif entry.place.path in seen:
            problem = "the file has defaults already, and xinetd ignores these"
            problems.add(str(entry.place), "defaults", problem, "Put all of them into one entry.")
        else:
            seen.add(entry.place.path)
            _read(entry, defaults)
    services = [_service(entry, reading, defaults) for entry, reading in readings]
    _check_ids(services, problems)
    return services, defaults.notes


def _service(entry: ConfigEntry, reading: _Reading, defaults: _Reading) -> Service:
    given = {name: value for name, value in defaults.given.items() if ATTRIBUTES[name].in_service}
    given.update(reading.given)
    name = given["id"].values[0] if "id" in given else entry.name
    enabled, disabled = (defaults.given.get(each) for each in ("enabled", "disabled"))
    is_off = "disable" in given and given["disable"].values[0] != "no"
    is_listed = (enabled is None or name in enabled.values) and (disabled is None or name not in disabled.values)
    return Service(entry.name, name, entry, given, is_listed and not is_off, tuple(reading.notes))


def _read(entry: ConfigEntry, reading: _Reading) -> None:
    for assignment in entry.assignments:
        attribute = ATTRIBUTES.get(assignment.attribute)
        is_defaults = entry.kind == DEFAULTS
        if attribute is None:
            guess = did_you_mean(assignment.attribute, ATTRIBUTES)
            remedy = f"Did you mean {guess}?" if guess else "Take it away."
            reading.ignore(assignment, "there is no such attribute", remedy)
        elif not (attribute.in_defaults if is_defaults else attribute.in_service):
            where = "a service" if is_defaults else "defaults"
            reading.ignore(assignment, f"it belongs into {where}", f"Move it into {where}, or take it away.")
        else:
            _assign(assignment, attribute, reading, is_defaults)


def _assign(assignment: Assignment, attribute: Attribute, reading: _Reading, is_defaults: bool) -> None:
    name = _SYNONYMS.get(attribute.name, attribute.name)
    known = reading.given.get(name)
    count = len(assignment.values)
    if attribute.values != ANY and count != attribute.values:
        wanted = "one value" if attribute.values == 1 else f"{attribute.values} values"
        reading.ignore(assignment, f"it takes {wanted}, and has {count}", "Put comments into lines of their own.")
    elif not attribute.is_set and known is not None and not (is_defaults and name == "log_type"):
        reading.ignore(assignment, f"it is set already ({known.place})", "Keep one of the two.")
    elif not attribute.is_set and assignment.operator != "=":
        reading.ignore(assignment, f"it knows no {assignment.operator}", "Write =.")
    elif name == "env" and assignment.operator == "-=":
        reading.ignore(assignment, f"it knows no {assignment.operator}", "Take the variable away where it is set.")
    else:
        adds = assignment.operator == "+=" or (is_defaults and assignment.operator == "=" and attribute.is_set)
        old = known.values if known and (adds or assignment.operator == "-=") else ()
        values = _combined(old, assignment.values, assignment.operator == "-=")
        # What is given in one word more than once counts once, but the order and repetition of arguments matters.
        final = tuple(dict.fromkeys(values)) if attribute.is_set else values
        reading.given[name] = Given(attribute.name, final, assignment.place)


def _combined(old: Iterable[str], new: Iterable[str], removes: bool) -> tuple[str, ...]:
    if removes:
        gone = set(new)
        return tuple(value for value in old if value not in gone)
    return (*old, *new)


def _check_ids(services: Iterable[Service], problems: Problems) -> None:
    seen: dict[str, Service] = {}
    for service in services:
        if not service.is_enabled:
            continue
        if service.id in seen:
            problem = f"{seen[service.id].place} has a service with this id already, and xinetd ignores this one"
            problems.add(str(service.place), service.id, problem, "Give it an id of its own, or disable = yes.")
        seen.setdefault(service.id, service)
