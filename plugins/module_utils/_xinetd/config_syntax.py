# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of xinetd's configuration → its entries, in the order in which xinetd reads them. xinetd.conf(5)

There is no quoting, no continuation and no comment behind a value: words are what blanks and tabs separate.
"""

from __future__ import annotations

import posixpath
from typing import Callable, Iterator, Sequence

from .._dataclasses import dataclass, field
from .._declaration.problems import Problems
from .._unitfile.suggest import did_you_mean

DEFAULTS, SERVICE = "defaults", "service"
_KEYWORDS = (DEFAULTS, SERVICE, "include", "includedir")
_SPACE = " \t\n\v\f\r"  # isspace(3)


@dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Assignment:
    """operator: "=", "+=" or "-="."""

    attribute: str
    operator: str
    values: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class ConfigEntry:
    """kind: DEFAULTS or SERVICE. name: of the service. place: its first line; begin, end: those of its braces."""

    kind: str
    name: str
    place: Place
    begin: int
    end: int
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True)
class Files:
    """What a configuration is read from. text_of: path → text, None where there is no such file. names_in: directory →
    the names of the files in it, None where there is no such directory.
    """

    text_of: Callable[[str], str | None]
    names_in: Callable[[str], Sequence[str] | None]


@dataclass
class Configuration:
    """entries: in the order in which they are read. paths: of the files they come from; directories: that are included.
    absent: what was to be included and is not there, with the place that asks for it.
    """

    entries: list[ConfigEntry] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    absent: list[tuple[Place, str]] = field(default_factory=list)


def read_configuration(path: str, files: Files, problems: Problems) -> Configuration:
    """Everything that xinetd reads when it is given this file. Mistakes are added to `problems` with file and line."""
    found = Configuration()
    text = files.text_of(path)
    if text is None:
        problems.add(path, path, "there is no such file", "Name xinetd's configuration, /etc/xinetd.conf for most.")
    else:
        _File(path, text, (), files, problems, found).read()
    return found


class _File:
    """above: the files that include this one."""

    def __init__(
        self, path: str, text: str, above: tuple[str, ...], files: Files, problems: Problems, found: Configuration
    ) -> None:
        self._path = path
        self._text = text
        self._above = (*above, path)
        self._files = files
        self._problems = problems
        self._found = found

    def read(self) -> None:
        self._found.paths.append(self._path)
        lines = list(self._lines())
        returned = next((number for number, line in lines if line.endswith("\r")), 0)
        if returned:
            problem = "the lines end as those of Windows do, and xinetd takes the carriage return for a part of the value"
            self._problem(returned, lines[0][1], problem, "Save the file with the line ends of Unix.")
            return
        waiting = iter(lines)
        for number, line in waiting:
            self._begin(number, line, waiting)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Without empty lines and comments."""
        for number, line in enumerate(self._text.split("\n"), 1):
            if line.strip(_SPACE) and not line.lstrip(_SPACE).startswith("#"):
                yield number, line

    def _begin(self, number: int, line: str, waiting: Iterator[tuple[int, str]]) -> None:
        keyword, *words = _words(line.strip(_SPACE))
        if keyword in ("include", "includedir") and words:
            self._include(keyword, words[0], number)
        elif keyword == DEFAULTS or (keyword == SERVICE and words):
            self._entry(keyword, words[0] if keyword == SERVICE else "", number, line, waiting)
        elif keyword in _KEYWORDS:
            self._problem(number, line, f"names no {'service' if keyword == SERVICE else 'path'}", f"Write {keyword} NAME.")
            if keyword == SERVICE:
                _skip(waiting)
        else:
            guess = did_you_mean(keyword, _KEYWORDS)
            hint = f"Did you mean {guess}? " if guess else ""
            remedy = f"{hint}Outside of an entry stand {', '.join(_KEYWORDS)}, and comments in lines of their own."
            self._problem(number, line, f"{keyword!r} begins no entry", remedy)
            _skip(waiting)

    def _entry(self, kind: str, name: str, number: int, line: str, waiting: Iterator[tuple[int, str]]) -> None:
        begin, brace = next(waiting, (number, ""))
        if brace.strip(_SPACE) != "{":
            problem = "is not followed by a line with nothing but {"
            self._problem(number, line, problem, "Put the { into a line of its own, right after this one.")
            _skip(waiting)
            return
        assignments: list[Assignment] = []
        for at, text in waiting:
            if text.strip(_SPACE) == "}":
                self._found.entries.append(ConfigEntry(kind, name, Place(self._path, number), begin, at, tuple(assignments)))
                return
            assignment = self._assignment(at, text)
            if assignment:
                assignments.append(assignment)
        self._problem(number, line, "the entry does not end", "Close it by a line with nothing but }.")

    def _assignment(self, number: int, line: str) -> Assignment | None:
        text = line.strip(_SPACE)
        end = next((at for at, character in enumerate(text) if character in f"{_SPACE}="), len(text))
        attribute, rest = text[:end], text[end:].lstrip(_SPACE)
        operator = next((each for each in ("=", "+=", "-=") if rest.startswith(each)), "")
        if text[end : end + 1] == "=":
            self._problem(number, text, f"there is no blank between {attribute or 'the attribute'} and =", "Put one there.")
        elif not operator:
            remedy = "Write ATTRIBUTE = VALUE; the operators are =, += and -=."
            self._problem(number, text, f"{attribute} is followed by no operator", remedy)
        else:
            return Assignment(attribute, operator, _words(rest[len(operator) :]), Place(self._path, number))
        return None

    # What is included

    def _include(self, keyword: str, path: str, number: int) -> None:
        if keyword == "include":
            self._read(path, number)
            return
        names = self._files.names_in(path)
        if names is None:
            self._found.absent.append((Place(self._path, number), path))
        else:
            self._found.directories.append(path)
        for name in sorted(names or (), key=lambda each: each.encode("utf-8", "surrogateescape")):
            if "." not in name and not name.endswith("~"):
                self._read(posixpath.join(path, name), number)

    def _read(self, path: str, number: int) -> None:
        if path in self._above:
            problem = f"the files include each other: {' → '.join([*self._above, path])}"
            self._problem(number, path, problem, "Take this line away.")
            return
        text = self._files.text_of(path)
        if text is None:
            self._found.absent.append((Place(self._path, number), path))
        else:
            _File(path, text, self._above, self._files, self._problems, self._found).read()

    def _problem(self, number: int, value: str, problem: str, remedy: str) -> None:
        self._problems.add(str(Place(self._path, number)), value.strip(_SPACE), problem, remedy)


def _skip(waiting: Iterator[tuple[int, str]]) -> None:
    """To the end of an entry that cannot be read, so that one mistake is told once."""
    for _number, line in waiting:
        if line.strip(_SPACE) == "}":
            return


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace("\t", " ").split(" ") if word)
