# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on the host in the way of the declaration: found before anything is touched."""

from __future__ import annotations

from .desired import Desired, File
from .observed import Observed
from .problems import Problems
from .removal import ancestors

_KINDS = {"directory": "a directory", "file": "a file", "link": "a symbolic link", "other": "a device, socket or pipe"}


def find_obstacles(desired: Desired, observed: Observed, problems: Problems) -> None:
    for file in desired.files:
        _file_is_possible(file, desired, observed, problems)
    for link in desired.links:
        kind = observed.path(link.path).kind
        if kind not in ("missing", "link"):
            problems.add(link.path, link.target, f"{_KINDS[kind]} lies where a link is needed", "Move it away.")
    for path in dict.fromkeys(parent for path in desired.paths for parent in ancestors(path)):
        kind = observed.path(path).kind
        if kind not in ("missing", "directory"):
            problems.add(path, kind, f"{_KINDS[kind]} lies where a directory is needed", "Move it away, or choose another path.")


def _file_is_possible(file: File, desired: Desired, observed: Observed, problems: Problems) -> None:
    state = observed.path(file.path)
    if state.kind in ("missing", "file"):
        return
    if state.kind == "link":
        unit = file.path.rpartition("/")[2]
        masked = state.target == "/dev/null"
        problems.add(
            file.place,
            file.path,
            f"{unit} is masked" if masked else f"a symbolic link to {state.target} lies where a file is wanted",
            f"Unmask it first: systemctl unmask {unit}." if masked else "Name the file that it points to, or remove the link.",
        )
        return
    remedy = "Name a file in it." if state.kind == "directory" else "Choose another path."
    problems.add(file.place, file.path, f"{_KINDS[state.kind]} lies where a file is wanted", remedy)
