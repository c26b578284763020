# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of xinetd → its units, and what must be told of it. attribute_table.py says what becomes of each attribute."""

from __future__ import annotations

from .._declaration.problems import Problems
from .._unitfile.names import BadUnitName, check_unit_name, escape
from .access import filter_clients, limit, log
from .attribute_table import STAYS
from .listening import listen
from .resolve import Service
from .running import run
from .service_draft import Converted, Ports, ServiceDraft


def unit_name(identifier: str) -> str:
    """The id as the name of units: what they cannot hold is escaped, as systemd-escape does. A dash stays a dash."""
    return "-".join(escape(part) for part in identifier.split("-"))


def convert(service: Service, ports: Ports, systemd: int, problems: Problems) -> Converted:
    """systemd: the major version of the host, 0 where it is not known: then nothing is used that one of the supported
    versions does not have. What xinetd does not serve because of a mistake is a problem.
    """
    draft = ServiceDraft(service, unit_name(service.id), ports, systemd, Problems())
    _check_name(draft)
    stays = [draft.tell_words(name) for name in ("type", "flags", "socket_type", "access_times", "libwrap")]
    if not any(stays) and not _is_incomplete(draft):
        draft.done.waits = draft.flag("wait")
        for convert_part in (listen, run, limit, filter_clients, log):
            convert_part(draft)
    if not draft.problems and not any(note.effect == STAYS for note in draft.done.notes):
        _name_units(draft)
    else:
        draft.done.became = {}
    for problem in draft.problems.found:
        problems.add(problem.place, problem.value, problem.problem, problem.remedy)
    return draft.done


def _check_name(draft: ServiceDraft) -> None:
    try:
        check_unit_name(f"{draft.name}@.service")
    except BadUnitName as error:
        place = str(draft.service.place)
        draft.problems.add(place, draft.service.id, f"it can be no name of units: {error.problem}", "Give it another id.")


def _is_incomplete(draft: ServiceDraft) -> bool:
    """xinetd does not serve what lacks one of these: xinetd.conf(5), "necessary attributes"."""
    service = draft.service
    is_unlisted = service.has("type", "UNLISTED")
    needed = ["wait", "user", *(["server"] if not draft.has("redirect") else []), *(["port"] if is_unlisted else [])]
    missing = [name for name in needed if not draft.has(name)]
    if not (draft.has("socket_type") or draft.has("protocol")):
        missing.append("socket_type")
    if service.has("flags", "NAMEINARGS") and not draft.has("server_args"):
        missing.append("server_args")
    for name in missing:
        remedy = f"Give it {name} = …, or disable = yes."
        draft.problems.add(str(service.place), service.id, f"there is no {name}, so that xinetd does not serve it", remedy)
    return bool(missing)


def _name_units(draft: ServiceDraft) -> None:
    service, done = draft.service, draft.done
    names = {"socket": f"{draft.name}.socket", "service": f"{draft.name}{'' if draft.is_shared else '@'}.service"}
    known_as = service.name if service.id == service.name else f"{service.name} ({service.id})"
    description = f"{known_as}, as xinetd served it".replace("%", "%%")
    if draft.is_shared:
        # systemd counts the starts of a service: one that serves many short visits would be refused for good.
        draft.unit["StartLimitIntervalSec"] = 0
    else:
        draft.unit["CollectMode"] = "inactive-or-failed"
    done.units[names["socket"]] = {
        "Unit": {"Description": description},
        "Socket": {**draft.socket, "Accept": not draft.is_shared},
        "Install": {"WantedBy": "sockets.target"},
    }
    done.units[names["service"]] = {"Unit": {"Description": description, **draft.unit}, "Service": draft.process}
    draft.became("id", "socket", "Unit", "Description")
    draft.became("disable", "socket", "Install", "WantedBy")
    draft.became("wait", "socket", "Socket", "Accept")
    done.became = {name: [(names[kind], section, key) for kind, section, key in places] for name, places in done.became.items()}
