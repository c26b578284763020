# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program as AnsibleModule.run_command does, where there is no AnsibleModule: to import it takes longer than to ask
systemd about ten units.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from typing import Mapping, Sequence

# What Python ignores, and a program expects as the kernel has it.
_AS_USUAL = (signal.SIGPIPE, signal.SIGXFSZ)


_READ_AT_MOST = 64 << 20  # bytes: what systemctl shows of thousands of units is less
# What a program that is ended for its time returns: as timeout(1) does.
TIMED_OUT = 124


def spawn(
    argv: Sequence[str], stdin: bytes | None, environment: Mapping[str, str], limit: float | None = None
) -> tuple[int, str, str]:
    """Return code (negative: the signal that has ended it), standard output and error. Raises OSError where it cannot run.

    Nothing can be stuck, and a child that goes on in the background is not waited for: what it reads is there before it
    starts, what it writes lies in memory.
    limit: seconds after which it is ended, with TIMED_OUT as its return code.
    """
    given, out, err = _holding(stdin), os.memfd_create("stdout"), os.memfd_create("stderr")
    try:
        pid = os.posix_spawnp(  # pylint: disable=ansible-bad-function
            argv[0],
            list(argv),
            {**os.environ, **environment},
            file_actions=[(os.POSIX_SPAWN_DUP2, stream, number) for number, stream in enumerate((given, out, err))],
            setsigdef=_AS_USUAL,
        )
        status = os.waitpid(pid, 0)[1] if limit is None else _wait(pid, limit)
        if status is None:
            return TIMED_OUT, _text(out), _text(err)
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return code, _text(out), _text(err)
    finally:
        for stream in (given, out, err):
            os.close(stream)


_F_SETPIPE_SZ = 1031  # fcntl(2); Python has it since 3.10


def _holding(data: bytes | None) -> int:
    """A descriptor to read this from, by preference a pipe that holds it all: systemd 254 locks the file that a transient
    unit reads, and tries without an end where that has no name, like a file in memory.
    """
    if not data:
        return os.open(os.devnull, os.O_RDONLY)
    reading, writing = os.pipe()
    with contextlib.suppress(OSError), open(writing, "wb", buffering=0) as pipe:
        os.set_blocking(writing, False)
        fcntl.fcntl(writing, _F_SETPIPE_SZ, len(data))
        if pipe.write(data) == len(data):
            return reading
    os.close(reading)
    given = os.memfd_create("stdin")
    with open(given, "wb", closefd=False) as file:
        file.write(data)
    os.lseek(given, 0, os.SEEK_SET)
    return given


def _wait(pid: int, limit: float) -> int | None:
    """Its status; None where it had to be ended. Looks more and more rarely: at first most programs are done soon."""
    begun = time.monotonic()
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        spent = time.monotonic() - begun
        if ended:
            return status
        if spent > limit:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        time.sleep(min(0.001 + spent / 50, 0.02))


def _text(stream: int) -> str:
    """Not more than the beginning: the program could have made the file as large as it likes."""
    with open(stream, "rb", closefd=False) as file:
        file.seek(0)
        return file.read(_READ_AT_MOST).decode("utf-8", "surrogateescape")
