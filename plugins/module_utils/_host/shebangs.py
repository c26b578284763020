# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs a script: the interpreter of its #! line, which has as much power over a unit as the script itself."""

from __future__ import annotations

import os
import stat
from typing import Iterator, Sequence

from .._checks.uses import Use
from .._dataclasses import replace
from .._desired.desired import Desired
from .._unitfile.commands import Command, code_of
from .facts import which

_HEAD = 256  # bytes; BINPRM_BUF_SIZE of Linux


def with_interpreters(uses: Sequence[Use], desired: Desired, root: str) -> tuple[Use, ...]:
    """What is run, and what runs that. An interpreter may be a script itself: so it goes on, as far as the kernel does."""
    written = {file.path: file.source.data for file in desired.files}
    found = list(uses)
    for use in found:
        if "runs it" in use.how or " by it" in use.how:
            head = written.get(use.path) or _head_of(f"{root}{use.path if use.path.startswith('/') else which(use.path, root)}")
            found += [replace(use, path=path) for path in _named_in(head) if not _is_known(path, found)]
    return tuple(found)


def _is_known(path: str, uses: Sequence[Use]) -> bool:
    return any(use.path == path for use in uses)


def _named_in(head: bytes) -> Iterator[str]:
    """The interpreter, and what env(1) looks for."""
    line = head[:_HEAD].partition(b"\n")[0]
    words = line[2:].decode("utf-8", "replace").split() if line.startswith(b"#!") else []
    if words:
        yield from code_of(Command("", words[0], tuple(words[1:]))).programs


def _head_of(path: str) -> bytes:
    """Of a regular file alone; what cannot be read is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with open(descriptor, "rb") as stream:
        return stream.read(_HEAD) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
