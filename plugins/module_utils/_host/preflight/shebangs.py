# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What files bring along: a script its interpreter, an environment file the paths from which its variables load code. They
have as much power over a unit as the file itself.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
from typing import Iterator, Sequence

from ..._checks.trusted_paths import LOADED_FROM, Use
from ..._dataclasses import replace
from ..._desired.desired import Desired
from ..._desired.trial import environment_in
from ..._unitfile.exec_lines import Command, code_of
from ..io.commands import which
from ..io.door import Door

_HEAD = 256  # bytes; BINPRM_BUF_SIZE of Linux
_MOST = 65536  # bytes of an environment file


def with_interpreters(uses: Sequence[Use], desired: Desired, root: str) -> tuple[Use, ...]:
    """What is run, and what runs that. An interpreter may be a script itself: so it goes on, as far as the kernel does."""
    written = {file.path: file.source.data for file in desired.files}
    found = list(uses)
    for use in found:
        if "runs it" in use.how or " by it" in use.how:
            head = written.get(use.path) or _head_of(use.path if use.path.startswith("/") else which(use.path, root), root)
            found += [replace(use, path=path) for path in _named_in(head) if not _is_known(path, found)]
        elif "takes its environment" in use.how:
            text = written.get(use.path) or _head_of(use.path, root, _MOST)
            for name, path in _loaded_by(text.decode("utf-8", "replace")):
                how = use.how.replace("takes its environment from it", f"loads code from it ({name} in {use.path})")
                found.append(replace(use, path=path, how=how))
    return tuple(found)


def _loaded_by(text: str) -> Iterator[tuple[str, str]]:
    """(variable, path) of an environment file; relative paths are not known."""
    for name, value in environment_in(text).items():
        if name in LOADED_FROM:
            for path in re.split(f"[{LOADED_FROM[name]}]", value):
                if path.startswith("/"):
                    yield name, posixpath.normpath(path)


def _is_known(path: str, uses: Sequence[Use]) -> bool:
    return any(use.path == path for use in uses)


def _named_in(head: bytes) -> Iterator[str]:
    """The interpreter, and what env(1) looks for."""
    line = head[:_HEAD].partition(b"\n")[0]
    words = line[2:].decode("utf-8", "replace").split() if line.startswith(b"#!") else []
    if words:
        yield from code_of(Command("", words[0], tuple(words[1:]))).programs


def _head_of(path: str, root: str, most: int = _HEAD) -> bytes:
    """Of a regular file alone, in an image too; what cannot be read is none."""
    with contextlib.suppress(OSError), Door(root).following(path) as place:
        return place.head(most)
    return b""
