# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a service give up its ports to sockets of systemd, without an end of what serves its clients.

`systemctl stop` would not do: the way in which it stops is the unit's own, and slower than what clients bear.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import time
from typing import Collection, Iterator

from ..._health.listeners import bound, unit_in
from ..._plan.actions import TakeOverPorts
from ..io.commands import CommandFailed, Commands
from ..io.door import Door
from ..io.file_contents import name_beside, write
from ..io.processes import groups_of, inodes_of, text_of

_PATIENCE = 5.0  # seconds for all of it
_POLITE = 0.1  # until what still holds a port is asked to end, too; it takes datagrams or listens itself (wait = yes)
_KILL_AFTER = 2.5
_INTERVAL = 0.002


def hand_over(action: TakeOverPorts, commands: Commands) -> None:
    """Returns when the ports are free. Raises CommandFailed where they do not become so."""
    with _leniently(action, commands):
        family = _family_of(action.target)
        held = {pid: inodes_of(pid) for pid in family}
        parents = [pid for pid, parent in family.items() if parent not in family and _is_main(pid, action.target)]
        _signal(parents, getattr(signal, action.signal))
        _wait(action, parents, held)


def _wait(action: TakeOverPorts, parents: Collection[int], held: dict[int, frozenset[str]]) -> None:
    begun = time.monotonic()
    told = 0
    while True:
        busy = _bound(action) & frozenset().union(*held.values())
        if not busy and not any(os.path.exists(f"/proc/{pid}") and not _is_zombie(pid) for pid in parents):
            return
        waited = time.monotonic() - begun
        if waited > _PATIENCE:
            raise CommandFailed(["kill", f"-{action.signal}", action.target], 1, "it does not give up its ports")
        holders = [pid for pid, inodes in held.items() if inodes & busy and pid not in parents]
        for number, (after, kind) in enumerate(((_POLITE, signal.SIGTERM), (_KILL_AFTER, signal.SIGKILL)), 1):
            if waited > after and told < number:
                told = number
                _signal(holders, kind)
        time.sleep(_INTERVAL)


def _bound(action: TakeOverPorts) -> frozenset[str]:
    """The sockets that are bound to one of the ports, by inode."""
    texts = {name: text_of(f"/proc/net/{name}") for name in ("tcp", "tcp6", "udp", "udp6")}
    return frozenset(
        inode
        for protocol, port in action.ports
        for name in (protocol, f"{protocol}6")
        for inode in bound(texts.get(name, ""), port)
    )


@contextlib.contextmanager
def _leniently(action: TakeOverPorts, commands: Commands) -> Iterator[None]:
    """systemd leaves the other processes of the unit alone when the first one ends, until it reads its units again."""
    door, folder = Door(), f"/run/systemd/system/{action.target}.d"
    path = f"{folder}/50-hand-over.conf"
    if not action.is_strict and not os.path.exists(path):  # a run that was killed may have left it
        yield
        return
    _write(door, folder, path)
    try:
        commands.output(commands.systemctl.daemon_reload())
        yield
    finally:
        with door.at(path) as place:
            place.unlink()
        with contextlib.suppress(OSError), door.at(folder) as place:  # somebody else may have a drop-in there
            place.remove_directory()


def _write(door: Door, folder: str, path: str) -> None:
    """As units are, whatever the umask is: systemd warns of what others could write."""
    with contextlib.suppress(FileExistsError), door.at(folder) as place:
        place.make_directory(0o755)
    with door.at(path) as place:
        new = place.beside(name_beside(place.path, "new"))
        new.rename(place.name, write(new, io.BytesIO(b"[Service]\nKillMode=process\n"), (0, 0, 0o644)))


# Processes


def _family_of(unit: str) -> dict[int, int]:
    """The processes of a unit, each with its parent."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and unit_in(groups_of(name)) == unit:
            fields = text_of(f"/proc/{name}/stat").rpartition(")")[2].split()
            found[int(name)] = int(fields[1]) if len(fields) > 1 else 0
    return found


def _is_main(pid: int, unit: str) -> bool:
    """The service itself, not what it has started, whose parent may have ended by now."""
    return text_of(f"/proc/{pid}/comm").strip() == unit.rpartition(".")[0]


def _is_zombie(pid: int) -> bool:
    return text_of(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] in ([], ["Z"])


def _signal(pids: Collection[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
