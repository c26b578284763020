#!/usr/bin/env python3
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write ``beat 1``, ``beat 2`` … to the system log at a steady interval, as a daemon of the old school (daemon(7)).

-d
    Fork into the background. Returns when the daemon beats, with 1 when it cannot.
-k
    End the daemon that runs. Returns when it has ended, or there was none.

Without an option it stays in the foreground, which is all that systemd needs: this script shows what to do with one that
cannot. The environment configures it:

INTERVAL
    Seconds between two beats, default 1.
PID_FILE
    Default: ``heartbeat.pid`` in the directory that systemd made for ``RuntimeDirectory=``, else in ``/run``.

The daemon holds a lock on its PID file as long as it lives. So a file that a crash has left means nothing, whoever has the
number in it by now.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import syslog
import time

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
LONGEST_STOP = 10.0  # seconds
READY = b"ready"


class Trouble(Exception):
    """Why it cannot, for a person."""


def pid_file() -> str:
    directory = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0] or "/run"
    return os.environ.get("PID_FILE") or os.path.join(directory, "heartbeat.pid")


def interval() -> float:
    text = os.environ.get("INTERVAL", "1")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 86400:
        raise Trouble(f"INTERVAL={text!r}: expected seconds, more than 0 and at most 86400")
    return seconds


def lock(path: str) -> int:
    """Open the PID file for the daemon that is to own it; raise Trouble while another one does."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise Trouble(f"cannot open {path}: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(f"runs already, with PID {owner(path)}") from None
    return handle


def owner(path: str) -> int:
    """The PID of the daemon that runs; 0 for none. Only a locked file tells one."""
    try:
        with open(path, encoding="ascii") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(stream.read() or 0)
    except FileNotFoundError:
        pass
    return 0


def daemonize(path: str, seconds: float) -> int:
    """Fork twice. The first process stays until the daemon is ready: whoever started it can rely on the PID file then."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        with open(reader, "rb") as answer:
            said = answer.read()
        if said != READY:
            print(f"heartbeat: {said.decode() or 'the daemon has died'}", file=sys.stderr)
        return 0 if said == READY else 1
    os.close(reader)
    os.setsid()  # away from the terminal and its signals
    if os.fork():  # the leader of a session could get a terminal again: its child cannot
        os._exit(0)
    with open(writer, "wb") as answer:
        try:
            handle = lock(path)  # never closed
            os.ftruncate(handle, 0)
            os.write(handle, b"%d\n" % os.getpid())
            detach()  # not before: until here an error can still be told
            answer.write(READY)
        except Trouble as trouble:
            answer.write(str(trouble).encode())
            answer.flush()
            os._exit(1)
    beat(seconds)
    return 0  # the end of the process frees the lock, and with it the file


def detach() -> None:
    """What a daemon gives back: the directory it was started in, and standard input, output and error."""
    os.chdir("/")
    os.umask(0o022)
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    os.close(null)


def beat(seconds: float) -> None:
    """Until the first stop signal, which waits while a beat is written."""
    syslog.openlog("heartbeat", syslog.LOG_PID, syslog.LOG_DAEMON)
    due, count = time.monotonic(), 0
    while True:
        count += 1
        syslog.syslog(f"beat {count}")
        due = max(due + seconds, time.monotonic())
        if signal.sigtimedwait(STOP_SIGNALS, max(0.0, due - time.monotonic())) is not None:
            return


def kill(path: str) -> int:
    """End the daemon, and wait for it."""
    deadline = time.monotonic() + LONGEST_STOP
    signalled = 0
    while time.monotonic() < deadline:
        pid = owner(path)
        if pid == 0:
            return 0
        if pid != signalled:
            os.kill(pid, signal.SIGTERM)
            signalled = pid
        time.sleep(0.05)
    raise Trouble(f"PID {owner(path)} does not end")


def main(arguments: list[str]) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        if arguments == ["-k"]:
            return kill(pid_file())
        if arguments == ["-d"]:
            return daemonize(pid_file(), interval())
        if arguments:
            raise Trouble("expected -d, -k, or nothing")
        beat(interval())
    except (Trouble, OSError) as trouble:
        print(f"heartbeat: {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
