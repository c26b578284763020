# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit file that lies on the host before the stack is expanded, and what its place says of it."""

from __future__ import annotations

from .._dataclasses import dataclass
from .._declaration.problems import Problems


@dataclass(frozen=True)
class Installed:
    """kind: file, generated, sysv (generated from a script of SysV init), transient, linked (a link to a file elsewhere),
    alias (a link to another unit), masked, missing, or script (such a script on a host whose systemd takes none). path:
    where it was found; target: what a link points to; text: the unit file itself. Of an instance without a file of its own
    all that is its template's.
    """

    kind: str = "missing"
    path: str = ""
    target: str = ""
    text: str = ""


# There is no unit.
ABSENT = ("missing", "script")
# Why a unit that something else has installed cannot be enabled, and what to do instead. systemctl(1), "is-enabled".
_CANNOT_BE_ENABLED = {
    "generated": ("is made by a generator at each boot", "Configure what generates it, for example /etc/fstab."),
    "transient": ("lives only until the next boot", "Declare a unit file for it."),
    "alias": ("is an alias of {target}", "Name {target}."),
}


def check_can_be_enabled(installed: Installed, name: str, place: str, problems: Problems, wanted: bool = True) -> None:
    """wanted: whether it is to be enabled or disabled."""
    if installed.kind in ABSENT:
        problems.add(place, name, "there is no such unit on the host", "Give its sections, or install what brings it.")
    elif installed.kind in _CANNOT_BE_ENABLED:
        problem, remedy = _CANNOT_BE_ENABLED[installed.kind]
        target = installed.target.rpartition("/")[2]
        problems.add(f"{place}.enabled", wanted, f"{name} {problem.format(target=target)}", remedy.format(target=target))
