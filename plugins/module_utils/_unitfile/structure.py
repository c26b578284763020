# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit text to structure, the reverse of render.py: what it says, or also how that is written.

`sections_of` is for reading: `{section: {directive: value}}`. `lines_of` is for editing: every line with its exact text,
comments and blank lines included. `text_of` takes both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .render import render
from .suggest import did_you_mean
from .syntax import (
    LINE_BREAK,
    Document,
    Entry,
    UnitSyntaxError,
    UnsuitableValue,
    check_key,
    check_section,
    continues,
    logical_lines,
    parse,
    share_a_list,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Union

    Directives = Mapping[str, Union[str, "list[str]"]]

# What describes one line, see `lines_of`.
_OF_A_LINE = ("section", "key", "value", "text")


def sections_of(text: str) -> dict[str, Any]:
    """What a unit says: a section is a mapping of directives to values, all of them texts, "" for a reset.

    A directive that is repeated has a list. Where its repetitions cannot stand together without another meaning, the
    section is a list of such mappings, in the order of the file. Raises `UnitSyntaxError` and `UnsuitableValue`.
    """
    document = parse(text)
    found: dict[str, list[dict[str, Any]]] = {name: [{}] for name in document.sections}
    for entry in document.entries:
        check_key(entry.section, entry.key)
        _add(found[entry.section], entry)
    return {name: bodies[0] if len(bodies) == 1 else bodies for name, bodies in found.items()}


def _add(bodies: list[dict[str, Any]], entry: Entry) -> None:
    body, value = bodies[-1], _writable(entry.value)
    if entry.key not in body:
        body[entry.key] = value
    elif _may_join(list(body), entry):
        before = body[entry.key]
        body[entry.key] = [*(before if isinstance(before, list) else [before]), value]
    else:
        bodies.append({entry.key: value})


def _may_join(keys: Sequence[str], entry: Entry) -> bool:
    """Whether what has come after the directive stays true when it is said once more before that."""
    later = keys[keys.index(entry.key) + 1 :]
    return not any(share_a_list((entry.section, key), (entry.section, entry.key)) for key in later)


def _writable(value: str) -> str:
    """A last backslash was followed by white space, or it would have continued the line."""
    return value + " " if continues(value) else value


def lines_of(text: str) -> list[dict[str, str]]:
    """A unit line by line; the texts joined are that of the unit. Raises `UnitSyntaxError` and `UnsuitableValue`.

    `{section, text}` is a header, `{section, key, value, text}` an assignment with all lines that it goes over, `{text}`
    comments and blank lines.
    """
    document, physical = parse(text), _physical_lines(text)
    entries = {entry.line: entry for entry in document.entries}
    found: list[dict[str, str]] = []
    done = 0
    for first, last, line in logical_lines(text):
        if first - 1 > done:
            found.append({"text": "".join(physical[done : first - 1])})
        written = "".join(physical[first - 1 : last])
        done = last
        if first in entries:
            entry = entries[first]
            check_key(entry.section, entry.key)
            found.append({"section": entry.section, "key": entry.key, "value": _writable(entry.value), "text": written})
        else:
            found.append({"section": line[1:-1], "text": written})
    rest = "".join(physical[done:])
    return [*found, {"text": rest}] if rest else found


def _physical_lines(text: str) -> list[str]:
    """With their ends."""
    starts = [0, *(match.end() for match in LINE_BREAK.finditer(text))]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)])]


def text_of(structure: object) -> str:
    """The text of either form. Raises `UnsuitableValue`."""
    if isinstance(structure, Mapping):
        return render(structure)
    if isinstance(structure, (list, tuple)):
        return _joined(structure)
    problem = "a unit is a mapping of sections, or a list of lines"
    raise UnsuitableValue("", "", structure, problem, "write {Section: {Directive: value}}")


def _joined(lines: Sequence[object]) -> str:
    """The lines as they were written, as long as that is still what they say; else, and if they are new, rendered."""
    text, section = "", ""
    said: list[tuple[str, str, str]] = []
    for line in map(_checked, lines):
        if text and not LINE_BREAK.search(text[-1]):
            text += "\n"
        if "key" in line and line["section"] != section:
            text += ("\n" if text else "") + "[%s]\n" % line["section"]
        section = line.get("section", section)
        written, assignments = _written(line)
        text += written
        said += assignments
    try:
        document: Document | None = parse(text)
    except UnitSyntaxError:
        document = None
    if document is None or _assignments(document) != said:
        problem = "these lines, one after the other, do not say what each of them says"
        raise UnsuitableValue("", "", text, problem, "take away the text of the lines that you have added or moved")
    return text


def _checked(line: object) -> Mapping[str, Any]:
    remedy = "write {section: …, key: …, value: …}, {section: …}, or {text: …} for a comment"
    if not isinstance(line, Mapping):
        raise UnsuitableValue("", "", line, "a line is described by a mapping", remedy)
    for name in line:
        if name not in _OF_A_LINE:
            guess = did_you_mean(str(name), _OF_A_LINE)
            raise UnsuitableValue("", "", name, "no part of a line", "did you mean %s?" % guess if guess else remedy)
    if not all(isinstance(line.get(name, ""), str) for name in ("section", "key", "text")):
        raise UnsuitableValue("", "", dict(line), "section, key and text are texts", "put them in quotes")
    if (
        not ("text" in line or "section" in line)
        or ("key" in line) != ("value" in line)
        or ("key" in line and "section" not in line)
    ):
        raise UnsuitableValue("", "", dict(line), "these parts make no line", remedy)
    return line


def _written(line: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """The text of a line, and the assignments that it stands for."""
    text: str = line.get("text", "")
    if "section" not in line:
        return _comment(text), []
    section: str = line["section"]
    if "key" not in line:
        check_section(section)
        is_so = _reads_as(text, (section,), [])
        return text if is_so else "[%s]\n" % section, []
    rendered = render({section: {line["key"]: line["value"]}})
    meant = _assignments(parse(rendered))
    if text and _reads_as("[%s]\n%s" % (section, text), (section,), meant):
        return text, meant
    return rendered.partition("\n")[2], meant


def _comment(text: str) -> str:
    if not _reads_as(text, (), []):
        problem = "text without section and key is a comment or a blank line"
        raise UnsuitableValue("", "", text, problem, "begin it with #, or say which section and key it sets")
    return text


def _reads_as(text: str, sections: tuple[str, ...], assignments: Sequence[tuple[str, str, str]]) -> bool:
    try:
        document = parse(text)
    except UnitSyntaxError:
        return False
    return document.sections == sections and _assignments(document) == assignments


def _assignments(document: Document) -> list[tuple[str, str, str]]:
    return [(entry.section, entry.key, entry.value) for entry in document.entries]
