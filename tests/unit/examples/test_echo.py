# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The echo server as systemd runs it: a process, its descriptors, its signals, clients on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "examples" / "files" / "echo.py"
PATIENCE = 10.0  # seconds, for anything that takes a moment
LOOPBACK = ("127.0.0.1", 0)

# systemd's part of sd_listen_fds(3): the descriptors lie at 3 and up, LISTEN_PID is the process that gets them.
# They are moved up first, so that none is overwritten before its turn.
LAUNCHER = """
import fcntl, os, sys
*fds, script = sys.argv[1:]
for place, fd in enumerate([fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in fds], start=3):
    os.dup2(fd, place)
    os.close(fd)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)))
os.execv(sys.executable, [sys.executable, script])
"""


class Daemon(subprocess.Popen):
    """A running echo server."""

    def __init__(self, arguments, environment, **options):
        super().__init__(
            [sys.executable, *arguments],
            env={"PATH": os.environ["PATH"], **environment},
            universal_newlines=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )
        self.timer = threading.Timer(3 * PATIENCE, self.kill)  # no read from a daemon that hangs lasts for ever
        self.timer.start()

    def ready(self):
        """Return the line that says how it got its socket."""
        return self.stdout.readline()

    def stop(self):
        """Ask for a graceful stop, as systemd does; do not wait for it."""
        self.send_signal(signal.SIGTERM)

    def result(self):
        """Return exit code, output and errors."""
        output, errors = self.communicate(timeout=PATIENCE)
        return self.returncode, output, errors


@pytest.fixture(name="daemons")
def fixture_daemons():
    """Processes to end after the test, however it went."""
    with contextlib.ExitStack() as stack:

        def launch(arguments, environment=None, **options):
            daemon = Daemon(arguments, environment or {}, **options)
            stack.callback(daemon.communicate)
            stack.callback(daemon.kill)
            stack.callback(daemon.timer.cancel)
            return daemon

        yield launch


@pytest.fixture(name="standalone")
def fixture_standalone(daemons):
    """Start a server that binds its own socket; return it and its address."""

    def start(**environment):
        daemon = daemons([str(SCRIPT)], {"HOST": "127.0.0.1", "PORT": "0", **environment})
        line = daemon.ready()
        match = re.fullmatch(r"echo: listening on 127\.0\.0\.1:(\d+) \(bound by itself\)\n", line)
        assert match, line
        return daemon, ("127.0.0.1", int(match.group(1)))

    return start


@pytest.fixture(name="activated")
def fixture_activated(daemons):
    """Start a server with sockets as systemd passes them; return it and its first line."""

    def start(*sockets, **environment):
        fds = [sock.fileno() for sock in sockets]
        daemon = daemons(["-c", LAUNCHER, *map(str, fds), str(SCRIPT)], environment, pass_fds=fds)
        return daemon, daemon.ready()

    return start


@pytest.fixture(name="listener")
def fixture_listener():
    """The socket that a socket unit holds."""
    with socket.create_server(LOOPBACK) as sock:
        yield sock


def connect(address):
    return socket.create_connection(address, timeout=PATIENCE)


def receive(client, size):
    """Return ``size`` bytes, or fewer if the server ends the connection."""
    data = bytearray()
    while len(data) < size:
        chunk = client.recv(size - len(data))
        if not chunk:
            break
        data += chunk
    return bytes(data)


def exchange(client, message):
    client.sendall(message)
    return receive(client, len(message))


def ask(address, message):
    """Return the answer to ``message`` of a client that comes, asks and goes."""
    with connect(address) as client:
        return exchange(client, message)


