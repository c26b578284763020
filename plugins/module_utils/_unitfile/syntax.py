# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The syntax of unit files, as systemd's own parser reads it (systemd.syntax(7)).

`parse` is lossless and strict: what systemd would skip with a warning, or not load at all, is an error here.
"""

from __future__ import annotations

import re
from functools import cached_property

from .._dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BYTE_ORDER_MARK = "\ufeff"

# What systemd calls white space. Python's own str.strip and str.splitlines know more characters than that.
BLANK = " \t\n\r"

# systemd's read_line() ends a line at \n, \r, and at either pair of them: a lone \r in a value is a line break too.
LINE_BREAK = re.compile(r"\r\n?|\n\r?")

_INNER_MARK = re.compile("[\r\n](?=%s)" % BYTE_ORDER_MARK)
_SECTION = re.compile(r"[^\[\]\"'\\\x00-\x1f\x7f]+")
_KEY = re.compile(r"[^\s=\[\]\"'\\\x00-\x1f\x7f]+")

# "Dependencies cannot be reset to an empty list" (systemd.unit(5), Example 2): an empty assignment does nothing.
NEVER_RESET = frozenset(
    (
        *("After", "Before", "Requires", "Requisite", "Wants", "BindsTo", "PartOf", "Upholds", "Conflicts"),
        *("OnFailure", "OnSuccess", "PropagatesReloadTo", "ReloadPropagatedFrom", "PropagatesStopTo"),
        *("StopPropagatedFrom", "JoinsNamespaceOf", "RequiresMountsFor", "WantsMountsFor"),
    )
)

# Keys that feed one list, which an empty assignment of any of them empties: systemd.unit(5) on conditions,
# systemd.socket(5), systemd.timer(5), systemd.path(5), systemd.exec(5).
_SHARED_LISTS = (
    ("Unit", r"Condition\w+"),
    ("Unit", r"Assert\w+"),
    ("Socket", r"Listen\w+"),
    ("Timer", r"On(?:Active|Boot|Startup|UnitActive|UnitInactive)Sec|OnCalendar"),
    ("Path", r"Path(?:Exists|ExistsGlob|Changed|Modified)|DirectoryNotEmpty"),
    ("Service", r"StandardInput(?:Text|Data)"),
    ("Service", r"Bind(?:ReadOnly)?Paths"),
)


class UnitSyntaxError(ValueError):
    """Text that systemd would ignore or refuse. `line` counts from 1; `text` is the offending line."""

    def __init__(self, line: int, text: str, problem: str, remedy: str) -> None:
        super().__init__(line, text, problem, remedy)
        self.line = line
        self.text = text
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return "line %d: %s: %s; %s" % (self.line, self.problem, _shown(self.text), self.remedy)


class UnsuitableValue(ValueError):
    """A name or value that a unit file cannot hold as meant. `section` and `key` may be empty where unknown."""

    def __init__(self, section: str, key: str, value: object, problem: str, remedy: str) -> None:
        super().__init__(section, key, value, problem, remedy)
        self.section = section
        self.key = key
        self.value = value
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        place = "[%s] " % self.section if self.section else ""
        place += self.key + "= " if self.key else ""
        return "%s%s: %s; %s" % (place, _shown(self.value), self.problem, self.remedy)


@dataclass(frozen=True)
class Entry:
    """One assignment. `value` is what systemd sees: continuations joined; `line` is where the assignment starts."""

    section: str
    key: str
    value: str
    line: int


@dataclass(frozen=True)
class Document:
    """A unit file: its exact text, its assignments in order, its sections in order of first appearance."""

    text: str
    entries: tuple[Entry, ...]
    sections: tuple[str, ...]

    def render(self) -> str:
        """The very text that was parsed."""
        return self.text

    def values(self, section: str, key: str) -> tuple[str, ...]:
        """The assignments of a key since its last reset (an empty assignment).

        For a key that is no list, the last of them counts. Some of those (`Restart=`) ignore an empty assignment,
        which is taken as a reset here all the same.
        """
        return tuple(value for value in self.directives.get((section, key), ()) if value)

    @cached_property
    def directives(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """What the file means, for comparison: `(section, key)` to values, in the order of the file.

        Comments, white space, repeated section headers and the order of different keys do not matter. A leading
        `""` stands for a reset, which counts in a drop-in. Not seen: the order of different `Listen…=` keys.
        """
        found: dict[tuple[str, str], list[str]] = {}
        for entry in self.entries:
            place = (entry.section, entry.key)
            if entry.value:
                found.setdefault(place, []).append(entry.value)
            elif not (entry.section == "Unit" and entry.key in NEVER_RESET):
                for other in [key for key in found if share_a_list(key, place)]:
                    del found[other]
                found[place] = [""]
        return {place: tuple(values) for place, values in found.items()}

    def normalized(self) -> Document:
        """The same as it is written to a host: no byte order mark, LF line ends, a final newline."""
        text = LINE_BREAK.sub("\n", self.text[1:] if self.text.startswith(BYTE_ORDER_MARK) else self.text)
        if text and not text.endswith("\n"):
            text += "\n"
        return self if text == self.text else parse(text)

    def appended(self, section: str, pairs: Sequence[tuple[str, str]], comment: str = "") -> Document:
        """The normalized document with one more block at its end. Raises `UnsuitableValue`.

        The blank line before the block is needed: it ends a continuation that the text may close with.
        """
        check_section(section)
        lines = ["# " + line if line else "#" for line in LINE_BREAK.split(comment)] if comment else []
        lines.append("[%s]" % section)
        lines += [assignment(section, key, value) for key, value in pairs]
        before = self.normalized().text
        return parse((before + "\n" if before else "") + "\n".join(lines) + "\n")


def parse(text: str) -> Document:
    """Read a unit file. Raises `UnitSyntaxError` at the first line that systemd would not take as meant."""
    _refuse_unreadable(text)
    entries: list[Entry] = []
    sections: dict[str, None] = {}
    section = ""
    for number, _last, line in logical_lines(text):
        if line.startswith("["):
            section = _section_of(number, line)
            sections[section] = None
        else:
            entries.append(_entry_of(section, number, line))
    return Document(text, tuple(entries), tuple(sections))


def assignment(section: str, key: str, value: str) -> str:
    """One line `key=value`. Raises `UnsuitableValue` where it would not be read back as that key and value."""
    check_key(section, key)
    return key + "=" + checked_value(section, key, value)


def check_section(section: str) -> None:
    """Raises `UnsuitableValue` for a name that cannot stand in a section header."""
    if not _SECTION.fullmatch(section) or section != section.strip(BLANK):
        raise UnsuitableValue(section, "", section, "not a section name", "write a name such as Unit or Service")


def check_key(section: str, key: str) -> None:
    """Raises `UnsuitableValue` for a key that would not be read back as itself."""
    if not _KEY.fullmatch(key) or key[0] in "#;" or BYTE_ORDER_MARK in key:
        raise UnsuitableValue(section, "", key, "not the name of a directive", "write a name such as ExecStart")


def checked_value(section: str, key: str, value: str) -> str:
    """The value without white space around it, which systemd drops anyhow. Raises `UnsuitableValue`.

    White space behind a last backslash stays, as one space: so it continues nothing, and systemd reads the backslash.
    """
    stripped = value.strip(" \t")
    trouble = unwritable(value)
    if value and not stripped:
        trouble = "is only white space, which would reset the directive", 'write "" if a reset is meant'
    elif continues(stripped):
        if value.endswith((" ", "\t")) and not trouble:
            return stripped + " "
        trouble = "ends in a backslash, which would swallow the next line", "double the backslash"
    if trouble:
        raise UnsuitableValue(section, key, value, *trouble)
    return stripped


def unwritable(text: str) -> tuple[str, str] | None:
    """Why no line of a unit file can hold this text, and the remedy."""
    if "\0" in text:
        return "contains a NUL character", "remove it"
    if LINE_BREAK.search(text):
        return "contains a line break, which would start another line of the unit", "write it on one line"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "is not UTF-8", "write it as UTF-8 text"
    return None


def _refuse_unreadable(text: str) -> None:
    if "\0" in text:
        raise _error_at(text, text.index("\0"), "a NUL character", "remove it")
    # systemd drops the first mark that begins a line, wherever that is; two files joined look like this.
    mark = _INNER_MARK.search(text)
    if mark:
        raise _error_at(text, mark.end(), "a byte order mark inside the file", "remove it")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _error_at(text, error.start, "text that is not UTF-8", "save the file as UTF-8") from None


def _error_at(text: str, position: int, problem: str, remedy: str) -> UnitSyntaxError:
    before = LINE_BREAK.split(text[:position])
    line = before[-1] + LINE_BREAK.split(text[position:])[0]
    return UnitSyntaxError(len(before), line, problem, remedy)


def logical_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Lines that say something, stripped, with the numbers of their first and their last physical line."""
    start, last, pending = 0, 0, ""
    for number, line in enumerate(LINE_BREAK.split(text[1:] if text.startswith(BYTE_ORDER_MARK) else text), 1):
        # A comment inside a continuation is skipped and does not end it, whatever it ends in.
        if line.lstrip(BLANK).startswith(("#", ";")):
            continue
        if not pending:
            start = number
        pending += line
        last = number
        if continues(line):
            pending = pending[:-1] + " "
            continue
        if pending.strip(BLANK):
            yield start, last, pending.strip(BLANK)
        pending = ""
    if pending.strip(BLANK):
        yield start, last, pending.strip(BLANK)


def continues(line: str) -> bool:
    """Whether the last backslash is itself unescaped. `\\` before white space is none."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _section_of(number: int, line: str) -> str:
    name = line[1:-1]
    if not line.endswith("]") or not _SECTION.fullmatch(name) or name != name.strip(BLANK):
        raise UnitSyntaxError(
            number, line, "malformed section header", "write [Name] alone on its line, comments on their own lines"
        )
    return name


def _entry_of(section: str, number: int, line: str) -> Entry:
    if not section:
        raise UnitSyntaxError(number, line, "text before the first section", "put a header such as [Service] above it")
    key, equals, value = line.partition("=")
    key = key.rstrip(BLANK)
    if not equals:
        raise UnitSyntaxError(
            number, line, "no '=' in this line", "write Key=value; end the line before with a backslash to continue it"
        )
    if not key:
        raise UnitSyntaxError(number, line, "no key before the '='", "write Key=value")
    return Entry(section, key, value.strip(BLANK), number)


def share_a_list(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two `(section, key)` feed one list, so that their order counts."""
    if one[0] != other[0]:
        return False
    return one == other or any(
        one[0] == section and re.fullmatch(keys, one[1]) and re.fullmatch(keys, other[1]) for section, keys in _SHARED_LISTS
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
