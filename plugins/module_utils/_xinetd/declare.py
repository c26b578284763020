# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A migration → what the stack that takes over from xinetd declares."""

from __future__ import annotations

import posixpath
from typing import Any, Callable, Mapping

from .._dataclasses import replace
from .._declaration.problems import Problem, Problems
from .migrate import Migration
from .rewrite import with_disabled
from .service_draft import Converted

WHY = "systemd serves it; to go back, see daemonic.systemd.xinetd"


def units_of(migration: Migration, dropins: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """For `units` of a stack. dropins: unit → name → sections."""
    units = migration.units
    for name in dropins:
        if name not in units:
            problems.add(f"dropins.{name}", name, "xinetd's services become no such unit", f"The units are: {', '.join(units)}.")
    return {name: {"sections": sections, "dropins": dropins.get(name) or {}} for name, sections in units.items()}


def files_of(migration: Migration, text_of: Callable[[str], str | None]) -> dict[str, Any]:
    """For `files` of a stack: xinetd's own, in which the services that are carried over are disabled."""
    meant: dict[str, list[Converted]] = {}
    for each in migration.carried:
        meant.setdefault(each.service.place.path, []).append(each)
    return {
        posixpath.normpath(path): {"content": with_disabled(text_of(path) or "", [each.service.entry for each in found], WHY)}
        for path, found in meant.items()
    }


def ports_of(migration: Migration) -> tuple[tuple[str, int], ...]:
    """(protocol, number), of what is carried over."""
    return tuple((each.listener.protocol, each.listener.port) for each in migration.carried if each.listener)


def addresses_of(migration: Migration) -> dict[str, tuple[str, int]]:
    """Where those can be asked that are streams: pattern of the services that answer → (address, port)."""
    found = {}
    for each in migration.carried:
        if each.listener and each.listener.protocol == "tcp":
            service = next(name for name in each.units if name.endswith(".service"))
            found[service.replace("@.", "@*.")] = (_reachable(each), each.listener.port)
    return found


def in_words_of_xinetd(problem: Problem, migration: Migration) -> Problem:
    """What is wrong with a unit, at the line of the attribute that it comes from."""
    for each in migration.carried:
        for attribute, places in each.became.items():
            known = (f"units.{unit}.{section}.{key}" for unit, section, key in places)
            if attribute in each.service.given and problem.place in known:
                return replace(problem, place=f"{each.service.given[attribute].place}, {attribute}")
    return problem


def _reachable(each: Converted) -> str:
    address = each.listener.address if each.listener else ""
    only_6 = each.service.has("v6only", "yes")
    return {"": "::1" if only_6 else "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1" if only_6 else "127.0.0.1"}.get(
        address, address
    )