def wait_until_refused(address):
    """Return when nobody listens at ``address`` any more."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            connect(address).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError(f"somebody still listens at {address}")


# Conversations


def test_answers_message_by_message(standalone):
    _daemon, address = standalone()
    with connect(address) as client:
        for message in (b"one\n", b"\0\xff", b"three, no newline"):
            assert exchange(client, message) == message


def test_returns_everything_to_a_half_closed_client(standalone):
    """The client ends its side first; what it sent still comes back, then the server ends its own."""
    _daemon, address = standalone()
    data = os.urandom(1 << 20) * 16
    with connect(address) as client, ThreadPoolExecutor(1) as pool:

        def send():
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)

        sent = pool.submit(send)
        assert receive(client, len(data)) == data
        assert client.recv(1) == b""
        sent.result(PATIENCE)


def test_does_not_read_from_a_client_that_does_not(standalone):
    """Back pressure: the server holds a chunk, not all that a client sends."""
    daemon, address = standalone()
    with connect(address) as client:
        client.settimeout(0.5)
        sent = 0
        with contextlib.suppress(socket.timeout):
            for _chunk in range(1024):  # 64 MiB, more than the kernel's buffers hold
                sent += client.send(bytes(1 << 16))
        assert sent < 64 << 20
        status = Path(f"/proc/{daemon.pid}/status").read_text(encoding="utf-8")
        assert int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) < 50_000
        assert ask(address, b"others are served") == b"others are served"


def test_clients_take_turns(monkeypatch):
    """A client whose data is always there, and whose answers always fit, lets another have its turn."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # no __pycache__ among the examples
    spec = importlib.util.spec_from_file_location("echo", SCRIPT)
    echo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(echo)
    monkeypatch.setattr(echo, "CHUNK", 1)

    async def answers_to_busy_when_modest_is_served():
        with contextlib.ExitStack() as stack:
            (busy, server1), (modest, server2) = (map(stack.enter_context, socket.socketpair()) for _pair in "12")
            for client, message in ((busy, b"x" * 100), (modest, b"y")):
                client.setblocking(False)
                client.sendall(message)
            conversations = [asyncio.ensure_future(echo.converse(server)) for server in (server1, server2)]
            assert await asyncio.get_running_loop().sock_recv(modest, 1) == b"y"
            answers = len(busy.recv(100))
            for client in (busy, modest):
                client.shutdown(socket.SHUT_WR)
            await asyncio.wait_for(asyncio.gather(*conversations), PATIENCE)
            return answers

    assert asyncio.run(answers_to_busy_when_modest_is_served()) < 10


def test_stops_in_time_under_a_flood(standalone):
    daemon, address = standalone(GRACE="0.2")
    done = threading.Event()

    def flood():
        with connect(address) as client, ThreadPoolExecutor(1) as pool, contextlib.suppress(OSError):
            pool.submit(lambda: all(iter(lambda: client.recv(1 << 20), b"")))
            while not done.is_set():
                client.sendall(bytes(1 << 20))

    with ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(flood)
        try:
            for _number in range(20):
                assert ask(address, b"me, too") == b"me, too"
            daemon.stop()
            assert daemon.wait(PATIENCE) == 0
        finally:
            done.set()
            daemon.kill()
            flooding.exception(PATIENCE)


def test_fifty_clients_at_once(standalone):
    _daemon, address = standalone()
    meeting = threading.Barrier(50)

    def talk(number):
        message = b"%d " % number * 20_000
        with connect(address) as client:
            meeting.wait(PATIENCE)  # all are connected before any speaks
            with ThreadPoolExecutor(1) as sender:
                sender.submit(client.sendall, message)
                return receive(client, len(message)) == message

    with ThreadPoolExecutor(50) as pool:
        assert all(pool.map(talk, range(50)))


def test_survives_clients_that_reset(standalone):
    daemon, address = standalone()
    for _number in range(20):
        client = connect(address)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close() sends a reset
        client.sendall(b"never mind")
        client.close()
    assert ask(address, b"still there?") == b"still there?"
    daemon.stop()
    code, _output, errors = daemon.result()
    assert (code, errors) == (0, "")


def test_goes_on_after_running_out_of_descriptors(daemons):
    """It pauses instead of spinning, and takes the waiting clients as soon as descriptors are free."""
    limit = 24
    daemon = daemons(
        [str(SCRIPT)],
        {"HOST": "127.0.0.1", "PORT": "0"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
    )
    address = ("127.0.0.1", int(re.search(r":(\d+) ", daemon.ready()).group(1)))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(address)) for _number in range(limit)]
        assert daemon.stdout.readline() == "echo: cannot accept for 1 s: Too many open files\n"
        time.sleep(0.2)  # long enough to fill the log, if it spun
        for client in clients[: limit // 2]:
            client.close()
        assert exchange(clients[-1], b"late") == b"late"
    daemon.stop()
    assert daemon.result()[1].count("cannot accept") < 5


# Where the socket comes from


def test_port_as_argument(daemons, listener):
    port = listener.getsockname()[1]
    listener.close()
    daemon = daemons([str(SCRIPT), str(port)], {"HOST": "127.0.0.1", "PORT": "1"})
    assert daemon.ready() == f"echo: listening on 127.0.0.1:{port} (bound by itself)\n"


def test_several_sockets_of_all_families(activated, tmp_path, listener):
    path = str(tmp_path / "echo.sock")
    with contextlib.ExitStack() as stack:
        sockets, places = [listener], [f"127.0.0.1:{listener.getsockname()[1]}"]
        with contextlib.suppress(OSError):  # hosts without IPv6
            sockets.append(stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6)))
            places.append(f"[::1]:{sockets[-1].getsockname()[1]}")
        local = stack.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(path)
        local.listen()
        sockets.append(local)
        places.append(path)

        daemon, line = activated(*sockets)

        assert line == "echo: " + ", ".join(f"listening on {place}" for place in places) + " (passed by systemd)\n"
        for sock in sockets:
            with socket.socket(sock.family) as client:
                client.settimeout(PATIENCE)
                client.connect(sock.getsockname())
                assert exchange(client, b"hello") == b"hello"
        daemon.stop()
        assert daemon.result()[::2] == (0, "")


