# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of units: what is valid, their parts, and the escaping of systemd-escape(1).

Source: systemd.unit(5) "DESCRIPTION" and "STRING ESCAPING FOR INCLUSION IN UNIT NAMES".
"""

from __future__ import annotations

import re

from .._dataclasses import dataclass
from .suggest import did_you_mean

UNIT_TYPES = (
    "service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path", "slice", "scope",
)  # fmt: skip

# A file name may be this long; systemd's own UNIT_NAME_MAX counts the final NUL.
MAX_LENGTH = 255

_ALLOWED = re.compile(r"[A-Za-z0-9:_.\\@-]*")
_INSTANCE = re.compile(r"[A-Za-z0-9:_.\\@-]+")
_UNESCAPED = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:_.")


class BadUnitName(ValueError):
    """No name of a unit, a template or an instance; `name`, `problem` and `remedy` say why and what to write."""

    def __init__(self, name: str, problem: str, remedy: str) -> None:
        super().__init__(name, problem, remedy)
        self.name = name
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        shown = self.name if len(self.name) <= 80 else self.name[:77] + "..."
        return "%r: %s; %s" % (shown, self.problem, self.remedy)


@dataclass(frozen=True)
class UnitName:
    """A valid name in parts. `instance` is None for a plain unit, empty for a template; `type` has no dot."""

    prefix: str
    instance: str | None
    type: str

    @property
    def is_template(self) -> bool:
        return self.instance == ""

    @property
    def is_instance(self) -> bool:
        return bool(self.instance)

    def __str__(self) -> str:
        middle = "" if self.instance is None else "@" + self.instance
        return "%s%s.%s" % (self.prefix, middle, self.type)


def check_unit_name(name: str) -> None:
    """Raises `BadUnitName`. Plain units, templates and instances pass; an instance may itself contain `@`."""
    if not name:
        raise BadUnitName(name, "an empty name", "write a name such as echo.service")
    if "/" in name:
        raise BadUnitName(name, "a unit name holds no '/'", _remedy_for_path(name))
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        raise BadUnitName(name, "a unit name ends in its type", "write %s.service" % name)
    if suffix not in UNIT_TYPES:
        guess = did_you_mean(suffix, UNIT_TYPES)
        remedy = "did you mean %s.%s?" % (stem, guess) if guess else "write %s.service" % name.rstrip(".")
        raise BadUnitName(name, "'.%s' is no type of unit" % suffix, remedy)
    if not stem or stem.startswith("@"):
        raise BadUnitName(name, "nothing stands before '%s'" % name[0], "write a name such as echo%s" % name)
    if not _ALLOWED.fullmatch(stem):
        odd = "".join(sorted(set(re.sub(_ALLOWED.pattern, "", stem))))
        remedy = "use letters, digits and :-_.\\@; systemd-escape(1) turns other text into a name"
        raise BadUnitName(name, "a unit name cannot hold %r" % odd, remedy)
    if len(name) > MAX_LENGTH:
        raise BadUnitName(name, "%d characters long" % len(name), "use %d at most" % MAX_LENGTH)


def completed(name: str) -> str:
    """The unit that a person means, as systemctl(1) completes names: of a path the one that mounts it, without a type a service.

    The type of a name may be misspelt; that is left as it is, for `check_unit_name` to refuse. Raises `BadUnitName`.
    """
    if name.startswith("/"):
        return "%s.%s" % (escape_path(name), "device" if name.startswith("/dev/") else "mount")
    suffix = name.rpartition(".")[2] if "." in name else ""
    is_typed = suffix in UNIT_TYPES or did_you_mean(suffix, UNIT_TYPES)
    return name if not name or is_typed else "%s.service" % name


def split_unit_name(name: str) -> UnitName:
    """The parts of a name. Raises `BadUnitName`."""
    check_unit_name(name)
    stem, _dot, suffix = name.rpartition(".")
    prefix, at, instance = stem.partition("@")
    return UnitName(prefix, instance if at else None, suffix)


def type_of(name: str) -> str:
    """That of a unit, of a prefix of names, or the type itself: `service` of all three."""
    return name.rpartition(".")[2]


def is_for_several(name: str) -> bool:
    """Drop-ins may be for all units of a type (`service`) or with a prefix (`web-.service`): systemd.unit(5).

    A unit may have the second name, too; whether it is one, the rest of its declaration must say.
    """
    return name in UNIT_TYPES or (name.rpartition(".")[0].endswith("-") and name.rpartition(".")[0] != "-")


def reaches(several: str, name: str) -> bool:
    """Whether drop-ins for several units are read for the unit of this name. Tried on systemd 247, 252 and 262."""
    if several in UNIT_TYPES:
        return type_of(name) == several
    start, _dot, kind = several.rpartition(".")
    unit = split_unit_name(name)
    return unit.type == kind and unit.prefix.startswith(start) and unit.prefix != start


def template_of(name: str) -> str:
    """`echo@.service` of `echo@1.service` (or of itself). Raises `BadUnitName`, also for a plain unit."""
    parts = split_unit_name(name)
    if parts.instance is None:
        remedy = "write %s@.%s" % (parts.prefix, parts.type)
        raise BadUnitName(name, "neither a template nor an instance of one", remedy)
    return str(UnitName(parts.prefix, "", parts.type))


def instance_of(template: str, instance: str) -> str:
    """`echo@1.service` of `echo@.service` and `1`. The instance is taken as it is: `escape` it first if it is text.

    Raises `BadUnitName`.
    """
    parts = split_unit_name(template_of(template))
    if not _INSTANCE.fullmatch(instance):
        raise BadUnitName(instance, "not the name of an instance", "escape it first, as systemd-escape(1) does")
    name = str(UnitName(parts.prefix, instance, parts.type))
    check_unit_name(name)
    return name


def dropin_folders(name: str) -> tuple[str, ...]:
    """The folders of a unit's drop-ins, the ones that win first; below each directory of units, and last that of its type.

    systemd.unit(5), "DESCRIPTION"; which of them count for an instance was tried on systemd 247 to 262.
    """
    stem, _dot, suffix = name.rpartition(".")
    prefix, at, instance = stem.partition("@")
    names = [f"{stem}.{suffix}", *([f"{prefix}@.{suffix}"] if instance else [])]
    dashes = [position for position, letter in enumerate(prefix[:-1]) if letter == "-"]
    for position in reversed(dashes):
        names += [f"{prefix[: position + 1]}{mark}.{suffix}" for mark in dict.fromkeys((at, ""))]
    return tuple(f"{each}.d" for each in names)


def escape(text: str) -> str:
    """Any text as part of a unit name, as `systemd-escape TEXT`. Raises `BadUnitName` for a NUL character."""
    if "\0" in text:
        raise BadUnitName(text, "contains a NUL character", "remove it")
    data = text.encode("utf-8", "surrogateescape")
    return "".join(_escaped(byte, first=index == 0) for index, byte in enumerate(data))


def unescape(text: str) -> str:
    """The reverse of `escape`, as `systemd-escape --unescape`. Raises `BadUnitName` for a broken escape."""
    data = bytearray()
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            data.append(_byte_at(text, position))
            position += 4
            continue
        data += b"/" if character == "-" else character.encode("utf-8", "surrogateescape")
        position += 1
    return data.decode("utf-8", "surrogateescape")


def escape_path(path: str) -> str:
    """A path as part of a unit name, as `systemd-escape --path`. Raises `BadUnitName` for a path with `..`."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or (not parts and path.startswith(".")):
        raise BadUnitName(path, "not a normalized path", "write it without '.' and '..'")
    return escape("/".join(parts)) if parts else "-"


