# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listing of a source tree: what the controller packs, and what the host finds when it unpacks.

Its digest identifies the tree. Times, owners, permissions but the executable bit, and the form of the archive say nothing
of the content and are left out, so that every controller finds the same digest for the same files.
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import Iterable, Literal, Mapping

from .._dataclasses import dataclass

# What belongs to the developer's machine, not to the application. A name ends with the second kind, or is the first.
_LEFT_OUT = frozenset(
    (".git", ".hg", ".svn", "__pycache__", ".venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store")
)
_LEFT_OUT_ENDINGS = (".pyc", ".pyo")


# What a person writes and a program only reads, or runs. The rest, such as shop.db, app.log or state.json, is a program's.
_CODE = (
    *(".py", ".pyi", ".pth", ".so", ".sh", ".pl", ".sql", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".tmpl"),
    *(".css", ".js", ".mjs", ".svg", ".po", ".mo", ".toml", ".cfg", ".ini", ".conf", ".yaml", ".yml", ".md", ".rst"),
)


@dataclass(frozen=True)
class TreeEntry:
    """kind: file, directory or link. value: a file's sha256, a link's target."""

    path: str
    kind: Literal["file", "directory", "link"]
    value: str = ""
    is_executable: bool = False

    @property
    def mode(self) -> int:
        return 0o755 if self.is_executable or self.kind == "directory" else 0o644

    @property
    def line(self) -> str:
        return f"{self.kind}\0{'x' if self.is_executable else '-'}\0{self.path}\0{self.value}\n"


def is_left_out(name: str) -> bool:
    return name in _LEFT_OUT or name.endswith(_LEFT_OUT_ENDINGS)


def is_code(path: str, is_executable: bool) -> bool:
    """Of a file of a release, below it: a change is one of the program, made by hand, and not data that it has written."""
    return is_executable or path.endswith(_CODE) or not path.startswith("source/")


def digest_of(entries: Iterable[TreeEntry]) -> str:
    """sha256 of the sorted listing."""
    lines = "".join(sorted(entry.line for entry in entries))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def is_inside(path: str) -> bool:
    """A plain relative path that leads to nothing above or beside the tree."""
    return bool(path) and not path.startswith("/") and all(part not in ("", ".", "..") for part in path.split("/"))


def ancestors(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def leading_out(links: Mapping[str, str]) -> str:
    """A link of the tree that leads out of it, by way of other ones; "" where there is none. links: path → target."""
    return next((path for path in sorted(links) if _leads_out(path, links)), "")


def _leads_out(path: str, links: Mapping[str, str]) -> bool:
    """As the kernel walks: path_resolution(7). What is no link of the tree counts as a folder."""
    here: list[str] = []
    waiting = path.split("/")[::-1]
    followed = 0
    while waiting:
        name = waiting.pop()
        if name == "..":
            if not here:
                return True
            here.pop()
        elif name not in ("", "."):
            here.append(name)
            target = links.get("/".join(here))
            if target is not None:
                followed += 1
                if target.startswith("/") or followed > _LINKS_AT_MOST:
                    return target.startswith("/")  # the kernel follows no more: they lead nowhere
                here.pop()
                waiting += target.split("/")[::-1]
    return False


_LINKS_AT_MOST = 40


def stays_inside(path: str, target: str) -> bool:
    """A link at `path` that points to something of the tree."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return not target.startswith("/") and found != ".." and not found.startswith("../")
