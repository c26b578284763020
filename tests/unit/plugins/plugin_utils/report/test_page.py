# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as a parser of HTML sees it. What a browser does with it is tested in one (tests/integration/report)."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.report import page as module
from hypothesis import given
from hypothesis import strategies as st

from .fleets import answer, report, unit

ASSETS = Path(module.__file__).parent / "assets"
FILES = {name: (ASSETS / name).read_text(encoding="utf-8") for name in module.FILES}
HOSTILE = [
    "</script>",
    "<script>alert(1)</script>",
    "<!--",
    "<!--<script>",
    "]]>",
    "&lt;",
    "\u2028",
    "\udcff",
    "\x1b[31m",
    "{{data}}",
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters()))


class Parsed(HTMLParser):
    """Elements, and the texts of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._is_raw = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._is_raw = tag in ("script", "style")
        if self._is_raw:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_raw = False

    def handle_data(self, data: str) -> None:
        if self._is_raw:
            self.texts[-1] += data


def page_of(text: str) -> str:
    journal = [{"time": text, "priority": 3, "message": text, "cut": False}]
    failed = unit(active_state="failed", sub_state="failed", description=text, journal=journal)
    given = answer({text: failed}, groups=(text,), web=unit(relations={"wants": [f"{text}.service"]}))
    return module.page(report({text: given}), {**dict.fromkeys(FILES, "1;"), module.SKELETON: FILES[module.SKELETON]})


ELEMENTS = [tag for tag, _attributes in Parsed(page_of("web")).elements]


@given(TEXTS)
def test_nothing_leaves_the_block_of_json(text: str) -> None:
    parsed = Parsed(page_of(text))
    assert [tag for tag, _attributes in parsed.elements] == ELEMENTS
    _style, data, _script = parsed.texts
    assert not set("<>&") & set(data)
    assert data.isascii()
    assert json.loads(data)["version"] == 1


@given(st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3), max_size=3))
def test_the_block_holds_what_was_given(value: Any) -> None:
    assert json.loads(module.island(value)) == value


def test_the_policy_lets_its_own_texts_run_alone() -> None:
    parsed = Parsed(module.page(report(), FILES))
    style, _data, script = parsed.texts
    (policy,) = [attributes["content"] or "" for tag, attributes in parsed.elements if attributes.get("http-equiv")]

    def source(text: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert dict(part.split(" ", 1) for part in policy.split("; ")) == {
        "default-src": "'none'",
        "style-src": source(style),
        "script-src": source(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_page_names_no_other() -> None:
    text = module.page(report(), FILES).replace("http://www.w3.org/2000/svg", "")  # the name of a language, which nobody asks for
    assert not re.search(r"https?://|url\((?!#)|@import|\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket", text)
    assert not [attributes for _tag, attributes in Parsed(text).elements if attributes.get("src")]


@pytest.mark.parametrize("name", module.FILES)
def test_sources(name: str) -> None:
    """Markup is never made of texts; and no source is long."""
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", FILES[name])
    assert len(FILES[name].splitlines()) < 400


def test_no_file_is_left_out() -> None:
    assert {path.name for path in ASSETS.iterdir()} == set(module.FILES)
