# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Specifiers in the address of a socket → the address that a probe can ask at. systemd.unit(5), "Specifiers"."""

from __future__ import annotations

import re
from typing import Callable

from .._dataclasses import replace
from .._declaration.probe import Probe
from .._unitfile.names import BadUnitName, split_unit_name, unescape
from .enablement import OF_HOST, Specifier
from .scope import Scope

_SPECIFIER = re.compile("%(.?)")


def resolved_probe(probe: Probe | None, unit: str, scope: Scope, of_host: Specifier) -> Probe | None:
    """The same with the path that is meant; what else is asked for is no address of systemd's."""
    if probe is None or "%" not in f"{probe.path}{probe.host}":
        return probe
    return replace(probe, path=resolved(probe.path, unit, scope, of_host), host=resolved(probe.host, unit, scope, of_host))


def resolved(text: str, unit: str, scope: Scope, of_host: Specifier) -> str:
    """unit: whose directive it is. A specifier that is not known here stays as it is written."""

    def meaning(match: re.Match[str]) -> str:
        letter = match.group(1)
        if letter == "%":
            return "%"
        if letter in _OF_UNIT:
            return _OF_UNIT[letter](unit)
        if letter in OF_HOST:
            return of_host(letter)
        return _directories(scope).get(letter, match.group())

    return _SPECIFIER.sub(meaning, text)


def _prefix(unit: str) -> str:
    return split_unit_name(unit).prefix


def _instance(unit: str) -> str:
    return split_unit_name(unit).instance or ""


def _plain(text: str) -> str:
    try:
        return unescape(text)
    except BadUnitName:
        return text


_OF_UNIT: dict[str, Callable[[str], str]] = {
    "n": lambda unit: unit,
    "N": lambda unit: unit.rpartition(".")[0],
    "p": _prefix,
    "P": lambda unit: _plain(_prefix(unit)),
    "i": _instance,
    "I": lambda unit: _plain(_instance(unit)),
    "j": lambda unit: _prefix(unit).rpartition("-")[2],
    "J": lambda unit: _plain(_prefix(unit).rpartition("-")[2]),
    "f": lambda unit: f"/{_plain(_instance(unit) or _prefix(unit)).lstrip('/')}",
}


def _directories(scope: Scope) -> dict[str, str]:
    found = {"T": "/tmp", "V": "/var/tmp"}
    named = {"S": "state", "C": "cache", "L": "logs", "E": "configuration"}
    found.update({letter: scope.data_directories[kind][0] for letter, kind in named.items() if kind in scope.data_directories})
    # /run/user/1000/systemd/user → /run/user/1000, /run/systemd/system → /run
    found["t"] = scope.runtime_directory.rpartition("/systemd/")[0] or "/run"
    found["h"] = scope.unit_directory.partition("/.config/")[0] if scope.kind == "user" else "/root"
    return found
