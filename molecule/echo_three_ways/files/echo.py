#!/usr/bin/env python3
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Echo to each client what it sends: a stream server that systemd may start by its socket.

It takes the first of these that it finds:

1. ``Accept=no``: listening sockets from systemd, any family, any number (sd_listen_fds(3));
2. ``Accept=yes``: one connection from systemd, passed likewise or, with ``StandardInput=socket``, as standard
   input; the process serves it and exits;
3. a socket of its own: ``echo.py [PORT]``, else PORT (default 9000) and HOST (default: every address) from
   the environment.

SIGTERM stops it gracefully: it accepts no more, goes on with each conversation until the client closes, but for
at most GRACE seconds (environment, default 5; keep it below ``TimeoutStopSec=``), and exits 0. Clients in the
queue of a socket from systemd stay there for the next process, so that a restart loses none.

Exit codes: 0 when done or stopped, 1 without a usable socket, 2 for a bad setting.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

FIRST_PASSED = 3  # SD_LISTEN_FDS_START
CHUNK = 64 * 1024  # bytes
ACCEPT_PAUSE = 1.0  # seconds


def log(message: str) -> None:
    print(f"echo: {message}", flush=True)


def setting(name: str, text: str, kind: type[int] | type[float], most: int) -> int | float:
    """Return ``text`` as a number from 0 to ``most``; raise ValueError with a message for people."""
    try:
        number = kind(text)
    except ValueError:
        number = -1
    if not 0 <= number <= most:  # not even NaN passes
        raise ValueError(f"{name}={text!r}: expected a number ({kind.__name__}) from 0 to {most}")
    return number


def sockets_from_systemd() -> list[socket.socket]:
    """Return the sockets passed as in sd_listen_fds(3); raise OSError if one is no stream socket."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):  # none, or meant for another process
        return []
    passed = range(FIRST_PASSED, FIRST_PASSED + int(os.environ.get("LISTEN_FDS", "0")))
    sockets = [socket.socket(fileno=fd) for fd in passed]
    for sock in sockets:
        sock.set_inheritable(False)
        if sock.type != socket.SOCK_STREAM:
            raise OSError(None, f"descriptor {sock.fileno()} from systemd is no stream socket")
    return sockets


def socket_from_stdin() -> list[socket.socket]:
    """Return the socket that is standard input, if it is one, and keep all that we print away from its client."""
    try:
        stdin = socket.socket(fileno=0)
    except OSError:  # a terminal, a pipe, /dev/null, closed
        return []
    sock = stdin.dup()
    stdin.detach()
    if not sock.getsockname():  # one end of a socketpair, as under sshd: nobody connected to us
        return []
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    if os.path.sameopenfile(2, sock.fileno()):
        os.dup2(null, 2)
    if os.path.sameopenfile(1, sock.fileno()):  # the default of StandardOutput= with StandardInput=socket
        os.dup2(2, 1)
    return [sock]


def socket_of_our_own(host: str, port: int) -> list[socket.socket]:
    """Return a socket that listens on ``host``, on every address if that is empty; raise OSError."""
    if not host and socket.has_dualstack_ipv6():
        return [socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)]
    return [socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)]


def is_listening(sock: socket.socket) -> bool:
    return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def describe(sock: socket.socket) -> str:
    """Return what ``sock`` is and where, such as ``listening on [::]:9000``."""
    name = sock.getsockname()
    if sock.family == socket.AF_INET6:
        place = f"[{name[0]}]:{name[1]}"
    elif sock.family == socket.AF_INET:
        place = f"{name[0]}:{name[1]}"
    else:
        place = os.fsdecode(name).replace("\0", "@")  # a path, or an abstract name: unix(7)
    return f"{'listening on' if is_listening(sock) else 'connected at'} {place}"


async def converse(connection: socket.socket) -> None:
    """Send back what arrives, until the client has ended its side, closed or vanished."""
    loop = asyncio.get_running_loop()
    with connection:
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # else one that vanished stays for ever
            while True:
                data = await loop.sock_recv(connection, CHUNK)
                if not data:
                    return
                # Nothing more is read before this is sent: who does not read is not read from, either.
                await loop.sock_sendall(connection, data)
                # Both calls return at once on a ready socket: without a break one busy client stops all others.
                await asyncio.sleep(0)
        except OSError as error:
            log(f"lost a client: {error.strerror}")


async def serve(sockets: list[socket.socket], passed: bool, grace: float) -> None:
    """Serve until SIGTERM, or until the connection ends if it is all there is.

    ``passed``: systemd keeps the sockets open, and in them the clients that are not accepted yet.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    listeners = [sock for sock in sockets if is_listening(sock)]
    conversations: set[asyncio.Task[None]] = set()

    def begin(connection: socket.socket) -> None:
        conversation = loop.create_task(converse(connection))
        conversations.add(conversation)
        conversation.add_done_callback(conversations.discard)
        if not listeners:  # this one connection is all that there will ever be
            conversation.add_done_callback(lambda _: stopping.set())

    def accept(listener: socket.socket) -> bool:
        """Take one client from the queue; return whether there was one."""
        # A callback, no coroutine: a stop cannot come between taking a client and caring for it.
        try:
            connection, _peer = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another process was faster, or the client gave up
            return False
        except OSError as error:  # out of descriptors or memory: leave the queue alone for a while
            log(f"cannot accept for {ACCEPT_PAUSE:g} s: {error.strerror}")
            loop.remove_reader(listener)
            loop.call_later(ACCEPT_PAUSE, listen, listener)
            return False
        begin(connection)
        return True

    def listen(listener: socket.socket) -> None:
        if not stopping.is_set():
            loop.add_reader(listener, accept, listener)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    for listener in listeners:
        listener.setblocking(False)
        listen(listener)
    for connection in set(sockets).difference(listeners):
        begin(connection)
    # Said only now: who reads this may count on a graceful stop.
    log(f"{', '.join(describe(sock) for sock in sockets)} ({'passed by systemd' if passed else 'bound by itself'})")
    await stopping.wait()

    for listener in listeners:
        loop.remove_reader(listener)
        while not passed and accept(listener):
            pass  # closing a socket that nobody else holds resets those who wait in its queue
        listener.close()
    if conversations:
        log(f"stopping; open conversations, for at most {grace:g} s: {len(conversations)}")
        _done, late = await asyncio.wait(conversations, timeout=grace)
        log(f"stopped; conversations cut off: {len(late)}")  # cancelled by asyncio.run()


def main() -> int:
    try:
        grace = setting("GRACE", os.environ.get("GRACE", "5"), float, most=86400)
        port = setting("PORT", sys.argv[1] if sys.argv[1:] else os.environ.get("PORT", "9000"), int, most=65535)
    except ValueError as error:
        print(f"echo: {error}", file=sys.stderr)
        return 2
    host = os.environ.get("HOST", "")
    try:
        passed = sockets_from_systemd() or socket_from_stdin()
        sockets = passed or socket_of_our_own(host, int(port))
    except OSError as error:
        print(f"echo: no socket to serve: {error.strerror}", file=sys.stderr)
        return 1
    asyncio.run(serve(sockets, bool(passed), grace))
    return 0


if __name__ == "__main__":
    sys.exit(main())
