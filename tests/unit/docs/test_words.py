# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that were retired stay so: in pages, in the documentation of plugins, and in what the code says."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Iterator

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/*.md"), *ROOT.glob("examples/*.md")])
PLUGINS = sorted(ROOT.glob("plugins/**/*.py"))

# Pattern → what to write.
RETIRED = {
    r"\b[Mm]end(s|ed|ing)?\b": "fix, repair",
    r"\banew\b": "again",
    r"\b(its|their) (like|kin)\b": "similar, and the like",
    r"\bordered in a circle\b|\bin a circle\b": "ordering cycle",
    r"\bthere is no such (option|section|setting)\b|\b[Oo]ptions that there are not\b": "unknown",
    r"\bhalf of a character\b": "not valid Unicode",
    r"\banswers nobody\b": "cannot have health checks",
    r"\b[Pp]ut back: (yes|no)\b": "Rolled back, Rollback incomplete",
    r"\bway back\b|\bgoing back\b": "rollback",
    r"\bin the midst\b": "during",
    r"\bbelieves in\b": "counts as",
    r"\b[Ss]aid again\b": "is idempotent",
    r"\bis well and warns\b": "succeeds with a warning",
}


def texts_of(page: Path) -> Iterator[tuple[int, str]]:
    """(line, text): of a page all of it, of code its strings, docstrings included."""
    content = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        yield from enumerate(content.split("\n"), 1)
        return
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from enumerate(node.value.split("\n"), node.lineno)


@pytest.mark.parametrize("page", [*PAGES, *PLUGINS], ids=lambda page: str(page.relative_to(ROOT)))
def test_retired_words(page: Path) -> None:
    found = [
        f"{page.name}:{number}: {match.group()!r}: write {instead}"
        for number, text in texts_of(page)
        for pattern, instead in RETIRED.items()
        for match in re.finditer(pattern, text)
    ]
    assert found == []
