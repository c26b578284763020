# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole configuration → the units of its services, and everything that must be told of it."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .._text import lines_in
from .attribute_table import DROPPED
from .config_syntax import Configuration, Files, read_configuration
from .convert import convert
from .notes import Note
from .resolve import Service, resolve
from .service_draft import Converted, Ports


@dataclass(frozen=True)
class Migration:
    """services: all that xinetd is configured for. converted: those that are meant, in order, with their units or
    without. notes: all, those of `defaults` first.
    """

    configuration: Configuration
    services: tuple[Service, ...]
    converted: tuple[Converted, ...]
    notes: tuple[Note, ...]

    @property
    def units(self) -> dict[str, Any]:
        return {name: sections for each in self.converted for name, sections in each.units.items()}

    @property
    def carried(self) -> tuple[Converted, ...]:
        return tuple(each for each in self.converted if not each.stays)

    @property
    def left(self) -> tuple[Service, ...]:
        """What xinetd still has to serve."""
        gone = {each.service.id for each in self.carried}
        return tuple(service for service in self.services if service.is_enabled and service.id not in gone)


def migrate(
    path: str, files: Files, ports: Ports, systemd: int = 0, only: Sequence[str] | None = None, place: str = "services"
) -> Migration:
    """only: the services that are meant, by id; None for all that are enabled. place: of that option in the task.

    Raises ValidationFailed with every mistake that was found.
    """
    problems = Problems()
    configuration = read_configuration(path, files, problems)
    services, notes = resolve(configuration, problems)
    problems.raise_if_any()
    meant = _meant(services, only, place, problems)
    converted = tuple(convert(service, ports, systemd, problems) for service in meant)
    _check_listeners(converted, problems)
    problems.raise_if_any()
    notes += [_absent(str(where), what) for where, what in configuration.absent]
    told = [note for each in converted for note in each.notes]
    return Migration(configuration, tuple(services), converted, (*notes, *told))


def _meant(services: Sequence[Service], only: Sequence[str] | None, place: str, problems: Problems) -> list[Service]:
    enabled = {service.id: service for service in services if service.is_enabled}
    for name in only or ():
        if name not in enabled:
            is_known = any(service.id == name for service in services)
            problem = "xinetd has it disabled" if is_known else "xinetd has no service with this id"
            problems.add(place, name, problem, f"Its services are: {', '.join(enabled) or 'none'}.")
    return [service for service in enabled.values() if only is None or service.id in only]


def _check_listeners(converted: Sequence[Converted], problems: Problems) -> None:
    seen: dict[Any, Converted] = {}
    for each in converted:
        if each.listener is None:
            continue
        other = seen.setdefault(each.listener, each)
        if other is not each:
            problem = f"{other.service.id} ({other.service.place}) listens there already"
            remedy = "Give one of the two disable = yes."
            problems.add(str(each.service.place), f"{each.listener.protocol} {each.listener.directive}", problem, remedy)


def _absent(place: str, path: str) -> Note:
    reason = "There is no such file or directory, or it was not given."
    return Note("", "include", path, place, DROPPED, reason, "Take the line away, or give what it names.")


def files_of(texts: Mapping[str, str]) -> Files:
    """Path → text as something to read from: a directory is there when a path is below it."""

    def names_in(directory: str) -> list[str] | None:
        below = f"{directory.rstrip('/')}/"
        found = [path[len(below) :] for path in texts if path.startswith(below) and "/" not in path[len(below) :]]
        return found or None

    return Files(texts.get, names_in)


def ports_of(text: str) -> dict[str, int]:
    """services(5): NAME PORT/PROTOCOL ALIAS…, as "name/protocol" → port. The first that has a name wins."""
    found: dict[str, int] = {}
    for line in lines_in(text):
        words = line.partition("#")[0].split()
        port, slash, protocol = words[1].partition("/") if len(words) > 1 else ("", "", "")
        if slash and port.isdigit():
            for name in (words[0], *words[2:]):
                found.setdefault(f"{name}/{protocol}", int(port))
    return found