def test_ignores_sockets_meant_for_another_process(daemons, listener):
    daemon = daemons(
        [str(SCRIPT)],
        {"HOST": "127.0.0.1", "PORT": "0", "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"},
        pass_fds=[listener.fileno()],
    )
    assert daemon.ready().endswith("(bound by itself)\n")


def test_accept_yes_serves_its_connection_and_exits(activated, listener):
    with connect(listener.getsockname()) as client:
        connection, _peer = listener.accept()
        with connection:
            daemon, line = activated(connection)
        assert line == f"echo: connected at 127.0.0.1:{listener.getsockname()[1]} (passed by systemd)\n"
        assert exchange(client, b"just us") == b"just us"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
        assert daemon.result() == (0, "", "")


@pytest.mark.parametrize("errors_too", [False, True], ids=["StandardError=journal", "StandardError=inherit"])
def test_accept_yes_inetd_style_tells_the_client_nothing(daemons, listener, errors_too):
    """Input and output are the client: the log goes to standard error, or nowhere if that is the client, too."""
    with connect(listener.getsockname()) as client:
        connection, _peer = listener.accept()
        with connection:
            stderr = connection if errors_too else subprocess.PIPE
            daemon = daemons([str(SCRIPT)], stdin=connection, stdout=connection, stderr=stderr)
        if not errors_too:
            assert daemon.stderr.readline().startswith("echo: connected at 127.0.0.1:")
        assert exchange(client, b"hello") == b"hello"
        daemon.stop()
        assert exchange(client, b"and bye") == b"and bye"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""
        assert daemon.wait(PATIENCE) == 0


def test_accept_yes_over_a_unix_socket_on_stdin(daemons, tmp_path):
    with socket.socket(socket.AF_UNIX) as unix, socket.socket(socket.AF_UNIX) as client:
        unix.bind(str(tmp_path / "echo.sock"))
        unix.listen()
        client.settimeout(PATIENCE)
        client.connect(unix.getsockname())
        connection, _peer = unix.accept()
        with connection:
            daemons([str(SCRIPT)], stdin=connection, stdout=connection)
        assert exchange(client, b"hello") == b"hello"


