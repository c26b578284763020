# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs code that is not root's: as another user, in a unit that ends with all its processes, with an environment of its own.

What happens where there is no such unit says _desired/sandbox.py. Imported by runs that have something to run.
"""

from __future__ import annotations

import glob
import os
import pwd
from typing import Sequence

from ..._dataclasses import replace
from ..._desired import sandbox
from ..._desired.identity import THROW_AWAY, Identity
from .commands import Commands

_NOBODY = "nobody"
_CACHE = "/var/cache/private"
_PRIVATE = "/run/systemd/private"
_BUS = "/run/dbus/system_bus_socket"


class Sandbox:
    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self.has_units = os.geteuid() == 0 and os.path.exists(_PRIVATE) and os.path.exists(_BUS)

    @property
    def throws_away(self) -> bool:
        """What is made here is made by somebody else than who will own it."""
        return self.has_units and not self._commands.is_for_user

    def run(
        self, who: Identity, argv: Sequence[str], stdin: bytes | None = None, seconds: float = 60, name: str = "",
        more: Sequence[str] = (),
    ) -> tuple[int, str]:  # fmt: skip
        """Return code and all that was said; 124 or 137 where it took too long. In the scope of a user it is always that user.

        name: of the unit; more: further properties of it.
        """
        who = replace(Identity(), user=self._commands.user_name) if self._commands.is_for_user else who
        bounded = ["timeout", "-k", "1", f"{seconds:.2f}", *argv]
        if self.has_units:
            command = sandbox.in_unit(name or self.name_for("run"), who, bounded, int(seconds) + 5, self._variables(), more)
        else:
            command = [*self._prefix(who), *bounded]
        return self._commands.everything(command, {}, stdin, limit=seconds + 30)  # whoever is run could stop its timeout

    def name_for(self, task: str) -> str:
        """Of a unit, which no other one has. Whose manager the run is for stands in it: one run at a time is for that one."""
        return f"{self._stem}{task}-{os.urandom(4).hex()}"

    @property
    def _stem(self) -> str:
        return f"daemonic-{self._commands.uid}-"

    def _variables(self) -> dict[str, str]:
        return {"XDG_RUNTIME_DIR": f"/run/user/{self._commands.uid}"} if self._commands.is_for_user else {}

    def _prefix(self, who: Identity) -> list[str]:
        if os.geteuid() != 0 or who.is_root:
            return []
        account = account_of(who)
        groups = () if account.pw_name == _NOBODY else who.groups
        return sandbox.as_user(account.pw_name, "" if account.pw_name == _NOBODY else who.group, groups)

    # What is made by a throwaway user

    def workshop(self, name: str) -> str:
        """Where the unit of this name makes something: a folder of its user, in one that only root can enter."""
        return f"{_CACHE}/{name}"

    def sweep(self) -> None:
        """What a run that was killed has left."""
        units = [os.path.basename(path) for path in glob.glob(f"/run/systemd/transient/{self._stem}*.service")]
        if units and self.has_units:
            self._commands.attempt(["systemctl", "stop", "--", *units])
        for path in glob.glob(f"{_CACHE}/{self._stem}*") if self.throws_away else ():
            self.clear(os.path.basename(path))

    def clear(self, name: str) -> None:
        self._commands.attempt(["rm", "-rf", "--", f"{_CACHE}/{name}"])  # however deep a wheel has made it
        link = f"/var/cache/{name}"
        if os.path.islink(link):
            os.unlink(link)


def account_of(who: Identity) -> pwd.struct_passwd:
    """Whose rights it has where there are no units: those of nobody for a user that is not there. Raises KeyError."""
    for name in (who.user, _NOBODY):
        try:
            return pwd.getpwuid(int(name)) if name.isdigit() else pwd.getpwnam(name)
        except KeyError:
            continue
    raise KeyError(_NOBODY)


__all__ = ["THROW_AWAY", "Sandbox", "account_of"]
