# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd-escape(1) makes of texts, with its options. The escaping itself is in names.py.

Where the versions differ it is as 252 and 257 do it: 247 refuses "." in a path, and calls /dev itself a device.
"""

from __future__ import annotations

import re

from .._dataclasses import dataclass
from .names import (
    UNIT_TYPES,
    BadUnitName,
    check_unit_name,
    escape,
    escape_path,
    instance_of,
    split_unit_name,
    unescape,
    unescape_path,
)
from .suggest import did_you_mean

# What a mangled name may hold: the characters of a name, and "@".
_MAY_STAY = re.compile(r"[A-Za-z0-9:_.\\@-]")


@dataclass(frozen=True)
class Escaping:
    """How a text is escaped: as a path, then made the name of a unit by its type or as the instance of a template."""

    path: bool = False
    suffix: str = ""
    template: str = ""
    mangle: bool = False


def checked(path: bool = False, suffix: str = "", template: str = "", mangle: bool = False) -> Escaping:
    """Raises `BadUnitName` for options that do not go together."""
    if suffix and template:
        raise BadUnitName(template, "a template has its type already", "take suffix away")
    if mangle and (path or suffix or template):
        raise BadUnitName(suffix or template or "path", "mangling goes with no other option", "take one of the two away")
    if suffix and suffix not in UNIT_TYPES:
        guess = did_you_mean(suffix.lstrip("."), (*UNIT_TYPES, ""))
        guess = suffix.lstrip(".") if suffix.lstrip(".") in UNIT_TYPES else guess
        remedy = "did you mean %s?" % guess if guess else "choose one of %s" % ", ".join(UNIT_TYPES)
        raise BadUnitName(suffix, "is no type of unit", remedy)
    if template and not split_unit_name(template).is_template:
        raise BadUnitName(template, "is no template", "write a name such as worker@.service")
    return Escaping(path, suffix, template, mangle)


def escaped(text: str, how: Escaping) -> str:
    """Raises `BadUnitName`."""
    if how.mangle:
        return mangled(text)
    name = escape_path(text) if how.path else escape(text)
    if how.template:
        return instance_of(how.template, name)
    return "%s.%s" % (name, how.suffix) if how.suffix else name


def unescaped(text: str, path: bool = False, template: str = "", instance: bool = False) -> str:
    """The text that a name stands for, or its instance where it is that of a template. Raises `BadUnitName`."""
    if template or instance:
        text = _instance(text, template)
    return unescape_path(text) if path else unescape(text)


def _instance(name: str, template: str) -> str:
    parts = split_unit_name(name)
    if not parts.instance:
        raise BadUnitName(name, "is no instance of a template", "write a name such as worker@1.service")
    if template:
        wanted = split_unit_name(template)
        if (parts.prefix, parts.type) != (wanted.prefix, wanted.type) or not wanted.is_template:
            raise BadUnitName(name, "is no instance of %s" % template, "name the template that it belongs to")
    return parts.instance


def mangled(text: str) -> str:
    """The name of a unit that systemctl(1) takes a word for. Raises `BadUnitName`."""
    if _is_unit_name(text):
        return text
    if "\0" in text:
        raise BadUnitName(text, "contains a NUL character", "remove it")
    if text.startswith("/"):
        name = _of_path(text)
        if name:
            return name
    name = "".join(_mangled(character) for character in text)
    if name.rpartition(".")[2] not in UNIT_TYPES or not name.rpartition(".")[0]:
        name += ".service"
    check_unit_name(name)
    return name


def _of_path(path: str) -> str:
    """The mount, or below /dev and /sys the device. "" for a path that cannot be escaped."""
    try:
        name = escape_path(path)
    except BadUnitName:
        return ""
    return "%s.%s" % (name, "device" if re.match(r"/+(?:\./+)*(?:dev|sys)/+[^/]", path) else "mount")


def _mangled(character: str) -> str:
    if character == "/":
        return "-"
    return (
        character
        if _MAY_STAY.fullmatch(character)
        else "".join("\\x%02x" % byte for byte in character.encode("utf-8", "surrogateescape"))
    )


def _is_unit_name(text: str) -> bool:
    try:
        check_unit_name(text)
    except BadUnitName:
        return False
    return True