def unescape_path(text: str) -> str:
    """The reverse of `escape_path`: always absolute. Raises `BadUnitName`."""
    if text == "-":
        return "/"
    path = unescape(text)
    if not path or any(part in ("", ".", "..") for part in path.split("/")):
        raise BadUnitName(text, "not an escaped path", "compare with systemd-escape --path")
    return "/" + path


def _escaped(byte: int, first: bool) -> str:
    if byte == ord("/"):
        return "-"
    # A leading dot would make a hidden file.
    if byte not in _UNESCAPED or (first and byte == ord(".")):
        return "\\x%02x" % byte
    return chr(byte)


def _byte_at(text: str, position: int) -> int:
    """The byte that `\\xNN` at this position stands for."""
    code = text[position + 2 : position + 4]
    if text[position + 1 : position + 2] != "x" or not re.fullmatch(r"[0-9A-Fa-f]{2}", code) or code == "00":
        raise BadUnitName(text, "a backslash that starts no escape", "write \\x5c for a backslash")
    return int(code, 16)


def _remedy_for_path(name: str) -> str:
    last = name.rstrip("/").rpartition("/")[2]
    if last.rpartition(".")[2] in UNIT_TYPES and last.rpartition(".")[0]:
        return "write %s" % last
    return "systemd-escape(1) turns a path into a name"
