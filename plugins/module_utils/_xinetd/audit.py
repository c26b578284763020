# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else could change xinetd's configuration, which says what root runs, or read it?"""

from __future__ import annotations

from typing import Any, Iterable, Literal

from .._dataclasses import dataclass
from .._declaration.problems import Problems

_OTHERS_READ, _OTHERS_WRITE, _GROUP_WRITES = 0o004, 0o002, 0o020


@dataclass(frozen=True)
class Permission:
    """A file or directory of the configuration. kind: file or directory."""

    path: str
    kind: Literal["file", "directory"]
    owner: str
    group: str
    mode: int

    @property
    def weaknesses(self) -> tuple[tuple[str, str], ...]:
        """(what is wrong, the command that repairs it)"""
        found = []
        if self.owner != "root":
            found.append((f"belongs to {self.owner}, who can change it", f"chown root {self.path}"))
        if self.mode & _OTHERS_WRITE:
            found.append(("can be written by everybody", f"chmod o-w {self.path}"))
        if self.mode & _GROUP_WRITES and self.group != "root":
            found.append((f"can be written by the group {self.group}", f"chmod g-w {self.path}"))
        if self.kind == "file" and self.mode & _OTHERS_READ:
            found.append(("can be read by everybody", f"chmod o-r {self.path}"))
        return tuple(found)

    def as_result(self) -> dict[str, Any]:
        problems = [what for what, _mend in self.weaknesses]
        return {
            "path": self.path,
            "owner": self.owner,
            "group": self.group,
            "mode": f"{self.mode:04o}",
            "problems": problems,
        }


def audit(permissions: Iterable[Permission], problems: Problems) -> list[str]:
    """What others can change is a problem, what they can read a warning: Debian ships all of it readable."""
    warnings = []
    for each in permissions:
        for what, mend in each.weaknesses:
            if "read" in what:
                warnings.append(each.path)
            else:
                problems.add(each.path, f"{each.mode:04o} {each.owner}:{each.group}", f"it {what}", f"Run {mend}.")
    return warnings
