# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`health`: how a unit is asked whether it is well."""

from __future__ import annotations

import re
from typing import Any, Callable, Literal, Mapping

from .._dataclasses import dataclass, replace
from . import options as opt
from .options import InvalidValue
from .problems import Problems

Kind = Literal["tcp", "unix", "http", "command"]
KINDS: tuple[Kind, ...] = ("tcp", "unix", "http", "command")
_DETAILS = ("status", "body")
_OPTIONS = dict.fromkeys((*KINDS, *_DETAILS, "timeout", "interval"))
LOCALHOST = "localhost"
_ANYWHERE = ("", "0.0.0.0", "::")
MOST_SECONDS = 3600


@dataclass(frozen=True)
class Probe:
    """kind: one of KINDS. host and port: of tcp and http; path: of a Unix socket, of unix and of http through one.

    request: what http asks for; without host and path it asks through the daemon's own socket (`through`). status: the
    answers that are well, none for 200 to 299. body: what must occur in it. command: argv; exit status 0 is well.
    timeout: until when it must have answered, in seconds from the start of the settle window; interval: between two attempts.
    """

    kind: Kind
    host: str = ""
    port: int = 0
    path: str = ""
    request: str = "/"
    status: tuple[int, ...] = ()
    body: str = ""
    command: tuple[str, ...] = ()
    timeout: float = 10
    interval: float = 0.25

    @property
    def needs_socket(self) -> bool:
        """Where it asks is yet to be told."""
        return self.kind == "http" and not (self.host or self.path)

    def through(self, listen: str) -> Probe:
        """The same, asked at a ListenStream=."""
        path, port = listen_address(listen)
        host = listen.rpartition(":")[0].strip("[]")
        return replace(self, path=path, port=port, host="" if path else LOCALHOST if host in _ANYWHERE else host)

    @property
    def address(self) -> str:
        """What is asked, for a person."""
        if self.kind == "command":
            return self.command[0]
        where = self.path or (f"port {self.port}" if self.host == LOCALHOST else f"{self.host}:{self.port}")
        return f"{where} (GET {self.request})" if self.kind == "http" else where


def probe(value: Any) -> Probe:
    """{tcp | unix | http | command, status, body, timeout, interval}."""
    given = {key: item for key, item in opt.mapping(value).items() if item is not None}
    _refuse_unknown(given)
    kinds = [kind for kind in KINDS if kind in given]
    if len(kinds) != 1:
        problem = f"names {', '.join(kinds)} are mutually exclusive" if kinds else "does not say what is asked"
        raise InvalidValue(problem, f"Give one of {', '.join(KINDS)}, for example {{tcp: 9000}}.")
    kind = kinds[0]
    for detail in _DETAILS:
        if detail in given and kind != "http":
            raise InvalidValue(f"has no meaning with {kind}", "Take it away, or ask by http.", detail)
    fields = dict(_within(kind, _READERS[kind], given[kind]))
    if "status" in given:
        fields["status"] = _within("status", _status, given["status"])
    if "body" in given:
        fields["body"] = _within("body", _body, given["body"])
    for span in ("timeout", "interval"):
        if span in given:
            fields[span] = _within(span, _span, given[span])
    return Probe(kind, **fields)


def _refuse_unknown(given: Mapping[str, Any]) -> None:
    problems = Problems()
    if not opt.check_names("", given, _OPTIONS, problems):
        problem = problems.found[0]
        raise InvalidValue(problem.problem, problem.remedy, problem.place)


def _within(name: str, reader: Callable[[Any], Any], value: Any) -> Any:
    try:
        return reader(value)
    except InvalidValue as error:
        raise InvalidValue(error.problem, error.remedy, ".".join(filter(None, (name, error.inside)))) from None


# Readers of what is asked: value → fields of Probe.


def _tcp(value: Any) -> dict[str, Any]:
    match = re.fullmatch(_ADDRESS, opt.text(value))
    if not match:
        raise InvalidValue("is neither a port nor host:port", "Write for example 9000 or 192.0.2.1:9000.")
    return _place(match.group("host"), match.group("port"))


