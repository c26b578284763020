# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page can be reached from the README, and every link of a page leads somewhere, also in the built collection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md"), *ROOT.glob("roles/*/*.md")])
NOT_BUILT = ("tests", "molecule")


def links(page: Path) -> list[tuple[Path, str]]:
    """(file, anchor) of those that stay within the collection."""
    found = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8"))
    return [((page.parent / path).resolve() if path else page, anchor) for path, anchor in found]


def anchors(page: Path) -> list[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in links(page):
        assert path.exists(), path
        assert path.relative_to(ROOT.resolve()).parts[0] not in NOT_BUILT, path
        assert not anchor or anchor in anchors(path), f"{path}#{anchor}"


def test_every_page_can_be_reached() -> None:
    reached: set[Path] = set()
    waiting = [(ROOT / "README.md").resolve()]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [path for path, _anchor in links(page)]
    assert reached == {page.resolve() for page in PAGES}
