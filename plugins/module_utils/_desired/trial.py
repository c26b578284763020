# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a release is tried: with the directory, environment, credentials and user that its service gives it.

What the same run is about to write is not on the disk yet, so that its content comes from the declaration.
"""

from __future__ import annotations

import re
from typing import Callable, Iterable, Mapping

from .._dataclasses import dataclass, field
from .._unitfile.quoting import split_words
from .._unitfile.syntax import Document, UnsuitableValue
from .desired import File
from .identity import Identity, identity_of

# systemd.exec(5), "Environment Variables in Spawned Processes": directive → variable, and where systemd makes it.
DIRECTORIES = {
    "RuntimeDirectory": ("RUNTIME_DIRECTORY", "/run"),
    "StateDirectory": ("STATE_DIRECTORY", "/var/lib"),
    "CacheDirectory": ("CACHE_DIRECTORY", "/var/cache"),
    "LogsDirectory": ("LOGS_DIRECTORY", "/var/log"),
    "ConfigurationDirectory": ("CONFIGURATION_DIRECTORY", "/etc"),
}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class EnvironmentFile:
    """path: it may be a pattern. is_optional: it need not be there. written: path → content, of what the stack writes."""

    path: str
    is_optional: bool
    written: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Trial:
    """environment: of Environment=. unset: of UnsetEnvironment=. directory: where it starts, "" for none that is known,
    "~" for its home. who: as whom.
    credentials: name → content; credential_files: name → (path, is encrypted), of those that others have put there.
    directories: variable → paths that systemd makes at its start.
    """

    unit: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment_files: tuple[EnvironmentFile, ...] = ()
    unset: tuple[str, ...] = ()
    directory: str = ""
    who: Identity = field(default_factory=Identity)
    credentials: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    credential_files: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    directories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def trial_of(unit: str, document: Document, files: Iterable[File], credentials: Mapping[str, bytes]) -> Trial:
    """unit: the name of the service; document: with its drop-ins. files: what the stack writes. credentials: its own."""

    def values(key: str) -> tuple[str, ...]:
        return tuple(_specified(value, unit) for value in document.values("Service", key))

    def last(key: str) -> str:
        return (values(key) or ("",))[-1]

    written = {file.path: file.source.data for file in files if file.source.data is not None and not file.seal}
    return Trial(
        unit=unit,
        environment=dict(word.split("=", 1) for value in values("Environment") for word in _words(value) if "=" in word),
        environment_files=tuple(
            EnvironmentFile(value.lstrip("-"), value[:1] == "-", written) for value in values("EnvironmentFile")
        ),
        unset=tuple(word for value in values("UnsetEnvironment") for word in _words(value)),
        directory=last("WorkingDirectory").lstrip("-"),
        who=identity_of(document, specified=lambda value: _specified(value, unit)),
        credentials={**_set_credentials(values("SetCredential")), **credentials},
        credential_files=_loaded(values, credentials),
        directories={
            variable: tuple(f"{root}/{word.partition(':')[0]}" for value in values(key) for word in value.split())
            for key, (variable, root) in DIRECTORIES.items()
            if values(key)
        },
    )


def _set_credentials(values: Iterable[str]) -> dict[str, bytes]:
    return {name: text.encode() for name, colon, text in (value.partition(":") for value in values) if colon}


def _loaded(values: Callable[[str], tuple[str, ...]], own: Mapping[str, bytes]) -> dict[str, tuple[str, bool]]:
    found = {}
    for key, is_encrypted in (("LoadCredential", False), ("LoadCredentialEncrypted", True)):
        for value in values(key):
            name, _colon, path = value.partition(":")
            if path.startswith("/") and name not in own:
                found[name] = (path, is_encrypted)
    return found


def _words(value: str) -> list[str]:
    try:
        return list(split_words(value))
    except UnsuitableValue:
        return []


def _specified(value: str, unit: str) -> str:
    """Those specifiers that are the same on every host; with another one a value is left as it is."""
    stem = unit.rpartition(".")[0]
    prefix, _at, instance = stem.partition("@")
    known = {"n": unit, "N": stem, "p": prefix, "i": instance, "t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log"}
    known.update({"E": "/etc", "%": "%"})
    return re.sub("%(.)", lambda found: known.get(found.group(1), found.group(0)), value)


def environment_in(text: str) -> dict[str, str]:
    """The variables of an EnvironmentFile= (systemd.exec(5)): quotes, comments, lines that are continued."""
    found = {}
    for line in _lines(text):
        name, sign, value = line.partition("=")
        if sign and _NAME.fullmatch(name.strip()):
            found[name.strip()] = _unquoted(value.strip())
    return found


def _lines(text: str) -> list[str]:
    """One for each assignment: quotes may span lines, and a backslash continues one."""
    lines = [""]
    quote = ""
    position = 0
    while position < len(text):
        character = text[position]
        if not quote and character in "#;" and not lines[-1].strip():
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
            continue
        if character == "\\" and quote != "'" and position + 1 < len(text):
            lines[-1] += "" if text[position + 1] == "\n" else text[position : position + 2]
            position += 2
            continue
        if character in "'\"" and (not quote or quote == character) and "=" in lines[-1]:
            quote = "" if quote else character
        if character == "\n" and not quote:
            lines.append("")
        else:
            lines[-1] += character
        position += 1
    return [line for line in lines if line.strip()]


def _unquoted(value: str) -> str:
    """Quotes are taken away, and a backslash makes what follows literal; in double quotes only where it must."""
    plain, quote, position = "", "", 0
    while position < len(value):
        character = value[position]
        if character == "\\" and quote != "'" and position + 1 < len(value):
            follower = value[position + 1]
            plain += follower if not quote or follower in '"\\$`' else f"\\{follower}"
            position += 2
            continue
        if character in "'\"" and (not quote or quote == character):
            quote = "" if quote else character
        else:
            plain += character
        position += 1
    return plain
