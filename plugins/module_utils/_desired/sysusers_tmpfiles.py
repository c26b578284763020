# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a program of systemd applies: accounts (sysusers.d(5)), directories and the like (tmpfiles.d(5)).

At boot systemd applies them by itself; a stack needs them as soon as they are written.
"""

from __future__ import annotations

import posixpath
from typing import Callable, Iterable, Iterator, Mapping, Sequence

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .._declaration.source import NotSent, Source, content_of
from .._declaration.users import User, is_account_name
from .._text import lines_in
from .._unitfile.quoting import split_words
from .desired import File
from .scope import Scope

# The folder that a file lies in, on any of their search paths → what it says.
ACCOUNTS, PATHS = "sysusers.d", "tmpfiles.d"
_WHAT = {ACCOUNTS: "accounts", PATHS: "paths"}

# sysusers.d(5): type → the fields that its line may have at most, with the type.
_ACCOUNT_FIELDS = {"u": 6, "g": 3, "m": 3, "r": 3}
_ACCOUNT_MODIFIERS = "!"
# tmpfiles.d(5)
_PATH_TYPES = "fFwdDevqQpLcbCxXrRzZtThHaA"
_PATH_MODIFIERS = "+!-=~^$?"
DIRECTORIES, TREES = "dDvqQ", "dDvqQCeL"  # TREES: what else may bring something below it
OTHERS = "fFLpcbC"  # what else is made at a path
_NOTHING = ("", "-")


def kind_of(path: str) -> str:
    """ACCOUNTS or PATHS; "" for a file that nothing applies."""
    folder = posixpath.basename(posixpath.dirname(path))
    return folder if folder in _WHAT and path.endswith(".conf") else ""


@dataclass(frozen=True)
class Line:
    """One line of such a file. number: from 1. fields: the first is its type, without modifiers."""

    number: int
    modifiers: str
    fields: tuple[str, ...]

    @property
    def type(self) -> str:
        return self.fields[0]

    def field(self, position: int) -> str:
        """Empty for one that is left out, or "-"."""
        found = self.fields[position] if position < len(self.fields) else ""
        return "" if found in _NOTHING else found


def lines_of(text: str) -> Iterator[Line]:
    """Comments and empty lines left out."""
    for number, line in enumerate(lines_in(text), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            first, *others = split_words(line)
            yield Line(number, first[1:], (first[:1], *others))


def _lines(files: Iterable[File], kind: str) -> Iterator[Line]:
    for file in files:
        if kind_of(file.path) == kind:
            yield from lines_of(_text(file))


def _text(file: File) -> str:
    return content_of(file.source).decode("utf-8", "replace")


@dataclass(frozen=True)
class Accounts:
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


def accounts_in(lines: Iterable[Line]) -> Accounts:
    """A user has a group of the same name, unless the line names another; a member and his group are made, too."""
    users, groups, members = set(), set(), set()
    for line in lines:
        name = line.field(1)
        if line.type == "u":
            group = line.field(2).partition(":")[2]
            users.add(name)
            groups.add(group or name)
        elif line.type == "g":
            groups.add(name)
        elif line.type == "m":
            members.add(name)
            groups.add(line.field(2))
    groups |= members - users
    users |= members
    return Accounts(frozenset(users - {""}), frozenset(group for group in groups if group and not group.isdigit()))


def made_accounts(files: Iterable[File]) -> Accounts:
    """Those that these files make."""
    return accounts_in(_lines(files, ACCOUNTS))


def memberships_in(files: Iterable[File]) -> dict[str, tuple[str, ...]]:
    """User → the groups that these files make him a member of. None is ever taken from him."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines(files, ACCOUNTS):
        if line.type == "m":
            found[line.field(1)] = (*found.get(line.field(1), ()), line.field(2))
    return found


def numbers_in(files: Iterable[File]) -> Iterator[tuple[str, str, int]]:
    """(place, user, number) where one is asked for."""
    for file in files:
        if kind_of(file.path) == ACCOUNTS:
            for line in lines_of(_text(file)):
                number = line.field(2).partition(":")[0]
                if line.type == "u" and number.isdigit():
                    yield f"users.{line.field(1)}.uid" if file.place == "users" else file.place, line.field(1), int(number)


def made_paths(files: Iterable[File], types: str = DIRECTORIES) -> tuple[str, ...]:
    """The paths that these files make at any time, not only at boot."""
    found = (line for line in _lines(files, PATHS) if line.type in types and "!" not in line.modifiers)
    return tuple(dict.fromkeys(line.field(1).rstrip("/") for line in found if "%" not in line.field(1)))


