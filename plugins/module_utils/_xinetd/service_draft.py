# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service on its way from xinetd to systemd: what is known of it, and the tools with which its attributes are read."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from .._dataclasses import dataclass, field
from .._declaration.options import InvalidValue
from .._declaration.problems import Problems
from . import attribute_values
from .attribute_table import EXACT, STAYS, WORDS, row_of
from .notes import Note
from .resolve import Given, Service

# "name/protocol" → port, as in /etc/services.
Ports = Mapping[str, int]


@dataclass(frozen=True)
class Listener:
    """Where a service listens. protocol: tcp, udp …; address: "" for all."""

    protocol: str
    address: str
    port: int
    ipv4_only: bool = False

    @property
    def directive(self) -> str:
        """The value of ListenStream= or ListenDatagram=. A port alone is one of IPv6 that takes IPv4, too."""
        host = f"[{self.address}]" if ":" in self.address else self.address or ("0.0.0.0" if self.ipv4_only else "")
        return f"{host}:{self.port}" if host else str(self.port)


@dataclass
class Converted:
    """units: name → sections; none of a service that stays. became: attribute → where it stands, (unit, section, key)."""

    service: Service
    units: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    became: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    listener: Listener | None = None
    waits: bool = False

    @property
    def stays(self) -> bool:
        return not self.units


class ServiceDraft:
    """socket, process, unit: the directives so far, of [Socket], and of [Service] and [Unit] of the service.

    name: of the units. systemd: the major version of the host, 0 where it is not known.
    """

    def __init__(self, service: Service, name: str, ports: Ports, systemd: int, problems: Problems) -> None:
        self.service = service
        self.name = name
        self.ports = ports
        self.systemd = systemd
        self.problems = problems
        self.unit: dict[str, Any] = {}
        self.socket: dict[str, Any] = {}
        self.process: dict[str, Any] = {}
        self.done = Converted(service, notes=list(service.notes))

    @property
    def listener(self) -> Listener:
        return self.done.listener or Listener("", "", 0)

    @property
    def is_shared(self) -> bool:
        """One process takes all that comes, instead of one for each connection."""
        return self.done.waits or self.has("redirect") or self.listener.protocol not in ("tcp", "sctp")

    def has(self, name: str) -> bool:
        return name in self.service.given

    def value(self, name: str) -> str:
        return self.service.values(name)[0]

    def flag(self, name: str) -> bool:
        return bool(self.read(name, attribute_values.flag)) if self.has(name) else False

    def read(self, name: str, reader: Callable[[str], Any]) -> Any:
        """The value of an attribute that is given; None, and a problem, where xinetd would not take it."""
        given = self.service.given[name]
        try:
            return reader(given.values[0])
        except InvalidValue as error:
            self.problem(given, error.problem, error.remedy)
            return None

    def problem(self, given: Given, problem: str, remedy: str) -> None:
        value = " ".join(given.values)
        self.problems.add(str(given.place), f"{given.name} = {value}", f"{self.service.id}: {given.name} {problem}", remedy)

    def note(self, name: str, word: str = "", effect: str = "") -> None:
        """What the table says of a value, where there is something to say."""
        row, given = row_of(name, word), self.service.given[name]
        effect = effect or row.effect
        if effect != EXACT:
            self.tell(given, word or " ".join(given.values), effect, row.remark, row.remedy)

    def tell(self, given: Given, value: str, effect: str, reason: str, remedy: str) -> None:
        remedy = (remedy or "There is nothing to be done.").replace("NAME", self.name)
        self.done.notes.append(Note(self.service.id, given.name, value, str(given.place), effect, reason, remedy))

    def became(self, name: str, kind: str, section: str, *keys: str) -> None:
        """kind: socket or service; the unit has its name later."""
        self.done.became.setdefault(name, []).extend((kind, section, key) for key in keys)

    def tell_words(self, name: str) -> bool:
        """Tell what there is to be told of the words of an attribute; whether one of them keeps the service with xinetd."""
        if not self.has(name):
            return False
        given = self.service.given[name]
        known = WORDS.get(name)
        try:
            found = attribute_values.words(given.values, known) if known else [""]
        except InvalidValue as error:
            self.problem(given, error.problem, error.remedy)
            return True
        for word in dict.fromkeys(found):
            self.note(name, word)
        return any(row_of(name, word).effect == STAYS for word in found)
