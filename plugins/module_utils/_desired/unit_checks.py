# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that show in the declaration alone: found on the controller, before the host is asked anything."""

from __future__ import annotations

import posixpath
import re
from typing import Iterable, Mapping

from .._declaration.problems import Problems
from .._unitfile.names import BadUnitName, escape_path, split_unit_name, type_of
from .._unitfile.suggest import did_you_mean
from .._unitfile.syntax import Document, Entry
from .desired import File
from .restart_policy import ALL_SECTIONS, sections_of

_PORT_KEYS = ("ListenStream", "ListenDatagram", "ListenSequentialPacket")
_LISTEN_KEYS = (*_PORT_KEYS, "ListenFIFO", "ListenSpecial", "ListenNetlink", "ListenMessageQueue", "ListenUSBFunction")
_TRUE = ("yes", "true", "on", "1", "y", "t")


def check_sections(name: str, document: Document, place: str, problems: Problems) -> None:
    """Each section must exist for this type of unit. systemd only warns and ignores what stands in another one."""
    allowed = sections_of(type_of(name))
    for section in document.sections:
        if section.startswith("X-") or section in allowed:
            continue
        problem = f"a .{type_of(name)} unit has no section [{section}]"
        guess = did_you_mean(section, allowed) or did_you_mean(section, ALL_SECTIONS)
        hint = f"Did you mean [{guess}]? " if guess and guess != section else ""
        problems.add(f"{place}.{section}", section, problem, f"{hint}Its sections are: {', '.join(allowed)}, and any X-….")


def check_ports(name: str, document: Document, place: str, problems: Problems) -> None:
    if type_of(name) != "socket":
        return
    for entry in document.entries:
        port = _port(entry)
        if port is not None and not 1 <= port <= 65535:
            problems.add(
                f"{place}.Socket.{entry.key}", entry.value, f"port {port} is out of range", "Choose a port from 1 to 65535."
            )


def check_definition(name: str, document: Document, place: str, problems: Problems) -> None:
    """What a unit of its type cannot do without; document: with its drop-ins."""
    unit_type = split_unit_name(name).type
    if unit_type == "socket" and not any(document.values("Socket", key) for key in _LISTEN_KEYS):
        problems.add(f"{place}.Socket", name, "the socket listens nowhere", "Add for example ListenStream: 9000.")
    if unit_type in ("mount", "automount"):
        _check_mount_name(name, unit_type, document, place, problems)
    if unit_type == "service" and _last(document, "Service", "Type") == "dbus" and not _last(document, "Service", "BusName"):
        # systemd 247 does not refuse it: PID 1 aborts.
        problems.add(f"{place}.Service.Type", "dbus", "Type=dbus needs a BusName=", "Add BusName, or choose another Type.")


def _check_mount_name(name: str, unit_type: str, document: Document, place: str, problems: Problems) -> None:
    where = _last(document, unit_type.capitalize(), "Where")
    if "%" in where or not where.startswith("/"):
        return
    try:
        wanted = f"{escape_path(where)}.{unit_type}"
    except BadUnitName as error:
        problems.add(f"{place}.{unit_type.capitalize()}.Where", where, error.problem, error.remedy)
        return
    if name != wanted:
        problems.add(
            f"{place}.{unit_type.capitalize()}.Where", where, f"a unit for {where} must be named {wanted}", f"Rename {name}."
        )


def check_order(documents: Mapping[str, Document], places: Mapping[str, str], problems: Problems) -> None:
    """No cycle of After= and Before= among the stack's own units: systemd would drop one of their jobs."""
    follows: dict[str, set[str]] = {name: set() for name in documents}
    for name, document in documents.items():
        for key, forward in (("After", True), ("Before", False)):
            for other in (word for value in document.values("Unit", key) for word in value.split()):
                if other in documents:
                    follows[name if forward else other].add(other if forward else name)
    cycle = _cycle(follows)
    if cycle:
        problems.add(
            f"{places[cycle[0]]}.Unit.After",
            cycle[0],
            f"ordering cycle: {' after '.join([*cycle, cycle[0]])}",
            "Take one After= or Before= away.",
        )


def _cycle(follows: Mapping[str, set[str]]) -> list[str]:
    """The first cycle, from its first unit in alphabetical order; depth first, without recursion."""
    done: set[str] = set()
    for start in sorted(follows):
        path: list[str] = []
        waiting = [(start, 0)]
        while waiting:
            name, depth = waiting.pop()
            del path[depth:]
            if name in path:
                return path[path.index(name) :]
            if name in done:
                continue
            path.append(name)
            waiting += [(other, depth + 1) for other in sorted(follows[name], reverse=True)]
        done |= _reachable(start, follows)
    return []