@dataclass(frozen=True)
class Attributes:
    """What a line of tmpfiles.d gives a path. mode: None where it says nothing; owner and group: "" likewise."""

    is_directory: bool
    mode: int | None
    owner: str
    group: str


def attributes_in(files: Iterable[File]) -> dict[str, Attributes]:
    """Path → what it is given, with each run of the stack and at each boot."""
    found = {}
    for line in _lines(files, PATHS):
        if line.type in _GIVING:
            mode = line.field(2).lstrip("~:")
            who = (_NUMBER_OF_ROOT.get(name, name) for name in (line.field(3).lstrip(":"), line.field(4).lstrip(":")))
            found[line.field(1).rstrip("/")] = Attributes(line.type in DIRECTORIES, int(mode, 8) if mode else None, *who)
    return found


_GIVING = f"{DIRECTORIES}efFzZ"
_NUMBER_OF_ROOT = {"0": "root"}


# The stack's own


def file_of(users: Sequence[User], stack: str, scope: Scope) -> tuple[File, ...]:
    """The accounts of `users` as one file."""
    if not users:
        return ()
    path = scope.sysusers_path(stack)
    text = "".join(f"{line}\n" for user in users for line in _lines_of(user))
    return (File(path, Source.of(posixpath.basename(path), text.encode()), "users", "root", "root", 0o644),)


def _lines_of(user: User) -> Iterator[str]:
    if user.group and user.group != user.name:
        yield f"g {user.group} -"
        number = f"{user.uid or '-'}:{user.group}"
    else:
        number = str(user.uid or "-")
    yield " ".join(["u", user.name, number, *map(_quoted, (user.description, user.home, user.shell))])
    for group in user.groups:
        yield f"m {user.name} {group}"


def _quoted(text: str) -> str:
    """A percent sign begins a specifier."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if text else "-"


# Checks


def check(files: Sequence[File], users: Sequence[User], scope: Scope, problems: Problems) -> None:
    if scope.kind == "user" and users:
        problems.add("users", users[0].name, "a user cannot make accounts", "Make them in a stack of the scope system.")
        return
    for file in files:
        kind = kind_of(file.path)
        if kind and scope.kind == "user":
            remedy = "Declare it in a stack of the scope system."
            problems.add(file.place, file.path, f"only the manager of the system makes {_WHAT[kind]} from it", remedy)
        elif kind:
            _check_lines(file, _CHECKS[kind], problems)


def _check_lines(file: File, complaint_of: Callable[[Line], str], problems: Problems) -> None:
    try:
        text = _text(file)
    except NotSent as error:
        problems.add(file.place, file.path, error.problem, error.remedy)
        return
    for line in lines_of(text):
        complaint = complaint_of(line)
        if complaint:
            remedy = f"Fix it: {_MANUALS[kind_of(file.path)]} has the syntax."
            problems.add(file.place, " ".join(line.fields), f"line {line.number} {complaint}", remedy)


_MANUALS = {ACCOUNTS: "sysusers.d(5)", PATHS: "tmpfiles.d(5)"}


def _complaint_of_account(line: Line) -> str:
    most = _ACCOUNT_FIELDS.get(line.type)
    if most is None or line.modifiers.strip(_ACCOUNT_MODIFIERS):
        return f"has no type that sysusers.d knows ({', '.join(_ACCOUNT_FIELDS)})"
    if line.type != "r" and not is_account_name(line.field(1)) and "%" not in line.field(1):
        return "names an account in a way that systemd refuses"
    if any(field.startswith(("'", '"')) for field in line.fields):
        return "does not close its quotes"
    if len(line.fields) > most:
        return f"has more than the {most} fields of its type"
    return ""


def _complaint_of_path(line: Line) -> str:
    if line.type not in _PATH_TYPES or line.modifiers.strip(_PATH_MODIFIERS):
        return "has no type that tmpfiles.d knows"
    if not line.field(1).startswith(("/", "%")):
        return "names no absolute path"
    mode = line.field(2).lstrip("~:")
    if mode and (not set(mode) <= set("01234567") or int(mode, 8) > 0o7777):
        return "has a mode that is no octal number"
    return ""


_CHECKS: Mapping[str, Callable[[Line], str]] = {ACCOUNTS: _complaint_of_account, PATHS: _complaint_of_path}


def owners_in(files: Iterable[File]) -> Iterator[tuple[str, str, str]]:
    """(place, "owner" or "group", name) of all that tmpfiles.d files give to somebody by name."""
    for file in files:
        if kind_of(file.path) == PATHS:
            for line in lines_of(_text(file)):
                for option, position in (("owner", 3), ("group", 4)):
                    name = line.field(position).lstrip(":")
                    if name and not name.isdigit() and "%" not in name:
                        yield f"{file.place} (line {line.number})", option, name
