# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit file that lies on the host before the stack is expanded, and what its place says of it."""

from __future__ import annotations

from typing import Literal, Mapping

from .._dataclasses import dataclass, field
from .._declaration.problems import Problems
from .._unitfile.syntax import BYTE_ORDER_MARK, LINE_BREAK, Document, UnitSyntaxError, parse


@dataclass(frozen=True)
class UnitFileState:
    """kind: file, generated, sysv (generated from a script of SysV init), transient, linked (a link to a file elsewhere),
    alias (a link to another unit), masked, missing, or script (such a script on a host whose systemd takes none). path:
    where it was found; target: what a link points to; text: the unit file itself. Of an instance without a file of its own
    all that is its template's. dropins: name → text of those that others have brought for it, in any folder.
    """

    kind: Literal["file", "generated", "sysv", "transient", "linked", "alias", "masked", "missing", "script"] = "missing"
    path: str = ""
    target: str = ""
    text: str = ""
    dropins: Mapping[str, str] = field(default_factory=dict)

    def whole(self, more: Mapping[str, str] | None = None) -> str:
        """All that defines it, as systemd reads it: drop-ins by name, whatever folder they lie in. more: further ones."""
        dropins = {**self.dropins, **(more or {})}
        parts = [self.text, *(dropins[name] for name in sorted(dropins))]
        return "\n".join(part[1:] if part.startswith(BYTE_ORDER_MARK) else part for part in parts)


# There is no unit.
ABSENT = ("missing", "script")
# Why a unit that something else has installed cannot be enabled, and what to do instead. systemctl(1), "is-enabled".
_CANNOT_BE_ENABLED = {
    "generated": ("is made by a generator at each boot", "Configure what generates it, for example /etc/fstab."),
    "transient": ("lives only until the next boot", "Declare a unit file for it."),
    "alias": ("is an alias of {target}", "Name {target}."),
}


def check_can_be_enabled(installed: UnitFileState, name: str, place: str, problems: Problems, wanted: bool = True) -> None:
    """wanted: whether it is to be enabled or disabled."""
    if installed.kind in ABSENT:
        problems.add(place, name, "there is no such unit on the host", "Give its sections, or install what brings it.")
    elif installed.kind in _CANNOT_BE_ENABLED:
        problem, remedy = _CANNOT_BE_ENABLED[installed.kind]
        target = installed.target.rpartition("/")[2]
        problems.add(f"{place}.enabled", wanted, f"{name} {problem.format(target=target)}", remedy.format(target=target))


def as_systemd_reads(text: str) -> Document:
    """It only warns of a line that is none of a unit file, and goes on with the next."""
    lines = LINE_BREAK.split(text)
    while True:
        try:
            return parse("\n".join(lines))
        except UnitSyntaxError as error:
            if not lines[error.line - 1]:
                return parse("")
            lines[error.line - 1] = ""
