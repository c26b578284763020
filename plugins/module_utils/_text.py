# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that others have written, as a person can look at them: what would act on a terminal, or hide or reorder text, is
spelled out; a text stays in its line, and within its bounds; lines that are quoted are marked.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, Match, Pattern

LINE = 1000  # characters of a line
LINES = 20  # of a quotation
MARK = "    | "

# Control characters (C0 but for tabs and line breaks, DEL, C1), the surrogates that stand for bytes, line and paragraph
# separators, what is of no width or empty, and what changes the direction of text: Unicode Technical Report 36, "Trojan Source".
_HIDDEN = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_compiled: list[Pattern[str]] = []  # at the first use: most texts do without


def visible(text: str) -> str:
    """Tabs and line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    if not _compiled:
        _compiled.append(re.compile(_HIDDEN))
    return _compiled[0].sub(_spelled, text)


def _spelled(match: Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python reads it (PEP 383)
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def line(text: str, most: int = LINE) -> str:
    """In one line: line breaks and tabs are spelled out, too."""
    shown = visible(text[: most + 1]).replace("\n", "\\n").replace("\t", "\\t")
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def lines_of(texts: Iterable[str], most: int = LINES) -> list[str]:
    """The last lines of texts, each of which may have several."""
    found = [line(each.replace("\t", "    ").rstrip()) for text in texts for each in text.split("\n")]
    return found[-most:]


def quoted(lines: Iterable[str]) -> str:
    """Lines that others have written, to be put below a sentence of ours: none of them looks like one."""
    return "".join(f"\n{MARK}{line(each)}" for each in lines)


def all_visible(value: Any) -> Any:
    """All texts in a value. Ansible's own kinds of texts, lists and mappings become plain ones."""
    if isinstance(value, str):
        return visible(str(value))
    if isinstance(value, dict):
        return {visible(str(key)): all_visible(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [all_visible(item) for item in value]
    return value


_MOST_LISTED = 4


def listed(items: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c", "a, b, c, d and 3 more"; each only once."""
    unique = list(dict.fromkeys(items))
    if len(unique) > _MOST_LISTED:
        unique = [*unique[:_MOST_LISTED], f"{len(unique) - _MOST_LISTED} more"]
    return " and ".join([", ".join(unique[:-1]), unique[-1]]) if len(unique) > 1 else "".join(unique)


def lines_in(text: str) -> list[str]:
    """Split at line feeds alone: str.splitlines() also splits at characters that others may put into a line, such as U+2028."""
    found = text.split("\n")
    return found[:-1] if found[-1] == "" else found
