# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""As whom a service runs: taken from its unit as it is written, whichever option or directive says so."""

from __future__ import annotations

from typing import Callable, Sequence

from .._dataclasses import dataclass
from .._unitfile.syntax import Document

_TRUE = ("yes", "true", "on", "1", "y", "t")


@dataclass(frozen=True)
class Identity:
    """user, group, groups: names or numbers, "" for root's. is_dynamic: the user is made when the unit starts."""

    user: str = ""
    group: str = ""
    groups: tuple[str, ...] = ()
    is_dynamic: bool = False

    @property
    def is_root(self) -> bool:
        if not self.user:
            return not self.is_dynamic
        return self.user == "root" or (self.user.isdigit() and int(self.user) == 0)


# Of nobody else on the host: made for one run of one program, and gone with it.
THROW_AWAY = Identity(is_dynamic=True)
ROOT = Identity()


def identity_of(document: Document, section: str = "Service", specified: Callable[[str], str] = str) -> Identity:
    """document: with its drop-ins. specified: resolves specifiers."""

    def values(key: str) -> Sequence[str]:
        return [specified(value) for value in document.values(section, key)]

    def last(key: str) -> str:
        return (list(values(key)) or [""])[-1]

    is_dynamic = last("DynamicUser").lower() in _TRUE
    groups = tuple(word for value in values("SupplementaryGroups") for word in value.split())
    return Identity(last("User"), last("Group"), groups, is_dynamic)
