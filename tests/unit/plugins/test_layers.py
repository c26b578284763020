# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers: a core that takes values and returns values, and a shell that alone touches the host."""

from __future__ import annotations

import ast
import os
from typing import Iterator

import pytest

PLUGINS = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3, "plugins")
MODULE_UTILS = os.path.join(PLUGINS, "module_utils")

# Layer → those that it may import besides itself, and besides what all classes are made by.
DATACLASSES = "_dataclasses"
TEXT = "_text"
LAYERS = {
    "_unitfile": (),
    "_declaration": ("_unitfile",),
    "_desired": ("_unitfile", "_declaration"),
    "_plan": ("_unitfile", "_declaration", "_desired"),
    "_checks": ("_unitfile", "_declaration", "_desired", "_plan"),
    "_health": ("_unitfile", "_declaration", "_desired", "_plan"),
    "_result": ("_unitfile", "_declaration", "_desired", "_plan", "_health"),
    "_manifest": ("_unitfile", "_declaration", "_desired", "_plan"),
    "_xinetd": ("_unitfile", "_declaration"),
    "_inquiry": ("_unitfile", "_declaration"),
    "_operation": ("_unitfile", "_declaration"),
    "_systemd_cli": ("_unitfile", "_desired", "_plan", "_checks", "_health", "_inquiry", "_operation"),
}
# Room of _host → the rooms that it may import besides itself.
ROOMS = {
    "io": (),
    "observation": ("io",),
    "build": ("io", "observation"),
    "preflight": ("io", "observation", "build"),
    "health": ("io", "observation"),
    "transaction": ("io", "observation", "build", "preflight", "health"),
    "inquiry": ("io", "observation", "preflight"),
    "operation": ("io",),
    "xinetd": ("io", "observation", "transaction"),
    "entry": ("io", "transaction"),
}
# What reads or changes anything but values. posixpath is pure: it is about names.
IMPURE = set(
    """
    asyncio ctypes fcntl fileinput getpass glob grp http io logging mmap multiprocessing os pathlib platform pwd random
    resource secrets select shutil signal socket ssl subprocess sys tempfile threading time urllib uuid
    """.split()  # noqa: SIM905
)
IMPURE_CALLS = frozenset(("open", "print", "input", "exec", "eval", "__import__"))


def files_below(folder: str) -> list[str]:
    return sorted(
        os.path.relpath(os.path.join(path, name), PLUGINS)
        for path, _folders, names in os.walk(folder)
        for name in names
        if name.endswith(".py")
    )


PURE_FILES = [file for layer in LAYERS for file in files_below(os.path.join(MODULE_UTILS, layer))]
ALL_FILES = files_below(PLUGINS)


def parsed(file: str) -> ast.Module:
    with open(os.path.join(PLUGINS, file), encoding="utf-8") as stream:
        return ast.parse(stream.read(), file)


