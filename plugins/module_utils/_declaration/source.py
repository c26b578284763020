# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of the controller as it travels: its bytes, or what identifies them until they are asked for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
from typing import Any, Mapping

from .._dataclasses import dataclass, field
from . import options as opt
from .options import InvalidValue


@dataclass(frozen=True)
class Source:
    """A file's bytes, known at least by their digest.

    `data` is None for a large file that has not travelled; `upload` is then, on the second call, the path on the
    managed node to which the controller has copied it.
    """

    name: str
    sha256: str
    size: int
    data: bytes | None = field(default=None, repr=False)
    upload: str | None = None

    @classmethod
    def of(cls, name: str, data: bytes) -> Source:
        return cls(name, hashlib.sha256(data).hexdigest(), len(data), data)


class NotRead(InvalidValue):
    """The name of a file, where what stands in it is needed."""

    def __init__(self) -> None:
        super().__init__(
            "names a file of the controller, which only the action plugin can read",
            "Call the module by its full name, daemonic.systemd.stack, or give {name, content}.",
        )


class NotSent(InvalidValue):
    """A file whose content must be read, and is not there."""

    def __init__(self) -> None:
        super().__init__("was not sent with the task, and must be read", "Give its content.")


def content_of(source: Source) -> bytes:
    """For those who read it: what has not travelled is never taken for empty. Raises NotSent."""
    if source.data is None:
        raise NotSent()
    return source.data


def source(value: Any) -> Source:
    """A file that the controller has read: {name, content | base64 | sha256 + size [+ upload]}."""
    if isinstance(value, str):
        raise NotRead()
    given = opt.mapping(value)
    unknown = set(given) - {"name", "content", "base64", "sha256", "size", "upload"}
    if unknown:
        raise InvalidValue(f"has unknown keys: {', '.join(sorted(unknown))}", "Give name and content.")
    name = posixpath.basename(opt.text(given.get("name", "")))
    if name in ("", ".", "..") or name.startswith("-"):
        raise InvalidValue("has no usable file name", "Give a name such as echo.py.")
    if "content" in given:
        return Source.of(name, opt.content(given["content"]).encode("utf-8", "surrogateescape"))
    if "base64" in given:
        try:
            return Source.of(name, base64.b64decode(opt.text(given["base64"]), validate=True))
        except binascii.Error as error:
            raise InvalidValue(f"is not base64: {error}", "Give content instead.") from None
    if "sha256" in given and "size" in given:
        return Source(name, opt.text(given["sha256"]), opt.number(given["size"]), upload=given.get("upload"))
    raise InvalidValue("has no content", "Give name and content.")


def inline(value: Any) -> Source:
    """The content of a file: text as the user wrote it, or what the controller read for src or template."""
    if not isinstance(value, Mapping):
        return Source.of("content", opt.content(value).encode("utf-8", "surrogateescape"))
    return source(value)


def read_by_the_controller(value: Any) -> None:
    source(opt.text(value))
