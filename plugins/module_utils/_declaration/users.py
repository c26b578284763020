# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`users`: system accounts that the stack needs, as systemd-sysusers makes them (sysusers.d(5))."""

from __future__ import annotations

import re
from typing import Any

from .._dataclasses import dataclass
from . import options as opt
from .options import InvalidValue, option
from .problems import Problems

# What systemd takes for a name that it gives to a new account: https://systemd.io/USER_NAMES/, "strict mode".
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,30}")
# Those that mean "none" or "nobody" to programs: https://systemd.io/UIDS-GIDS/
_NO_NUMBERS = (65535, 4294967295)


def is_account_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))


def account_name(value: Any) -> str:
    name = opt.text(value)
    if not is_account_name(name):
        raise InvalidValue("is no name of an account", "Use at most 31 letters, digits, '-' and '_', a letter or '_' first.")
    return name


def _account_names(value: Any) -> tuple[str, ...]:
    return tuple(account_name(name) for name in opt.words(value))


def _number(value: Any) -> int:
    number = opt.number(None if isinstance(value, bool) else value)
    if not 0 < number < 2**32 or number in _NO_NUMBERS:
        raise InvalidValue("is no number of an account", "Choose one from 1 to 65534, or leave it to the host.")
    return number


def _description(value: Any) -> str:
    text = opt.text(value)
    if ":" in text or not text.isprintable():
        raise InvalidValue("has a character that separates the fields of /etc/passwd", "Take colons and tabs out.")
    return text


def _path(value: Any) -> str:
    path = opt.absolute_path(value)
    if ":" in path or '"' in path or not path.isprintable():
        raise InvalidValue("has a character that /etc/passwd cannot hold", "Choose another path.")
    return path


@dataclass(frozen=True)
class User:
    """One account: an entry of `users`. uid: 0 for the next that is free. group: its own, "" for one of its name."""

    name: str
    description: str = option(_description, "")
    home: str = option(_path, "")
    shell: str = option(_path, "")
    uid: int = option(_number, 0)
    group: str = option(account_name, "")
    groups: tuple[str, ...] = option(_account_names, ())


def user_of(name: str, value: Any, problems: Problems) -> User | None:
    place = f"users.{name}"
    try:
        account_name(name)
    except InvalidValue as error:
        problems.add(place, name, error.problem, error.remedy)
        return None
    if name == "root":
        problems.add(place, name, "every host has it", "Choose another name.")
        return None
    return opt.read(User, place, {} if value is None else value, problems, name=name)
