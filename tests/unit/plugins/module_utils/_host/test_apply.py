# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a plan that needs no systemd, carried out below a temporary directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.apply import NotStaged, apply
from ansible_collections.daemonic.systemd.plugins.module_utils._host.commands import CommandFailed, Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._stack import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.desired import File
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.model import Source


def no_program(argv: Sequence[str], _stdin: bytes | None) -> tuple[int, str, str]:
    raise AssertionError(f"{argv} is run")


def carry_out(*actions: act.Action) -> list[str]:
    return apply(actions, Commands(no_program))


def write(path: Path, content: str = "new") -> act.WriteFile:
    return act.WriteFile(str(path), "", File(str(path), Source.of(path.name, content.encode()), "files"))


def names_below(path: Path) -> list[str]:
    return sorted(
        str(Path(folder, name).relative_to(path)) for folder, folders, files in os.walk(path) for name in folders + files
    )


def test_directories_files_and_links(tmp_path: Path) -> None:
    home = tmp_path / "home"
    complaints = carry_out(
        act.MakeDirectory(str(home), ""),
        act.MakeDirectory(str(home / "releases"), ""),
        write(home / "releases" / "a.py", "print()"),
        act.MakeLink(str(home / "current"), "", "releases"),
    )
    assert complaints == []
    assert (home / "current" / "a.py").read_text() == "print()"
    assert names_below(tmp_path) == ["home", "home/current", "home/releases", "home/releases/a.py"]


def test_removals(tmp_path: Path) -> None:
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "of-others").write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("file")
    carry_out(
        act.Remove(str(tmp_path / "link"), ""),
        act.Remove(str(tmp_path / "file"), ""),
        act.RemoveDirectory(str(tmp_path / "empty"), ""),
        act.RemoveDirectory(str(tmp_path / "full"), ""),
    )
    assert names_below(tmp_path) == ["full", "full/of-others"]


def test_file_that_cannot_be_written_undoes_all_that_was_begun(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    with pytest.raises(NotStaged) as error:
        carry_out(
            act.Remove(str(tmp_path / "old"), ""),
            act.MakeDirectory(str(tmp_path / "new"), ""),
            act.MakeDirectory(str(tmp_path / "new" / "er"), ""),
            write(tmp_path / "new" / "a"),
            write(tmp_path / "old"),
            write(tmp_path / "nowhere" / "b"),
        )
    assert str(error.value) == f"{tmp_path}/nowhere/b cannot be written: No such file or directory. Nothing was changed."
    assert names_below(tmp_path) == ["old"]
    assert (tmp_path / "old").read_text() == "old"


def test_error_on_the_way_leaves_nothing_beside(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        carry_out(write(tmp_path / "one"), act.Remove(str(tmp_path / "gone"), ""), write(tmp_path / "two"))
    assert names_below(tmp_path) == ["one"]


# The door to programs


@pytest.mark.parametrize(("rc", "accept", "fine"), [(0, (0,), True), (1, (0,), False), (1, (0, 1), True), (5, (0, 1), False)])
def test_return_codes_are_named(rc: int, accept: tuple[int, ...], fine: bool) -> None:
    commands = Commands(lambda _argv, _stdin: (rc, "out", "why\n"))
    if fine:
        assert commands.output(["a", "b"], accept) == "out"
        return
    with pytest.raises(CommandFailed, match=f"^a b failed with {rc}: why$"):
        commands.output(["a", "b"], accept)


def test_attempt_judges_nothing() -> None:
    assert Commands(lambda _argv, _stdin: (5, "out", " why\n")).attempt(["a"]) == (5, "why")


def test_standard_input_is_handed_on() -> None:
    seen: list[Any] = []
    Commands(lambda argv, stdin: seen.append((argv, stdin)) or (0, "", "")).output(["a"], stdin=b"x")
    assert seen == [(["a"], b"x")]
