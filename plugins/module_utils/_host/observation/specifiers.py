# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What specifiers of an [Install] section stand for on this host, or in an image: systemd.unit(5), "Specifiers".

Most declarations have none, so nothing is read before one is asked for.
"""

from __future__ import annotations

import grp
import os
import shlex
from typing import Callable

from ..._text import lines_in
from ..io.accounts import Account
from ..io.door import Door

# As systemd names them: ConditionArchitecture= in systemd.unit(5).
_ARCHITECTURES = {
    "x86_64": "x86-64",
    "aarch64": "arm64",
    "armv6l": "arm",
    "armv7l": "arm",
    "armv8l": "arm",
    "i386": "x86",
    "i486": "x86",
    "i586": "x86",
    "i686": "x86",
    "ppc64le": "ppc64-le",
    "mips": "mips",
}
_OF_RELEASE = {"o": "ID", "w": "VERSION_ID", "B": "BUILD_ID", "W": "VARIANT_ID", "M": "IMAGE_ID", "A": "IMAGE_VERSION"}
_OF_USER: dict[str, Callable[[Account], str]] = {
    "u": lambda user: user.name,
    "U": lambda user: str(user.uid),
    "g": lambda user: _group_name(user.gid),
    "G": lambda user: str(user.gid),
}
_ROOT = Account("root", 0, 0, "/root")


class Specifiers:
    """root: of an image, or ""; user: whose manager it is, None for the system's. Called with a letter."""

    def __init__(self, root: str = "", user: Account | None = None) -> None:
        self._root = root
        self._user = user or _ROOT

    def __call__(self, letter: str) -> str:
        if letter in _OF_USER:
            return _OF_USER[letter](self._user)
        if letter in _OF_RELEASE:
            return self._release().get(_OF_RELEASE[letter], "linux" if letter == "o" else "")
        return str(getattr(self, f"_{letter}", str)())

    def _a(self) -> str:
        machine = os.uname().machine
        return _ARCHITECTURES.get(machine, machine)

    def _b(self) -> str:
        return self._first_line("/proc/sys/kernel/random/boot_id").replace("-", "")

    def _m(self) -> str:
        return self._first_line("/etc/machine-id")

    def _v(self) -> str:
        return os.uname().release

    def _H(self) -> str:  # noqa: N802, the letter of the specifier
        return self._first_line("/etc/hostname") if self._root else os.uname().nodename

    def _l(self) -> str:
        return self._H().partition(".")[0]

    def _q(self) -> str:
        return self._assignments("/etc/machine-info").get("PRETTY_HOSTNAME") or self._H()

    def _release(self) -> dict[str, str]:
        return self._assignments("/etc/os-release") or self._assignments("/usr/lib/os-release")

    def _first_line(self, path: str) -> str:
        return next(iter(self._lines(path)), "").strip()

    def _assignments(self, path: str) -> dict[str, str]:
        """os-release(5), machine-info(5): as a shell reads them."""
        found = {}
        for line in self._lines(path):
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith("#"):
                try:
                    found[name] = "".join(shlex.split(value)[:1])
                except ValueError:
                    continue
        return found

    def _lines(self, path: str) -> list[str]:
        """What is of the running kernel has no place in an image."""
        try:
            with Door("" if path.startswith("/proc/") else self._root).following(path) as place:
                return lines_in(place.read()[0].decode("utf-8", "replace"))
        except OSError:
            return []


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
