# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of hosts, as a person can look at them: what would act on a terminal, or hide or reorder text, is spelled out."""

from __future__ import annotations

import re
from typing import Any

# Control characters (C0 but for tabs and line breaks, DEL, C1), the surrogates that stand for bytes, line and paragraph
# separators, what is of no width and what changes the direction of text: Unicode Technical Report 36, "Trojan Source".
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def visible(text: str) -> str:
    return _HIDDEN.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python reads it (PEP 383)
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def all_visible(value: Any) -> Any:
    """The same of all texts in a value. Ansible's own kinds of texts, lists and mappings become plain ones."""
    if isinstance(value, str):
        return visible(str(value))
    if isinstance(value, dict):
        return {visible(str(key)): all_visible(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [all_visible(item) for item in value]
    return value
