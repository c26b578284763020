# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stamp: a digest of all that a restart of a unit would apply.

It stands in the unit file itself, so that each process carries the stamp of the configuration it was started with
(Environment=) and its journal lines are tagged with it (LogExtraFields=). A restart is needed exactly when the two
differ, however the host came to be so: no handler and no memory of an earlier run is asked.
"""

from __future__ import annotations

import hashlib
from typing import Iterable, Mapping

from .._unitfile.syntax import Document
from .policy import needs_restart

NAME = "DAEMONIC_STAMP"
_COMMENT = "Added by daemonic.systemd: the configuration that a process of this unit was started with."
LENGTH = 16

Directives = Mapping["tuple[str, str]", "tuple[str, ...]"]


def restart_directives(document: Document) -> dict[tuple[str, str], tuple[str, ...]]:
    """Those effective directives that only a restart applies."""
    return {
        (section, key): values
        for (section, key), values in document.directives().items()
        if needs_restart(section, key) and not _is_stamp(values)
    }


def compute(document: Document, inputs: Mapping[str, str]) -> str:
    """The stamp of a unit. inputs: path → sha256 of the stack's files that its process reads at start."""
    lines = [f"{section}.{key}={value}" for (section, key), values in restart_directives(document).items() for value in values]
    lines += [f"{path}:{digest}" for path, digest in inputs.items()]
    return hashlib.sha256("\n".join(sorted_stably(lines)).encode("utf-8", "surrogateescape")).hexdigest()[:LENGTH]


def sorted_stably(lines: Iterable[str]) -> list[str]:
    """Sorted by directive; the order of one directive's values is kept, since it means something."""
    return sorted(lines, key=lambda line: line.partition("=")[0])


def inputs_of(document: Document, digests: Mapping[str, str]) -> dict[str, str]:
    """Those of the stack's files that the unit names in a directive that only a restart applies.

    digests: path → sha256 of all files of the stack. A path counts where it stands as a word of its own
    ("--config=/etc/a.conf", "-/etc/a.env"), not as part of a longer one.
    """
    words = {
        word
        for values in restart_directives(document).values()
        for value in values
        for word in value.replace("=", " ").replace(":", " ").replace('"', " ").replace("'", " ").split()
    }
    named = {word.lstrip("-@+!|") for word in words}
    return {path: digest for path, digest in digests.items() if path in named}


def stamped(document: Document, stamp: str) -> Document:
    """The unit file with its stamp as a last block."""
    value = f"{NAME}={stamp}"
    return document.appended("Service", [("Environment", value), ("LogExtraFields", value)], _COMMENT)


def _is_stamp(values: Iterable[str]) -> bool:
    return any(value.startswith(f"{NAME}=") for value in values)