def imports_of(file: str) -> Iterator[str]:
    """Absolute names of all that is imported anywhere in a file; within the collection they begin with "plugins."."""
    package = ["plugins", *os.path.dirname(file).split(os.sep)]
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            yield from (".".join([*base, alias.name]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_layers_are_found() -> None:
    assert len(PURE_FILES) > 20
    assert all(any(f"{os.sep}{layer}{os.sep}" in file for file in PURE_FILES) for layer in LAYERS)
    assert "plugins.module_utils._unitfile.syntax.parse" in set(
        imports_of(os.path.join("module_utils", "_plan", "unit_changes.py"))
    )


@pytest.mark.parametrize("file", PURE_FILES)
def test_pure(file: str) -> None:
    """No operating system, no ansible, no layer above."""
    layer = file.split(os.sep)[1]
    check_purity(file, [f"plugins.module_utils.{name}." for name in (layer, DATACLASSES, TEXT, *LAYERS[layer])])


HOST_FILES = [file for file in files_below(os.path.join(MODULE_UTILS, "_host")) if file.count(os.sep) == 3]


@pytest.mark.parametrize("file", HOST_FILES)
def test_rooms_of_the_host(file: str) -> None:
    """No room imports one above it, not even for a type."""
    room = file.split(os.sep)[2]
    within = [name.split(".")[3] for name in imports_of(file) if name.startswith("plugins.module_utils._host.")]
    assert set(within) <= {room, *ROOMS[room]}


def test_each_file_of_the_host_is_in_a_room() -> None:
    assert {file.split(os.sep)[2] for file in HOST_FILES} == set(ROOMS)
    outside = [file for file in files_below(os.path.join(MODULE_UTILS, "_host")) if file not in HOST_FILES]
    assert outside == [os.path.join("module_utils", "_host", "__init__.py")]


# Files of one name are halves of one thing, or belong to one floor above the other: declared, desired, planned, done.
ALIKE = {
    *("arguments", "connection", "credentials", "default_target", "dependencies", "diagnostics", "existing_units", "exposure"),
    *("hidden_units", "history", "jobs", "journal", "migrate", "patterns", "port_replies", "port_takeover", "probe", "sandbox"),
    *("socket_nodes", "specifiers", "staleness", "sysusers_tmpfiles", "trial"),
}


def test_a_file_is_found_by_its_name() -> None:
    names = [os.path.basename(file)[:-3] for file in files_below(MODULE_UTILS) if not file.endswith("__init__.py")]
    assert {name for name in names if names.count(name) > 1} == ALIKE


@pytest.mark.parametrize("file", files_below(os.path.join(PLUGINS, "plugin_utils", "report")))
def test_the_report_is_pure(file: str) -> None:
    """The controller's part that renders; an action plugin reads the answers, and writes."""
    check_purity(file, ["plugins.plugin_utils.report.", "plugins.plugin_utils.answers.", f"plugins.module_utils.{TEXT}."])


@pytest.mark.parametrize("file", files_below(os.path.join(PLUGINS, "plugin_utils", "answers")))
def test_answers_are_read_by_pure_code(file: str) -> None:
    check_purity(file, ["plugins.plugin_utils.answers.", f"plugins.module_utils.{TEXT}."])


@pytest.mark.parametrize("file", files_below(os.path.join(PLUGINS, "plugin_utils", "rollout")))
def test_the_rollout_is_pure(file: str) -> None:
    """The controller's part that decides how a fleet is gone through; an action plugin reads what the hosts have said."""
    below = (DATACLASSES, TEXT, "_unitfile", "_declaration")
    check_purity(file, ["plugins.plugin_utils.rollout.", *(f"plugins.module_utils.{name}." for name in below)])


def check_purity(file: str, allowed: list[str]) -> None:
    for name in imports_of(file):
        first = name.partition(".")[0]
        assert first not in IMPURE, name
        assert first not in ("ansible", "ansible_collections"), name
        if first == "plugins":
            assert name.startswith(tuple(allowed)), name
    calls = [node.func.id for node in ast.walk(parsed(file)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert IMPURE_CALLS.isdisjoint(calls)


@pytest.mark.parametrize("file", [file for file in ALL_FILES if file.startswith("module_utils")])
def test_programs_run_through_ansible_alone(file: str) -> None:
    names = set(imports_of(file))
    assert not {name for name in names if name.partition(".")[0] == "subprocess"}
    assert not {name for name in names if name in ("os.system", "os.popen")}


DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}


@pytest.mark.parametrize("file", ALL_FILES)
def test_not_too_long(file: str) -> None:
    """When a file needs a table of contents, it is a folder. Ansible wants the documentation of a module in one piece."""
    with open(os.path.join(PLUGINS, file), encoding="utf-8") as stream:
        length = len(stream.readlines())
    for node in parsed(file).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in DOCUMENTATION:
            length -= (node.end_lineno or 0) - node.lineno
    assert length <= 400


# Of bytes, or of what a person has written, who may have done so on Windows.
SPLIT_AS_PYTHON_DOES = {"_declaration/application.py", "_desired/credentials.py", "_inquiry/stacks.py"}


@pytest.mark.parametrize("file", [file for file in ALL_FILES if file.startswith("module_utils")])
def test_lines_of_others_end_where_they_end(file: str) -> None:
    """str.splitlines() also splits at characters that a log line or a name may hold: _text.lines_in() does not."""
    if file.partition(os.sep)[2] in SPLIT_AS_PYTHON_DOES:
        return
    called = [
        node.func.attr for node in ast.walk(parsed(file)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert "splitlines" not in called