def _unix(value: Any) -> dict[str, Any]:
    return {"path": _socket_path(value)}


def _socket_path(value: Any) -> str:
    """An absolute path, or one that a specifier makes absolute: %t, %S and the like, and systemd.unit(5) has the rest."""
    path = opt.text(value)
    return path if re.match(r"%[tSCLEhTV](?:/|$)", path) else opt.absolute_path(path)


def _http(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return _http_through_unix(value)
    text = opt.text(value)
    scheme, separator, _rest = text.partition("://")
    if separator and scheme.lower() != "http":
        raise InvalidValue(f"cannot be asked by {scheme}", "Write http://…, or ask by a command such as [curl, --fail, URL].")
    if text.startswith("/"):
        return {"request": _request(text)}
    match = re.fullmatch(_URL, text)
    if not match or not (separator or match.group("port")):
        raise InvalidValue(
            "is no address of http", "Write http://host:port/path, or :8000/path for this host, or /path with a socket."
        )
    return {**_place(match.group("host"), match.group("port") or "80"), "request": _request(match.group("request") or "/")}


def _http_through_unix(given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [str(name) for name in given if name not in ("unix", "path")]
    if unknown or "unix" not in given:
        raise InvalidValue(f"has {', '.join(unknown) or 'no unix'}", "Write a URL, or {unix: /run/a.sock, path: /}.")
    request = _within("path", opt.text, given.get("path", "/"))
    return {"path": _within("unix", _socket_path, given["unix"]), "request": _within("path", _request, request)}


def _command(value: Any) -> dict[str, Any]:
    words = opt.arguments(value)
    if not words or not words[0]:
        raise InvalidValue("names no program", "Write a list, the program first: [/usr/bin/check, --fast].")
    return {"command": words}


_READERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {"tcp": _tcp, "unix": _unix, "http": _http, "command": _command}
_HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)"
# Compiled when they are needed: every run imports this module, few have a probe.
_ADDRESS = rf"(?:{_HOST}?:)?(?P<port>-?[0-9]+)"
_URL = rf"(?:[Hh][Tt][Tt][Pp]://)?{_HOST}?(?::(?P<port>-?[0-9]+))?(?P<request>/[^#]*)?"


def listen_address(value: str) -> tuple[str, int]:
    """A ListenStream= as (path or "", port or 0)."""
    if value.startswith(("/", "@")):
        return value, 0
    match = re.fullmatch(_ADDRESS, value)
    return "", int(match.group("port")) if match else 0


def first_stream(socket: Mapping[str, Any] | None) -> str:
    """The first ListenStream= of a daemon's socket that a probe can ask at, with its specifiers; "" without one."""
    given = (socket or {}).get("ListenStream")
    found = [str(each) for each in (given if isinstance(given, (list, tuple)) else [given])]
    return next((each for each in found if each[:1] != "@" and ("%" in each or any(listen_address(each)))), "")


def _place(host: str | None, port: str) -> dict[str, Any]:
    number = int(port)
    if not 1 <= number <= 65535:
        raise InvalidValue(f"port {number} is out of range", "Choose a port from 1 to 65535.")
    return {"host": (host or LOCALHOST).strip("[]"), "port": number}


def _request(value: str) -> str:
    if not value.startswith("/") or not value.isascii() or any(character <= " " or character == "\x7f" for character in value):
        raise InvalidValue("is no path of a URL", "Begin it with /, and escape blanks and other characters as %20.")
    return value


def _status(value: Any) -> tuple[int, ...]:
    found = tuple(opt.number(item) for item in (value if isinstance(value, (list, tuple)) else [value]))
    if not found or not all(100 <= item <= 599 for item in found):
        raise InvalidValue("is no status of http", "Write a number such as 200, or a list of them.")
    return found


def _body(value: Any) -> str:
    if not opt.content(value):
        raise InvalidValue("is empty", "Write the text that must occur in the answer, or take it away.")
    return str(value)


def _span(value: Any) -> float:
    found = opt.seconds(value)
    if not 0 < found <= MOST_SECONDS:
        raise InvalidValue("must be longer than 0 and at most an hour", "Write for example 10s.")
    return found
