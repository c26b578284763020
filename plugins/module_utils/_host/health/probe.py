# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks units whether they are well, each in a thread of its own, until they answer as they should or are asked no more."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from typing import Iterator, Sequence

from ..._declaration.probe import LOCALHOST, Probe
from ..._health.diagnostics import Process
from ..._health.listeners import stranger, tcp_listeners, unix_listeners
from ..._health.watch import Answer
from ..._health.watched import Subject
from ..._text import line, lines_in
from ..io.commands import Commands
from ..io.processes import holders_of, process, text_of

_READ_AT_MOST = 1 << 20  # bytes of a body
_SHOWN = 300  # characters of what was met
_FAIR = 1.0  # seconds in which a daemon that is well answers
_LOOPBACK = ("127.0.0.1", "::1")


class ProbeFailed(Exception):
    """What came instead of a good answer, as a clause."""


class ProbeTimeout(ProbeFailed):
    """The time was over."""


class Probes:
    """Begins to ask at once. `news` is set when somebody has answered.

    A thread that still waits when nobody listens any more ends with the process, or with its timeout.
    """

    def __init__(self, subjects: Sequence[Subject], commands: Commands) -> None:
        self.news = threading.Event()
        self._over = threading.Event()
        self._answers = [Answer() for _subject in subjects]
        _import_for({subject.probe.kind for subject in subjects})
        for number, subject in enumerate(subjects):
            threading.Thread(target=self._ask, args=(number, subject, commands), daemon=True).start()

    def answers(self) -> list[Answer]:
        """So far, in the order of the subjects."""
        return list(self._answers)

    def end(self) -> None:
        """No further attempt is begun."""
        self._over.set()

    def _ask(self, number: int, subject: Subject, commands: Commands) -> None:
        deadline = time.monotonic() + subject.probe.timeout
        met = ""
        while not self._over.is_set():
            met = _met(subject, deadline, commands, met)
            is_last = bool(met) and time.monotonic() + subject.probe.interval >= deadline
            self._answers[number] = Answer(not met, met, is_last)
            if is_last or not met:
                self.news.set()
                return
            self._over.wait(subject.probe.interval)


def _import_for(kinds: set[str]) -> None:
    """What an attempt of this kind needs, and most runs do not. Two threads that import a module for the first time may find
    half of it (seen with Python 3.9).
    """
    if "command" in kinds:
        from ..io import sandbox  # noqa: F401  # pylint: disable=unused-import
    if "http" in kinds:
        import http.client  # noqa: F401


def _met(subject: Subject, deadline: float, commands: Commands, before: str) -> str:
    """One attempt: what was met instead of a good answer, "" for that. One that had hardly any time tells less than the
    one before it.
    """
    begun = time.monotonic()
    try:
        _attempt(subject, deadline, commands)
    except (ProbeTimeout, socket.timeout) as cut:
        if before and time.monotonic() - begun < _FAIR:
            return before
        return _clause(cut) if isinstance(cut, ProbeTimeout) else "no answer in time"
    except ProbeFailed as met:
        return _clause(met)
    except (OSError, ValueError) as error:  # ValueError: a host that is no name
        return (getattr(error, "strerror", "") or str(error)).lower()
    except Exception as error:  # a thread that ends would leave a daemon that is well without an answer
        return line(f"it could not be asked: {type(error).__name__}: {error}", _SHOWN)
    return ""


def _clause(met: ProbeFailed) -> str:
    """It holds words of whoever has answered."""
    return line(" ".join(str(met).split()), _SHOWN)


def _attempt(subject: Subject, deadline: float, commands: Commands) -> None:
    """Returns when the unit itself has answered well. Raises ProbeFailed or OSError, not long after the deadline."""
    before = _invocation(subject, commands)
    probe = subject.probe
    if probe.kind == "command":
        _run(subject, deadline, commands)
        return
    with _connected(probe, deadline) as connection:
        listeners = [] if subject.is_apart else list(_listeners(connection, probe))
        if probe.kind == "http":
            _get(probe, connection, deadline)
    after = _invocation(subject, commands)
    if before and after and before != after:
        raise ProbeFailed(f"{subject.service} was started again while it answered")
    other = stranger(listeners, subject.service, after, subject.sockets, commands.uid if commands.is_for_user else 0)
    if other:
        raise ProbeFailed(f"{probe.path or f'port {probe.port}'} is answered by {other}")


def _rest(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.05)


def _run(subject: Subject, deadline: float, commands: Commands) -> None:
    """As the user of the daemon: whoever may change the command has no more power than that."""
    from ..io.sandbox import Sandbox

    rc, output = Sandbox(commands).run(subject.who, subject.probe.command, seconds=_rest(deadline))
    last = commands.discreet((lines_in(output.strip()) or [""])[-1])
    if rc in (124, 137) and time.monotonic() >= deadline:
        raise ProbeTimeout(f"it had not ended{f'; {last}' if last else ''}")
    if rc:
        raise ProbeFailed(f"exit status {rc}{f': {last}' if last else ''}")


# Connections.


def _connected(probe: Probe, deadline: float) -> socket.socket:
    if probe.path:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_rest(deadline))
        try:
            connection.connect(probe.path)
        except OSError:
            connection.close()
            raise
        return connection
    refused: OSError | None = None
    for host in _LOOPBACK if probe.host == LOCALHOST else (probe.host,):
        try:
            return socket.create_connection((host, probe.port), timeout=_rest(deadline))
        except OSError as error:  # what is said of IPv4 comes first: that of IPv6 is mostly that there is none
            refused = refused or error
    raise refused or OSError("no address")


def _get(probe: Probe, connection: socket.socket, deadline: float) -> None:
    from http.client import HTTPConnection, HTTPException

    name = probe.host or LOCALHOST
    http = HTTPConnection(f"[{name}]" if ":" in name else name, probe.port or None, timeout=_rest(deadline))
    http.sock = connection
    connection.settimeout(_rest(deadline))
    try:
        http.request("GET", probe.request, headers={"Connection": "close", "User-Agent": "daemonic.systemd"})
        response = http.getresponse()
        body = response.read(_READ_AT_MOST) if probe.body else b""
    except HTTPException as error:
        raise ProbeFailed(f"it did not speak HTTP: {error or type(error).__name__}") from None
    if response.status not in (probe.status or range(200, 300)):
        raise ProbeFailed(f"status {response.status} {response.reason}".rstrip())
    if probe.body.encode() not in body:
        raise ProbeFailed(f"status {response.status}, but {probe.body!r} does not occur in the body")


# Whose answer it is.


def _invocation(subject: Subject, commands: Commands) -> str:
    """PID 1 keeps it for the journal: the target of a link. "" for a service that does not run."""
    runtime = f"/run/user/{commands.uid}" if commands.is_for_user else "/run"
    try:
        return os.readlink(f"{runtime}/systemd/units/invocation:{subject.service}") if subject.service else ""
    except OSError:
        return ""


def _listeners(connection: socket.socket, probe: Probe) -> Iterator[list[Process]]:
    """Who holds the sockets that may have answered; none where it was another host."""
    if probe.path:
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        who = process(struct.unpack("3i", credentials)[0])
        if who:  # who has called listen(2), if it still runs
            yield [who]
        else:
            yield from holders_of(unix_listeners(text_of("/proc/net/unix"), probe.path))
        return
    peer, port = connection.getpeername()[:2]
    if peer != connection.getsockname()[0] and not peer.startswith("127."):
        return
    address = socket.inet_pton(connection.family, peer)
    yield from holders_of(tcp_listeners(text_of("/proc/net/tcp"), text_of("/proc/net/tcp6"), port, address))
