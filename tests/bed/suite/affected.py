# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change can affect: a plugin what imports it, a role or playbook what names it, a scenario what it uses of these."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

PACKAGE = "ansible_collections.daemonic.systemd."
NAME = re.compile(r"daemonic\.systemd\.(\w+)")

# Steps other than scenarios: what a change must match to affect them. All of them are affected by what is in EVERYTHING.
AFFECTS = {
    "lint": r".",
    "units": r"(plugins|roles|playbooks|examples|docs|changelogs|tests/unit)/|README|galaxy|meta/",
    "sanity": r"(plugins|roles|playbooks|meta|changelogs)/|galaxy",
    "package": r"(plugins|meta)/|galaxy|tests/package/|roles/|playbooks/",
    "bare": r"examples/|plugins/",
}
# Scenarios that use more than they name.
READS = {"examples": ("plugins", "roles"), "fleet_deploy": ("playbooks",), "report": ("playbooks",)}
EVERYTHING = r"dev$|tests/bed/|\.ci/|\.config/molecule/|tests/requirements/|tests/integration/[^/]+$|molecule/default/"


def changes(root: Path, revision: str) -> tuple[str, set[str]]:
    """The revision that is meant, and the files that differ from it, those that git does not know yet included.

    Without a revision: the last commit on main that HEAD has, which on main itself is HEAD: what is not committed.
    """

    def git(*arguments: str) -> str:
        return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True).stdout.strip()

    if not revision:
        revision = git("merge-base", "HEAD", "main")
    changed = git("diff", "--name-only", revision).splitlines()
    new = git("ls-files", "--others", "--exclude-standard").splitlines()
    return git("rev-parse", "--short", revision), {*changed, *new}


def steps(tree: Tree, changed: set[str], names: list[str]) -> set[str]:
    """Those of these steps that a change of these files can affect."""
    if any(re.match(EVERYTHING, path) for path in changed):
        return set(names)
    found = set()
    for name in names:
        kind = name.partition(" ")[0]
        if kind in AFFECTS:
            affected = any(re.match(AFFECTS[kind], path) for path in changed)
        else:
            affected = not changed.isdisjoint(tree.used_by_scenario(kind))
        if affected:
            found.add(name)
    return found


class Tree:
    """The files of the collection, and which of them use which. All paths are relative to its root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._used: dict[str, set[str]] = {}

    def used_by_scenario(self, name: str) -> set[str]:
        own = {*self._files(f"molecule/{name}"), *self._files(f"tests/integration/{name}"), "tests/integration/cleanup.yml"}
        for folder in (*READS.get(name, ()), *(["examples"] if any("examples" in self._text(path) for path in own) else [])):
            own.update(self._files(folder))
        return self._all_used(own)

    def _all_used(self, paths: set[str]) -> set[str]:
        seen: set[str] = set()
        waiting = set(paths)
        while waiting:
            path = waiting.pop()
            seen.add(path)
            waiting |= self._directly(path) - seen
        return seen

    def _directly(self, path: str) -> set[str]:
        """What a file uses: modules that it imports, plugins, roles and playbooks that it names, files beside a role's."""
        if path not in self._used:
            used = set()
            if path.endswith(".py"):
                used.update(self._imported(path))
            else:
                for name in set(NAME.findall(self._text(path))):
                    used.update(self._named(name))
            if path.startswith("plugins/modules/"):
                used.update(self._existing([path.replace("/modules/", "/action/")]))
            self._used[path] = used
        return self._used[path]

    def _named(self, name: str) -> set[str]:
        plugins = [str(found.relative_to(self._root)) for found in self._root.glob(f"plugins/*/{name}.py")]
        playbook = (
            [f"playbooks/{name}.yml", *self._files("playbooks/tasks")] if (self._root / f"playbooks/{name}.yml").exists() else []
        )
        return {*plugins, *self._files(f"roles/{name}"), *playbook}

    def _imported(self, path: str) -> set[str]:
        found: set[str] = set()
        package = path.removesuffix(".py").split("/")
        for node in ast.walk(ast.parse(self._text(path))):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if node.level:
                    module = ".".join([*package[: -node.level], *([module] if module else [])])
                elif module.startswith(PACKAGE):
                    module = module[len(PACKAGE) :]
                else:
                    continue
                base = module.replace(".", "/")
                found.update(self._existing([f"{base}.py", f"{base}/__init__.py"]))
                found.update(self._existing(f"{base}/{alias.name}.py" for alias in node.names))
        return found

    def _existing(self, paths: object) -> set[str]:
        return {path for path in paths if (self._root / path).is_file()}  # type: ignore[attr-defined]

    def _files(self, folder: str) -> set[str]:
        found = (self._root / folder).rglob("*")
        return {str(path.relative_to(self._root)) for path in found if path.is_file() and "__pycache__" not in path.parts}

    def _text(self, path: str) -> str:
        try:
            return (self._root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""