def _reachable(start: str, follows: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += follows[name]
    return found


def addresses(document: Document) -> list[str]:
    """Where a socket listens, with the kind of each: what systemd compares when it reads the unit again."""
    return [f"{key}={value}" for key in _LISTEN_KEYS for value in document.values("Socket", key) if value]


def accepts(document: Document) -> bool:
    return _last(document, "Socket", "Accept").lower() in _TRUE


def triggered_by(name: str, document: Document) -> tuple[str, ...]:
    """The units that a timer, a path or a socket starts; none for others. systemd.timer(5), systemd.path(5), systemd.socket(5)"""
    section, key = _TRIGGERS.get(split_unit_name(name).type, ("", ""))
    named = document.values(section, key)
    stem = name.rpartition(".")[0]
    if not section:
        return ()
    return named[-1:] or (f"{stem}{'@' if section == 'Socket' and accepts(document) else ''}.service",)


_TRIGGERS = {"timer": ("Timer", "Unit"), "path": ("Path", "Unit"), "socket": ("Socket", "Service")}


def can_reload(name: str, document: Document) -> bool:
    if split_unit_name(name).type != "service":
        return split_unit_name(name).type == "mount"
    return bool(document.values("Service", "ExecReload")) or _last(document, "Service", "Type") == "notify-reload"


def refuses_start(document: Document) -> bool:
    return _last(document, "Unit", "RefuseManualStart").lower() in _TRUE


def runs_once(document: Document) -> bool:
    """A oneshot service that is inactive when it has done its work."""
    remains = _last(document, "Service", "RemainAfterExit").lower() in _TRUE
    return _last(document, "Service", "Type") == "oneshot" and not remains


def _last(document: Document, section: str, key: str) -> str:
    return (document.values(section, key) or ("",))[-1]


def _port(entry: Entry) -> int | None:
    """The TCP or UDP port of a Listen…= value; None for paths, abstract names and others."""
    value = entry.value
    if entry.key not in _PORT_KEYS or value.startswith(("/", "@", "vsock:")):
        return None
    digits = value.rpartition(":")[2]
    return int(digits) if _NUMBER.fullmatch(digits) else None


_NUMBER = re.compile("-?[0-9]{1,9}")


def check_accept(documents: Mapping[str, Document], places: Mapping[str, str], problems: Problems) -> None:
    """Accept=yes starts a template once for each connection, Accept=no one service for all (systemd.socket(5))."""
    for name, document in documents.items():
        if split_unit_name(name).type != "socket":
            continue
        if document.values("Socket", "Service"):
            _check_service_of(name, document, places[name], problems)
            continue
        prefix = name[: -len(".socket")]
        each = accepts(document)
        wanted, other = (f"{prefix}@.service", f"{prefix}.service") if each else (f"{prefix}.service", f"{prefix}@.service")
        if other in documents and wanted not in documents:
            problems.add(
                f"{places[name]}.Socket.Accept",
                "yes" if each else "no",
                f"the socket would start {wanted}, but the stack has only {other}",
                f"Name the service {wanted}, or set Accept: {'no' if each else 'yes'}.",
            )


def _check_service_of(name: str, document: Document, place: str, problems: Problems) -> None:
    """systemd does not load a socket that has both."""
    if accepts(document):
        service = _last(document, "Socket", "Service")
        problem = "a socket with Accept=yes cannot name its service"
        problems.add(
            f"{place}.Socket.Service", service, problem, f"Take Service away, and name the service {name[:-7]}@.service."
        )


def check_files_are_no_units(paths: Iterable[str], unit_directory: str, problems: Problems) -> None:
    """Below the unit directory a file means something to systemd, which only an entry of units can say."""
    for path in paths:
        if path.startswith(f"{unit_directory}/"):
            remedy = "Declare the unit in units, a drop-in in its dropins."
            problems.add(f"files.{path}", path, "is a file of systemd's own configuration", remedy)


def check_first_lines(files: Iterable[File], problems: Problems) -> None:
    """The kernel takes all of a first line "#!…" for the interpreter, a carriage return too: 203/EXEC."""
    for file in files:
        is_program = file.mode is not None and file.mode & 0o111
        if not is_program or file.source.data is None:  # None: asked for where it must be written, and then looked at
            continue
        first = file.source.data.partition(b"\n")[0].lstrip(b"\xef\xbb\xbf")
        if first.startswith(b"#!") and first.endswith(b"\r"):
            problem = "its first line names an interpreter, and ends as lines of Windows do, so that it cannot be executed"
            problems.add(file.place, file.source.name, problem, "Save it with the line ends of Unix.")


def check_paths(owned: Iterable[tuple[str, str]], problems: Problems) -> None:
    """No two entries own one path, and none needs a directory where another puts a file. owned: (place, path)."""
    owners: dict[str, str] = {}
    for place, path in owned:
        if path in owners and owners[path] != place:
            problems.add(place, path, f"{owners[path]} owns this path already", "Give one of the two another name or path.")
        owners.setdefault(path, place)
    for path, place in owners.items():
        parent = posixpath.dirname(path)
        while parent not in ("/", "//", ""):
            if parent in owners:
                problems.add(
                    place, path, f"{owners[parent]} puts a file where a directory is needed", f"Move {parent} or {path}."
                )
            parent = posixpath.dirname(parent)
