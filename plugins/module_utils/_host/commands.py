# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs on the managed node: the only door to them."""

from __future__ import annotations

from typing import Callable, Sequence

# (argv, standard input) → (return code, standard output, standard error)
Runner = Callable[[Sequence[str], "bytes | None"], "tuple[int, str, str]"]


class CommandFailed(Exception):
    """A program ended with a return code that its caller has not named as acceptable."""

    def __init__(self, argv: Sequence[str], rc: int, stderr: str) -> None:
        super().__init__(f"{' '.join(argv)} failed with {rc}: {stderr.strip()}")


class Commands:
    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def output(self, argv: Sequence[str], accept: Sequence[int] = (0,), stdin: bytes | None = None) -> str:
        """Standard output. Raises CommandFailed unless the return code is in `accept`."""
        rc, out, err = self._run(argv, stdin)
        if rc not in accept:
            raise CommandFailed(argv, rc, err)
        return out

    def attempt(self, argv: Sequence[str], stdin: bytes | None = None) -> tuple[int, str]:
        """Return code and standard error, for a caller who judges by what the host shows afterwards."""
        rc, _out, err = self._run(argv, stdin)
        return rc, err.strip()
