# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a host opens and changes files through the door alone (_host/io/door.py), never by a path."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator

import pytest

HOST = Path(__file__).parents[3] / "plugins" / "module_utils" / "_host"

# Calls that take a path, and open or change what it leads to, for those who do not look at who owns the way.
FORBIDDEN = {
    *("open", "io.open", "codecs.open"),
    *(f"os.{name}" for name in ("open", "chown", "lchown", "chmod", "lchmod", "rename", "replace", "renames", "link", "symlink")),
    *(f"os.{name}" for name in ("unlink", "remove", "rmdir", "removedirs", "mkdir", "makedirs", "mkfifo", "mknod", "truncate")),
    *(f"os.{name}" for name in ("utime", "setxattr", "removexattr", "chroot", "chdir")),
    *(f"shutil.{name}" for name in ("copy", "copy2", "copyfile", "copymode", "copystat", "copytree", "move", "rmtree", "chown")),
    *(f"glob.{name}" for name in ("glob", "iglob")),
    *(f"tempfile.{name}" for name in ("mkdtemp", "mkstemp", "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile")),
    *(f"pathlib.{name}" for name in ("Path", "PosixPath")),
}
# What makes such a call one on an open file or in an open folder.
BY_DESCRIPTOR = {"dir_fd", "src_dir_fd", "dst_dir_fd", "closefd"}
OF_THE_KERNEL = ("/proc/", "/sys/")

_BUILDS = {
    *("glob.glob", "open", "os.chdir", "os.chmod", "os.chown", "os.makedirs", "os.mkdir", "os.open", "os.rename", "os.replace"),
    *("os.symlink", "os.unlink", "os.utime", "shutil.rmtree", "tempfile.mkdtemp"),
}
_OWN_FOLDER = "a folder of our own below /run, 0700, that is made anew"
_HOME = "below the home of releases, whose way is judged"

# File → calls that are left, and why. It may only become shorter.
LEFT = {
    "release_builder.py": (_BUILDS, _HOME),
    "process_inputs.py": ({"open"}, "proc(5) alone"),
    "build_tools.py": (_BUILDS, "what root's own settings of pip are"),
    "labels.py": ({"open"}, "sysfs alone"),
    "observe.py": ({"open"}, "proc(5), and what PID 1 has written below /run/systemd"),
    "processes.py": ({"open"}, "proc(5) alone"),
    "release_files.py": (_BUILDS, _HOME),
    "sandbox.py": (_BUILDS, _OWN_FOLDER),
    "spawn.py": ({"open", "os.open"}, "what programs read: /dev/null, a pipe, a file in memory"),
    "staging.py": ({"open", "os.chown", "os.makedirs", "shutil.rmtree", "tempfile.mkdtemp"}, _OWN_FOLDER),
    "take_ownership.py": (_BUILDS, _OWN_FOLDER),
    "trial.py": (_BUILDS, _OWN_FOLDER),
}


def calls_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in FORBIDDEN:
            continue
        is_by_descriptor = bool({keyword.arg for keyword in node.keywords} & BY_DESCRIPTOR) or _is_call(node.args[:1])
        first = ast.unparse(node.args[0]).lstrip("f").strip("'\"") if node.args else ""
        if not is_by_descriptor and not first.startswith(OF_THE_KERNEL):
            yield ast.unparse(node.func)


def _is_call(first: list[ast.expr]) -> bool:
    """open(place.open(), …), os.setxattr(fd, …): an open file is used again."""
    return bool(first) and ast.unparse(first[0]) in ("place.open()", "fd", "handle")


@pytest.mark.parametrize("path", sorted(HOST.rglob("*.py")), ids=lambda path: path.name)
def test_files_are_opened_and_changed_through_the_door(path: Path) -> None:
    allowed = {"os.open"} if path.name == "door.py" else LEFT.get(path.name, (set(), ""))[0]  # the door opens "/"
    assert set(calls_in(path)) <= allowed


@pytest.mark.parametrize("name", [name for name, (calls, _why) in LEFT.items() if calls is not _BUILDS])
def test_what_is_left_is_needed(name: str) -> None:
    assert set(calls_in(next(HOST.rglob(name))))
