# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths in unit files, with those specifiers resolved that can be told without the host. systemd.unit(5), "SPECIFIERS"."""

from __future__ import annotations

import re

from .._unitfile.names import split_unit_name
from .scope import Scope

_OF_THE_SYSTEM = {"t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc", "h": "/root"}


def resolved(text: str, name: str, scope: Scope) -> str:
    """The text as it is for the unit of this name; "" where a specifier is not known."""
    unit = split_unit_name(name)
    stem = name.rpartition(".")[0]
    known = {"%": "%", "n": name, "N": stem, "p": unit.prefix, "j": unit.prefix.rpartition("-")[2], "T": "/tmp", "V": "/var/tmp"}
    if unit.instance != "":
        known["i"] = unit.instance or ""
    if scope.kind == "system":
        known.update(_OF_THE_SYSTEM)
    elif scope.runtime_directory.endswith("/systemd/user"):
        known["t"] = scope.runtime_directory[: -len("/systemd/user")]
    if any(key not in known for key in re.findall("%(.?)", text)):
        return ""
    return re.sub("%(.)", lambda match: known[match.group(1)], text)
