# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of units that something else has defined: their links and masks, whether they run, and nothing else of them."""

from __future__ import annotations

import posixpath
from typing import Mapping

from .._dataclasses import replace
from .._declaration.model import Stack, UnitEntry
from .._declaration.problems import Problems
from .._unitfile.names import instance_of, split_unit_name
from .._unitfile.syntax import Document, parse
from . import enablement, unit_checks
from .desired import Desired, Link, Unit
from .probe_addresses import resolved_probe
from .scope import Scope
from .stamp import Stamps
from .unit_drafts import Host
from .unit_file_state import ABSENT, UnitFileState, as_systemd_reads, check_can_be_enabled

_NOTHING = parse("")


def as_asked(stack: Stack, scope: Scope, host: Host) -> Desired:
    """All that is asked, with what is known of those units. Raises ValidationFailed.

    On the controller nothing is known of them, and the names alone are looked at.
    """
    problems = Problems()
    warnings: list[str] = list(stack.warnings)
    for entry in stack.units:
        _check_template(entry, problems)
    problems.raise_if_any()
    units: dict[str, Unit] = {}
    if host.installed is not None:
        for entry in _entries(stack, host.installed, host.specifier):
            units[entry.name] = _unit(entry, host, scope, problems, warnings)
        _add_services(units, host.installed, scope)
    problems.raise_if_any()
    found = tuple(units[name] for name in sorted(units))
    links = tuple(dict.fromkeys(link for unit in found for link in unit.links))
    return Desired(
        stack.name, scope, links=links, units=found, warnings=tuple(warnings), how=stack.how, is_partial=True, adopt=stack.adopt
    )


def _check_template(entry: UnitEntry, problems: Problems) -> None:
    name = split_unit_name(entry.name)
    if name.is_template and entry.state not in ("", "unmanaged"):
        remedy = f"Name its instances, such as {name.prefix}@1.{name.type}."
        problems.add(f"units.{entry.name}.state", entry.state, "a template does not run itself", remedy)


# Which units are meant


def _entries(stack: Stack, installed: Mapping[str, UnitFileState], of_host: enablement.Specifier) -> list[UnitEntry]:
    """By the names that units really have, those that an Also= brings in included.

    A mask is for the name that is masked: that of an alias leaves the unit itself alone.
    """
    found: dict[str, UnitEntry] = {}
    for entry in stack.units:
        real = real_name(entry.name, installed)
        if real != entry.name and entry.masked is not None:
            found[entry.name] = UnitEntry(entry.name, masked=entry.masked)
            entry = replace(entry, masked=None)
        if real == entry.name or entry.enabled is not None or entry.state:
            found[real] = _merged(found.get(real), replace(entry, name=real))
    waiting = [entry for entry in found.values() if entry.enabled is not None]
    while waiting:
        entry = waiting.pop()
        document = _document(installed[entry.name])
        for also in enablement.also(document, entry.name, of_host) if document else ():
            other = real_name(also, installed)
            if other in installed and found.get(other, UnitEntry(other)).enabled is None:
                found[other] = replace(found.get(other, UnitEntry(other)), enabled=entry.enabled)
                waiting.append(found[other])
    return list(found.values())


def _merged(first: UnitEntry | None, second: UnitEntry) -> UnitEntry:
    """A unit that is named twice, by its name and by an alias; both are asked the same."""
    return second if first is None else replace(second, masked=second.masked if second.masked is not None else first.masked)


def real_name(name: str, installed: Mapping[str, UnitFileState]) -> str:
    """The name of the unit that an alias stands for. Aliases of aliases are followed, but not for ever."""
    for _step in range(8):
        lying = installed.get(name, UnitFileState())
        if lying.kind != "alias":
            break
        name = alias_target(name, lying)
    return name


def alias_target(name: str, lying: UnitFileState) -> str:
    """The target of a template's alias is a template, for an instance its instance is meant."""
    target = posixpath.basename(lying.target)
    named = split_unit_name(name)
    return instance_of(target, named.instance or "") if named.is_instance and "@." in target else target


# What is known of them


def _unit(entry: UnitEntry, host: Host, scope: Scope, problems: Problems, warnings: list[str]) -> Unit:
    lying = (host.installed or {})[entry.name]
    place = f"units.{entry.name}"
    document = _document(lying)
    path = lying.target if lying.kind == "linked" else lying.path
    links: tuple[Link, ...] = ()
    if entry.enabled is not None and lying.kind not in (*ABSENT, "masked", "sysv"):
        links = _links(entry, lying, document, host, scope, problems, warnings)
    if entry.masked:
        links = (Link(scope.path_of(entry.name), "/dev/null", f"{entry.name} is masked"),)
    return Unit(
        name=entry.name,
        path=path or scope.path_of(entry.name),
        has_file=False,
        document=document or _NOTHING,
        place=place,
        stamps=Stamps(),
        state="" if entry.state == "unmanaged" else entry.state,
        enabled=entry.enabled,
        links=links,
        masked=entry.masked,
        runs_once=document is not None and unit_checks.runs_once(document),
        health=resolved_probe(entry.health, entry.name, scope, host.specifier),
        installed=lying.kind,
    )


def _document(lying: UnitFileState) -> Document | None:
    return as_systemd_reads(lying.whole()) if lying.kind not in (*ABSENT, "masked", "alias") else None


def _links(
    entry: UnitEntry,
    lying: UnitFileState,
    document: Document | None,
    host: Host,
    scope: Scope,
    problems: Problems,
    warnings: list[str],
) -> tuple[Link, ...]:
    """The links that enable it; a warning where it cannot be enabled, but is started all the same."""
    place = f"units.{entry.name}"
    if not entry.enabled:
        if lying.kind == "generated":
            check_can_be_enabled(lying, entry.name, place, problems, wanted=False)
        return ()
    if lying.kind == "transient":
        check_can_be_enabled(lying, entry.name, place, problems)
        return ()
    if lying.kind == "generated":
        warnings.append(f"{entry.name} is made by a generator at each boot; whether it is started then is decided there.")
        return ()
    if document is None or not enablement.can_be_enabled(document):
        warnings.append(f"{entry.name} is static: it has no [Install] section, and what needs it starts it. Nothing was enabled.")
        return ()
    left_out = Problems()
    enablement.check_names(entry.name, document, place, left_out, host.specifier, host.systemd)
    warnings += [f"{each.place}: {each.value} is not linked: {each.problem}." for each in left_out.found]
    path = lying.target if lying.kind == "linked" else lying.path
    found = enablement.links_of(entry.name, path, document, scope, host.specifier)
    named = split_unit_name(entry.name)
    if named.is_template and not found:
        remedy = f"Name an instance, such as {named.prefix}@1.{named.type}."
        problems.add(f"{place}.enabled", True, "a template without DefaultInstance= is enabled by its instances", remedy)
    return found


def _add_services(units: dict[str, Unit], installed: Mapping[str, UnitFileState], scope: Scope) -> None:
    """The services of sockets that are to be opened: while its service runs, a socket can be neither started nor restarted."""
    for socket in [unit for unit in units.values() if unit.name.endswith(".socket") and unit.state not in ("", "stopped")]:
        document = _document(installed[socket.name]) or _NOTHING
        if unit_checks.accepts(document):
            continue
        service = (document.values("Socket", "Service") or (f"{socket.name[:-7]}.service",))[-1]
        if service not in units:
            units[service] = Unit(
                service, scope.path_of(service), False, _NOTHING, socket.place, Stamps(), "", None, (), is_companion=True
            )
        units[service] = replace(units[service], sockets=(*units[service].sockets, socket.name))
