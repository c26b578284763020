# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of attributes, typed. What xinetd would not take, so that it does not serve, raises InvalidValue."""

from __future__ import annotations

import re
from typing import Sequence

from .._declaration.options import InvalidValue
from .._unitfile.suggest import did_you_mean

UNLIMITED = "UNLIMITED"


def flag(value: str) -> bool:
    """xinetd knows these two words, in lower case, and no others."""
    if value not in ("yes", "no"):
        raise InvalidValue("is neither yes nor no", "Write yes or no, in lower case.")
    return value == "yes"


def words(values: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    """Each must be one that xinetd knows."""
    for value in values:
        if value not in known:
            guess = did_you_mean(value, known)
            hint = f"Did you mean {guess}? " if guess else ""
            raise InvalidValue(f"has a word that xinetd does not know: {value}", f"{hint}It knows {', '.join(known)}.")
    return values


def number(value: str, least: int = 0) -> int:
    if not re.fullmatch("-?[0-9]+", value) or int(value) < least:
        raise InvalidValue(
            "is no number that xinetd takes", f"Write a whole number from {least} on." if least >= 0 else "Write digits."
        )
    return int(value)


def port(value: str) -> int:
    found = number(value)
    if not 1 <= found <= 65535:
        raise InvalidValue("is no port", "Choose a port from 1 to 65535.")
    return found


def limit(value: str) -> int | None:
    """A number of instances; None for as many as there come."""
    return None if value == UNLIMITED else number(value)


def resource(value: str) -> str:
    """A limit of a resource, as systemd writes it; "" for 0, which xinetd does not set. systemd.exec(5), "LimitCPU=" """
    if value == UNLIMITED:
        return "infinity"
    match = re.fullmatch("([0-9]+)([kKmM]?)", value)
    if not match:
        raise InvalidValue("is no limit", "Write a number, one with K or M, or UNLIMITED.")
    return f"{int(match.group(1))}{match.group(2).upper()}" if int(match.group(1)) else ""


def mask(value: str) -> str:
    if not re.fullmatch("[0-7]{1,4}", value) or int(value, 8) > 0o777:
        raise InvalidValue("is no umask", "Write an octal number such as 022.")
    return f"{int(value, 8):04o}"


def variable(value: str) -> tuple[str, str]:
    """NAME=VALUE"""
    name, equals, content = value.partition("=")
    if not equals:
        raise InvalidValue(f"has {value}, which is no NAME=VALUE", "Write NAME=VALUE; a value can hold no blank.")
    return name, content
