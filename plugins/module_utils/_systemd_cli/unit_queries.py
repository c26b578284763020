# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines and outputs of systemctl for unit_info. Apart from argv.py and parse.py, which every deployment loads."""

from __future__ import annotations

import json
import re
from typing import Sequence

from .._desired.stamp import LENGTH, NAME, RELEASE
from .._inquiry.unit_properties import Carried, Shown
from .show_output import blocks

# show has no format for times that all versions print alike, but prints them in the zone of its environment.
IN_UTC = {"TZ": "UTC"}
UNPRINTABLE = "[unprintable]"


def show(units: Sequence[str], properties: Sequence[str], user: bool, state: str = "") -> list[str]:
    """Units, then patterns: a pattern stands for the loaded units that it fits. One call for all of them.

    state: of those that a pattern is to bring; units that are named are shown in any.
    """
    chosen = [f"--state={state}"] if state else []
    return [*_systemctl(user), "show", "--no-pager", f"--property={','.join(properties)}", *chosen, "--", *units]


def list_unit_files(patterns: Sequence[str], user: bool) -> list[str]:
    """Units that are installed, whether they are loaded or not. Patterns are names, too."""
    return [*_systemctl(user), "list-unit-files", "--no-pager", "--output=json", "--", *patterns]


def list_units(units: Sequence[str], user: bool) -> list[str]:
    """Loaded units with their descriptions, whatever is in them."""
    return [*_systemctl(user), "list-units", "--all", "--no-pager", "--output=json", "--", *units]


def _systemctl(user: bool) -> list[str]:
    return ["systemctl", "--user"] if user else ["systemctl"]


def shown_units(names: Sequence[str], output: str) -> dict[str, Shown]:
    """Blocks in the order of the names, which keep theirs where Id is another one; then what patterns brought, by Id."""
    every = blocks(output)
    found = {block["Id"]: block for block in every[len(names) :]}
    return {**found, **dict(zip(names, every))}


def unit_files(output: str) -> dict[str, tuple[str, str | None]]:
    """Unit → state of its file, and what the preset says of it; vendor_preset is the name before systemd 252."""
    rows = _rows(output)
    return {row["unit_file"]: (row["state"], row.get("preset") or row.get("vendor_preset")) for row in rows}


def descriptions(output: str) -> dict[str, str]:
    return {row["unit"]: row["description"] for row in _rows(output)}


def _rows(output: str) -> list[dict[str, str]]:
    return json.loads(output) if output.strip().startswith("[") else []


def carried(text: str) -> Carried:
    """The fields of ours in LogExtraFields, or in what PID 1 has made of it, or in the environment of a process."""
    stamps, releases = (re.findall(rf"{name}=([0-9a-f]{{{LENGTH}}})", text) for name in (NAME, RELEASE))
    return Carried(tuple(dict.fromkeys(stamps)), releases[0] if releases else "")


def release_in(command_line: str) -> str:
    """The release whose code a process runs."""
    match = re.search(rf"/releases/([0-9a-f]{{{LENGTH}}})/", command_line)
    return match.group(1) if match else ""
