# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stamp: a digest of all that a restart of a unit would apply.

It stands in the unit file itself, so that each process carries the stamp of the configuration it was started with
(Environment=) and its journal lines are tagged with it (LogExtraFields=). A restart is needed exactly when the two
differ, however the host came to be so: no handler and no memory of an earlier run is asked.

The journal lines of a daemon tell its release, too. That is for those who read them, and decides nothing.

What is no process (a socket, a mount), and what is applied without a new one (a reload), is recorded in the manifest
together with the unit's InvocationID: the record counts for that very start of the unit only.
"""

from __future__ import annotations

import hashlib
from typing import Any, Iterable, Mapping

from .._dataclasses import dataclass
from .._unitfile.exec_lines import code_of, commands_of, is_interpreter
from .._unitfile.syntax import Document
from .restart_policy import RELOAD, RESTART, START, need_of

NAME = "DAEMONIC_STAMP"
RELEASE = "DAEMONIC_RELEASE"
LENGTH = 16
_COMMENT = "Added by daemonic.systemd: the configuration that a process of this unit was started with."


@dataclass(frozen=True)
class Stamps:
    """What a running unit must have applied. restart, reload: digests, "" for nothing; wants: the units it pulls in.

    start: of that part of `restart` which a new process alone can have: not of the files that a daemon reads again when it
    is reloaded.
    """

    restart: str = ""
    reload: str = ""
    wants: tuple[str, ...] = ()
    start: str = ""

    def as_record(self, invocation: str) -> dict[str, Any]:
        wants = " ".join(self.wants)
        return {"invocation": invocation, "stamp": self.restart, "reload": self.reload, "wants": wants, "start": self.start}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Stamps:
        """start: "" in the record of an older release of the collection."""
        return cls(record["stamp"], record["reload"], tuple(record["wants"].split()), record.get("start", ""))


def stamps_of(document: Document, inputs: Mapping[str, str]) -> Stamps:
    """The stamps of a unit. inputs: path → digest of the stack's files that its process reads at start."""
    wants = {word for values in directives(document, START).values() for value in values for word in value.split()}
    applied = directives(document, RESTART)
    read_once = {path: digest for path, digest in inputs.items() if path not in _read_again(document, inputs)}
    return Stamps(
        _digest(applied, inputs), _digest(directives(document, RELOAD), {}), tuple(sorted(wants)), _digest(applied, read_once)
    )


def directives(document: Document, need: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Those effective directives whose change has this need."""
    return {(section, key): values for (section, key), values in meaning(document).items() if need_of(section, key) == need}


def inputs_of(document: Document, digests: Mapping[str, str]) -> dict[str, str]:
    """Those of the stack's files that the unit names in a directive that only a restart applies.

    digests: path → digest of all files of the stack. A path counts where it stands as a word of its own
    ("--config=/etc/a.conf", "-/etc/a.env"), not as part of a longer one.
    """
    named = _named_in(value for values in directives(document, RESTART).values() for value in values)
    named |= set(credential_paths(document))
    return {path: digest for path, digest in digests.items() if path in named}


def named_paths(document: Document) -> set[str]:
    """The absolute paths in directives that only a restart applies."""
    found = _named_in(value for values in directives(document, RESTART).values() for value in values)
    return {path for path in found if path.startswith("/")}


def credential_paths(document: Document) -> tuple[str, ...]:
    """Of LoadCredential=: "name:path", where a path is all the rest of the line."""
    values = (value for key in _CREDENTIALS for value in document.values("Service", key))
    return tuple(value.partition(":")[2].replace("%%", "%") for value in values)


_CREDENTIALS = ("LoadCredential", "LoadCredentialEncrypted")


def _named_in(values: Iterable[str]) -> set[str]:
    words = (
        word for value in values for word in value.replace("=", " ").replace(":", " ").replace('"', " ").replace("'", " ").split()
    )
    return {word.lstrip("-@+!|") for word in words}


def _read_again(document: Document, paths: Iterable[str]) -> set[str]:
    """Those of these files that a daemon can read again when it is reloaded: arguments of its command, but no code, and
    what its variables name. systemd reads EnvironmentFile= and credentials at a start alone, and code is run from there.
    """
    found = directives(document, RESTART)
    commands = [command for value in found.pop(("Service", "ExecStart"), ()) for command in commands_of(value)]
    found.pop(("Service", "Environment"), None)
    once = _named_in(value for values in found.values() for value in values) | set(credential_paths(document))
    for command in commands:
        code = code_of(command)
        once |= {*code.programs, *code.scripts}
        if not code.scripts and not code.from_directory and is_interpreter(command.program):
            once |= _named_in(command.arguments)  # the code itself is an argument
    return {path for path in paths if path not in once}


def stamped(document: Document, stamp: str, release: str = "") -> Document:
    """The unit file with its stamp as a last block. release: the digest of the daemon's, "" for other units."""
    value = f"{NAME}={stamp}"
    added = [("Environment", value), ("LogExtraFields", value)]
    if release:
        added.append(("LogExtraFields", f"{RELEASE}={release}"))
    return document.appended("Service", added, _COMMENT)


def is_reset_by(document: Document) -> bool:
    """Would this drop-in take away the stamp of a text before it?"""
    return any(document.directives.get(("Service", key), ())[:1] == ("",) for key in ("Environment", "LogExtraFields"))


def _digest(chosen: Mapping[tuple[str, str], tuple[str, ...]], inputs: Mapping[str, str]) -> str:
    """Sorted by directive; the order of one directive's values is kept, since it means something. Nothing: ""."""
    lines = [f"{section}.{key}={value}" for (section, key), values in sorted(chosen.items()) for value in values]
    lines += [f"{path}:{digest}" for path, digest in sorted(inputs.items())]
    if not lines:
        return ""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:LENGTH]


def meaning(document: Document) -> dict[tuple[str, str], tuple[str, ...]]:
    """The effective directives, without the stamp that is ours."""
    kept = {place: _others(values) for place, values in document.directives.items()}
    return {place: values for place, values in kept.items() if values}


def _others(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value in values if not value.startswith((f"{NAME}=", f"{RELEASE}=")))
