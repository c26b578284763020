# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directives that the host's own systemd does not know: it would ignore them with a warning in the journal."""

from __future__ import annotations

from typing import Iterable, Mapping

from .._declaration.problems import Problems
from .._desired.restart_policy import sections_of
from .._unitfile.names import type_of
from .._unitfile.suggest import did_you_mean
from .directive_versions import REMOVED, SINCE
from .written_units import Written


def check_directives(units: Iterable[Written], known: Mapping[str, frozenset[str]], version: int, problems: Problems) -> None:
    """known: section → directives; empty where the host cannot be asked, so that only its version counts, 0 if unknown."""
    for unit in units:
        own = sections_of(type_of(unit.unit.name))
        for place, entry in unit.entries():
            section, key = entry.section, entry.key
            if section.startswith("X-") or key.startswith("X-") or key in known.get(section, ()):
                continue
            if key in REMOVED and version >= 258:  # systemd says so itself: verify.py
                continue
            if known or (version and SINCE.get(key, 0) > version):
                problems.add(place, key, *_why_unknown(section, key, known, version, own))


def _why_unknown(
    section: str, key: str, known: Mapping[str, frozenset[str]], version: int, own: tuple[str, ...]
) -> tuple[str, str]:
    since = SINCE.get(key, 0)
    if version and since > version:
        problem = f"{key}= is known since systemd {since}, and this host has {version}, which would ignore it"
        return problem, "Take it away, or upgrade systemd on this host."
    homes = [name for name in known if key in known[name]]
    here = [name for name in own if name in homes]
    if here:
        return f"{key}= is no directive of [{section}]", f"Put it into [{here[0]}]."
    guess = did_you_mean(key, known.get(section, ()))
    if guess:
        return f"[{section}] has no directive {key}=", f"Did you mean {guess}?"
    if homes:
        return f"{key}= is no directive of [{section}]", f"It belongs to [{homes[0]}], in a .{homes[0].lower()} unit."
    elsewhere = [(other, name) for name in own for other in [did_you_mean(key, known.get(name, ()))] if other]
    if elsewhere:
        other, name = elsewhere[0]
        return f"[{section}] has no directive {key}=", f"Did you mean {other} in [{name}]?"
    return f"[{section}] has no directive {key}=", "See systemd.directives(7); what begins with X- is free."
