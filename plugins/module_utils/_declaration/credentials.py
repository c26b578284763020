# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets that a daemon is given: name → content. No problem shows a value."""

from __future__ import annotations

import re
from typing import Any, Mapping

from . import options as opt
from .constants import CREDENTIALS_AT_MOST
from .options import InvalidValue
from .source import Source, content_of, inline, read_by_the_controller

_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9@+=,._-]{1,255}")


def credentials(value: Any) -> dict[str, Source]:
    """Name → secret. The names are those of files, of characters that mean nothing to systemd (systemd.exec(5))."""
    found = {}
    for name, given in opt.mapping(value).items():
        if not _NAME.fullmatch(name):
            raise InvalidValue(f"has a credential with the name {name!r}", "Choose a name of letters, digits, '.', '-' and '_'.")
        try:
            found[name] = _credential(given)
        except InvalidValue as error:
            raise InvalidValue(f"has a credential {name} that {error.problem}", error.remedy) from None
    size = sum(len(name) + secret.size for name, secret in found.items())
    if size > CREDENTIALS_AT_MOST:
        raise InvalidValue(
            f"has {size} bytes of credentials, more than the {CREDENTIALS_AT_MOST} that systemd can load for a unit",
            "Give large files in files, with a mode such as '0600'.",
        )
    return found


def _credential(value: Any) -> Source:
    if isinstance(value, Mapping):
        for name in {"src", "template"} & set(value):
            read_by_the_controller(name)
        if set(value) != {"content"}:
            raise InvalidValue("is neither text nor content, src or template", "Write for example {src: token}.")
        value = value["content"]
    secret = inline(value)
    if not content_of(secret):
        raise InvalidValue("is empty", "Give it a value, or take it away.")
    return secret