def test_a_socketpair_on_stdin_is_no_client(daemons):
    """As under sshd: the other end is the person who started it."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            daemon = daemons([str(SCRIPT)], {"HOST": "127.0.0.1", "PORT": "0"}, stdin=theirs)
        assert daemon.ready().endswith("(bound by itself)\n")


# SIGTERM


def test_idle_server_stops_at_once(standalone):
    daemon, _address = standalone(GRACE="60")
    daemon.stop()
    assert daemon.result() == (0, "", "")


def test_conversation_outlives_sigterm(standalone):
    """Also one that is idle when the signal comes: between two messages nobody can tell idle from slow."""
    daemon, address = standalone(GRACE="60")
    with connect(address) as client:
        assert exchange(client, b"before") == b"before"
        daemon.stop()
        assert daemon.stdout.readline() == "echo: stopping; open conversations, for at most 60 s: 1\n"
        wait_until_refused(address)
        assert exchange(client, b"after") == b"after"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert daemon.result() == (0, "echo: stopped; conversations cut off: 0\n", "")


def test_grace_is_bounded(standalone):
    daemon, address = standalone(GRACE="0.3")
    with connect(address) as client:
        assert exchange(client, b"before") == b"before"
        daemon.stop()
        before = time.monotonic()
        assert client.recv(1) == b""  # an orderly end, no reset
        assert time.monotonic() - before < PATIENCE / 2
        code, output, errors = daemon.result()
    assert (code, errors) == (0, "")
    assert output.endswith("echo: stopped; conversations cut off: 1\n")


def test_own_socket_serves_its_queue_before_it_closes(standalone):
    """Who connected before the signal is served, even if the server had no time to accept."""
    daemon, address = standalone()
    assert ask(address, b"up") == b"up"
    daemon.send_signal(signal.SIGSTOP)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(address)) for _number in range(20)]
        daemon.stop()
        daemon.send_signal(signal.SIGCONT)
        assert [exchange(client, b"me") for client in clients] == [b"me"] * len(clients)
    assert daemon.result()[::2] == (0, "")


def test_queue_of_a_passed_socket_waits_for_the_next_process(activated, listener):
    """A redeploy: the old process finishes its conversation, a client waits, the new process serves it."""
    address = listener.getsockname()
    old, _line = activated(listener, GRACE="60")
    with connect(address) as talking:
        assert exchange(talking, b"first") == b"first"
        old.stop()
        assert old.stdout.readline() == "echo: stopping; open conversations, for at most 60 s: 1\n"
        with connect(address) as waiting:
            waiting.sendall(b"anybody?")
            assert exchange(talking, b"last") == b"last"
            talking.close()
            assert old.result() == (0, "echo: stopped; conversations cut off: 0\n", "")
            _new, _line = activated(listener)
            assert receive(waiting, 8) == b"anybody?"


def test_restarts_under_load_lose_nobody(activated, listener):
    """Clients that come, ask and go, while the server behind their socket is replaced again and again."""
    address = listener.getsockname()
    done = threading.Event()

    def come_and_go(number):
        served = 0
        while not done.is_set():
            message = b"client %d message %d" % (number, served)
            assert ask(address, message) == message
            served += 1
        return served

    daemon, _line = activated(listener)
    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(come_and_go, number) for number in range(4)]
        try:
            for _restart in range(5):
                time.sleep(0.1)
                daemon.stop()
                code, _output, errors = daemon.result()
                assert (code, errors) == (0, "")
                daemon, _line = activated(listener)
        finally:
            done.set()
        assert all(client.result(PATIENCE) > 0 for client in clients)


# Errors: one line, and an exit code that is not 0


def fails(daemon):
    code, output, errors = daemon.result()
    assert output == ""
    assert errors.count("\n") == 1, errors
    return code, errors


def test_busy_port(daemons, listener):
    port = listener.getsockname()[1]
    code, error = fails(daemons([str(SCRIPT), str(port)], {"HOST": "127.0.0.1"}))
    assert code == 1
    assert error.startswith("echo: no socket to serve: Address already in use")
    assert str(port) in error


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PORT": "http"}, "PORT='http'"),
        ({"PORT": ""}, "PORT=''"),
        ({"PORT": "65536"}, "PORT='65536'"),
        ({"PORT": "9000.5"}, "PORT='9000.5'"),
        ({"PORT": "-1"}, "PORT='-1'"),
        ({"GRACE": "a while"}, "GRACE='a while'"),
        ({"GRACE": "nan"}, "GRACE='nan'"),
        ({"GRACE": "inf"}, "GRACE='inf'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_setting(daemons, environment, named):
    code, error = fails(daemons([str(SCRIPT)], {"HOST": "127.0.0.1", "PORT": "0", **environment}))
    assert code == 2
    assert error.startswith(f"echo: {named}: expected a number")


def test_datagram_socket(daemons):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        datagram.bind(LOOPBACK)
        fd = datagram.fileno()
        code, error = fails(daemons(["-c", LAUNCHER, str(fd), str(SCRIPT)], pass_fds=[fd]))
    assert (code, error) == (1, "echo: no socket to serve: descriptor 3 from systemd is no stream socket\n")


def test_descriptor_that_is_no_socket(daemons):
    with open(os.devnull, encoding="utf-8") as null:
        code, error = fails(daemons(["-c", LAUNCHER, str(null.fileno()), str(SCRIPT)], pass_fds=[null.fileno()]))
    assert (code, error) == (1, "echo: no socket to serve: Socket operation on non-socket\n")


def test_is_executable():
    assert os.access(SCRIPT, os.X_OK)
