# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that show in the declaration alone: found on the controller, before the host is asked anything."""

from __future__ import annotations

import posixpath
from typing import Iterable, Mapping

from .._unitfile.names import split_unit_name
from .._unitfile.suggest import did_you_mean
from .._unitfile.syntax import Document, Entry
from .desired import File, Link
from .policy import ALL_SECTIONS, sections_of
from .problems import Problems

_PORT_KEYS = ("ListenStream", "ListenDatagram", "ListenSequentialPacket")
_LISTEN_KEYS = (*_PORT_KEYS, "ListenFIFO", "ListenSpecial", "ListenNetlink", "ListenMessageQueue", "ListenUSBFunction")
_TRUE = ("yes", "true", "on", "1", "y", "t")


def check_sections(name: str, document: Document, place: str, problems: Problems) -> None:
    """Each section must exist for this type of unit. systemd only warns and ignores what stands in another one."""
    allowed = sections_of(split_unit_name(name).type)
    for section in document.sections:
        if section.startswith("X-") or section in allowed:
            continue
        problem = f"a .{split_unit_name(name).type} unit has no section [{section}]"
        guess = did_you_mean(section, allowed) or did_you_mean(section, ALL_SECTIONS)
        hint = f"Did you mean [{guess}]? " if guess and guess != section else ""
        problems.add(f"{place}.{section}", section, problem, f"{hint}Its sections are: {', '.join(allowed)}, and any X-….")


def check_listeners(name: str, document: Document, place: str, problems: Problems) -> None:
    """A socket unit listens somewhere, and on ports that exist."""
    if split_unit_name(name).type != "socket":
        return
    entries = [entry for entry in document.entries if entry.section == "Socket" and entry.key in _LISTEN_KEYS]
    if not any(entry.value for entry in entries):
        problems.add(f"{place}.Socket", name, "the socket listens nowhere", "Add for example ListenStream: 9000.")
    for entry in entries:
        port = _port(entry)
        if port is not None and not 1 <= port <= 65535:
            problems.add(f"{place}.Socket.{entry.key}", entry.value, f"port {port} is out of range", "Choose a port from 1 to 65535.")


def _port(entry: Entry) -> int | None:
    """The TCP or UDP port of a Listen…= value; None for paths, abstract names and others."""
    value = entry.value
    if entry.key not in _PORT_KEYS or value.startswith(("/", "@", "vsock:")):
        return None
    digits = value.rpartition(":")[2]
    return int(digits) if digits.lstrip("-").isdigit() else None


def check_accept(documents: Mapping[str, Document], places: Mapping[str, str], problems: Problems) -> None:
    """Accept=yes starts a template once for each connection, Accept=no one service for all (systemd.socket(5))."""
    for name, document in documents.items():
        if split_unit_name(name).type != "socket" or document.values("Socket", "Service"):
            continue
        prefix = name[: -len(".socket")]
        accepts = (document.values("Socket", "Accept") or ("no",))[-1].lower() in _TRUE
        wanted, other = (f"{prefix}@.service", f"{prefix}.service") if accepts else (f"{prefix}.service", f"{prefix}@.service")
        if other in documents and wanted not in documents:
            problems.add(
                f"{places[name]}.Socket.Accept",
                "yes" if accepts else "no",
                f"the socket would start {wanted}, but the stack has only {other}",
                f"Name the service {wanted}, or set Accept: {'no' if accepts else 'yes'}.",
            )


def check_paths(items: Iterable[tuple[str, File | Link]], problems: Problems) -> None:
    """No two entries own one path, and none needs a directory where another puts a file. items: (place, item)."""
    owners: dict[str, str] = {}
    for place, item in items:
        if item.path in owners and owners[item.path] != place:
            problems.add(
                place, item.path, f"{owners[item.path]} owns this path already", "Give one of the two another name or path."
            )
        owners.setdefault(item.path, place)
    for path, place in owners.items():
        parent = posixpath.dirname(path)
        while parent != "/":
            if parent in owners:
                problems.add(place, path, f"{owners[parent]} puts a file where a directory is needed", f"Move {parent} or {path}.")
            parent = posixpath.dirname(parent)
