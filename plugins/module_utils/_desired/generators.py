# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What generators make units of, at each daemon-reload: systemd.generator(7). Data."""

from __future__ import annotations

import posixpath
from typing import Iterable

_FILES = (
    "/etc/fstab",  # systemd-fstab-generator(8): mounts, automounts and swaps
    "/etc/crypttab",  # systemd-cryptsetup-generator(8)
    "/etc/veritytab",  # systemd-veritysetup-generator(8)
    "/etc/integritytab",  # systemd-integritysetup-generator(8)
    "/etc/rc.local",  # systemd-rc-local-generator(8)
)
_FOLDERS = (
    # The generators themselves.
    *(
        f"{base}/systemd/{kind}-generators"
        for base in ("/etc", "/run", "/usr/local/lib", "/usr/lib")
        for kind in ("system", "user")
    ),
    "/etc/init.d",  # systemd-sysv-generator(8)
    # podman-systemd.unit(5)
    *(f"{base}/containers/systemd" for base in ("/etc", "/run", "/usr/share")),
)
_OF_USERS = ("/.config/containers/systemd/",)


def is_input(path: str) -> bool:
    """Whether units may be made of a file."""
    if path in _FILES or any(part in path for part in _OF_USERS):
        return True
    return any(path.startswith(f"{folder}/") for folder in _FOLDERS)


def makes_units(paths: Iterable[str]) -> bool:
    return any(is_input(posixpath.normpath(path)) for path in paths)
