# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may write a file by its ACL, which its mode does not say: acl(5). The kernel has it as an extended attribute."""

from __future__ import annotations

import os
import struct

from ..._dataclasses import dataclass

_NAME = "system.posix_acl_access"
_VERSION, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")  # linux/posix_acl_xattr.h: the version; tag, rights, number
_WRITE = 2
USER, OWN_GROUP, GROUP, _MASK = 0x02, 0x04, 0x08, 0x10


@dataclass(frozen=True)
class AclEntry:
    """kind: USER, GROUP, or OWN_GROUP, that of the file. number: of the user or the group."""

    kind: int
    number: int


def acl_of(path: str) -> tuple[AclEntry, ...] | None:
    """The entries by which others than the owner may write; None where there is no ACL."""
    try:
        return entries_in(os.getxattr(path, _NAME, follow_symlinks=False))
    except OSError:  # without ACLs, or a file system that knows none
        return None


def entries_in(attribute: bytes) -> tuple[AclEntry, ...]:
    """What the mask takes away does not count."""
    rows = [_ENTRY.unpack_from(attribute, at) for at in range(_VERSION.size, len(attribute) - _ENTRY.size + 1, _ENTRY.size)]
    mask = next((rights for tag, rights, _number in rows if tag == _MASK), _WRITE)
    return tuple(
        AclEntry(tag, number) for tag, rights, number in rows if tag in (USER, OWN_GROUP, GROUP) and rights & mask & _WRITE
    )
