# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a daemon is made of when it is more than one file: a tree or wheel, requirements, a wheelhouse."""

from __future__ import annotations

import re
from typing import Any, Literal, Mapping

from .._dataclasses import dataclass
from . import options as opt
from .options import InvalidValue
from .source import NotRead, Source, content_of, source

# A distribution's name begins a requirement (PEP 508); an option of pip or a path does not.
_REQUIREMENT = re.compile(r"[A-Za-z0-9]")
_COMMENT = re.compile(r"(^|\s)#.*$")
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True)
class Application:
    """kind: tree or wheel. source: the wheel, or the tree as one; the digest of a tree is that of its listing (tree.py)."""

    kind: Literal["tree", "wheel"]
    source: Source


@dataclass(frozen=True)
class Wheelhouse:
    """Where the requirements come from, instead of an index: wheels of the controller, or a directory of the host."""

    wheels: tuple[Source, ...] = ()
    remote: str = ""


def application(value: Any) -> Application:
    """{tree: …} or {wheel: …}, as the controller has packed it."""
    if isinstance(value, str):
        raise NotRead()
    given = opt.mapping(value)
    if len(given) != 1 or set(given) - {"tree", "wheel"}:
        raise InvalidValue("is neither a tree nor a wheel", "Name a directory, or a file that ends in .whl.")
    return Application("wheel", source(given["wheel"])) if "wheel" in given else Application("tree", source(given["tree"]))


def script(value: Any) -> Source | str:
    """A file that the controller has read; of an application the path of one of its own files."""
    return inside(value) if isinstance(value, str) else source(value)


def inside(value: Any) -> str:
    """A path below a directory, in its plain form."""
    path = opt.text(value)
    if path.startswith("/") or not path or any(part in ("", ".", "..") for part in path.split("/")):
        raise InvalidValue("is not the plain path of a file below the source", "Write for example bin/serve.py.")
    return path


def command(value: Any) -> str:
    name = opt.text(value)
    if not name or "/" in name or name.startswith((".", "-")):
        raise InvalidValue("is not the name of a command", "Write the name that it has in bin/, for example gunicorn.")
    return name


def module(value: Any) -> str:
    name = opt.text(value)
    if not _MODULE.fullmatch(name):
        raise InvalidValue("is not the name of a module", "Write it as in an import statement, for example shop.server.")
    return name


def modules(value: Any) -> tuple[str, ...]:
    return tuple(module(name) for name in opt.words(value))


def requirements(value: Any) -> tuple[str, ...]:
    """A list of requirements, or the file of them that the controller has read. Sorted, each as one plain line."""
    if isinstance(value, str):
        raise NotRead()
    if isinstance(value, Mapping):
        text = content_of(source(value)).decode("utf-8", "replace")
    else:
        text = "\n".join(opt.text(item) for item in _listed(value))
    lines = requirement_lines(text)
    for line in lines:
        _check_requirement(line)
    return tuple(sorted(set(lines)))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise InvalidValue("is neither a list of requirements nor a file", "Write [flask==3.1.0, gunicorn], or name a file.")
    return list(value)


def requirement_lines(text: str) -> list[str]:
    """Continuations joined, comments and blank lines taken out, single spaces.

    https://pip.pypa.io/en/stable/reference/requirements-file-format/
    """
    joined = re.sub(r"\\\r?\n", " ", text)
    lines = (" ".join(_COMMENT.sub("", line).split()) for line in joined.splitlines())
    return [line for line in lines if line]


def _check_requirement(line: str) -> None:
    options = [word for word in line.split() if word.startswith("--") and not word.startswith("--hash")]
    if line.startswith("-") or options:
        raise InvalidValue(
            f"has an option of pip: {options[0] if options else line.split()[0]}",
            "Only requirements and their --hash are read. Put all of them into one file; the host's pip.conf names the index.",
        )
    if not _REQUIREMENT.match(line):
        raise InvalidValue(f"has a path: {line}", "Name a distribution; put wheels of your own into a wheelhouse.")


# A requirement with an address of its own (PEP 508).
_DIRECT = re.compile(r"([^;@]*?)\s*@\s*(\S+)")


def built_of_source(lines: tuple[str, ...]) -> list[str]:
    """The names of requirements whose address is not that of a wheel: pip builds them whatever it is told of wheels."""
    found = (_DIRECT.match(line) for line in lines)
    return [each.group(1) for each in found if each and not re.split("[?#]", each.group(2))[0].endswith(".whl")]


def has_hashes(lines: tuple[str, ...]) -> bool:
    return any(" --hash" in line for line in lines)


def wheelhouse(value: Any) -> Wheelhouse:
    """{remote: …}, a directory of the host; or the wheels of a directory of the controller, as it has found them."""
    if isinstance(value, str):
        raise NotRead()
    given = opt.mapping(value)
    if set(given) == {"remote"}:
        return Wheelhouse(remote=opt.absolute_path(given["remote"]))
    if set(given) == {"wheels"}:
        return Wheelhouse(tuple(sorted((source(wheel) for wheel in given["wheels"]), key=lambda wheel: wheel.name)))
    raise InvalidValue("is no wheelhouse", "Name a directory of wheels on the controller, or {remote: /srv/wheels} on the host.")
