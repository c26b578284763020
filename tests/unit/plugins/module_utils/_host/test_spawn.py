# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of every host, really run."""

from __future__ import annotations

import sys
import time

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io import commands as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.spawn import spawn


@pytest.mark.parametrize(
    ("command", "stdin", "result"),
    [
        pytest.param("echo out; echo err >&2; exit 3", None, (3, "out\n", "err\n"), id="both streams and the return code"),
        pytest.param("cat", b"a\x00\xffb", (0, "a\x00\udcffb", ""), id="what is no text"),
        pytest.param("cat", None, (0, "", ""), id="no input is an empty one"),
        pytest.param("cat; cat >&2", b"x" * 300_000, (0, "x" * 300_000, ""), id="more than a pipe holds"),
        pytest.param("kill -KILL $$", None, (-9, "", ""), id="killed"),
        pytest.param("echo $SAID", None, (0, "it\n", ""), id="the environment is added to"),
        pytest.param("yes | head -n 1", None, (0, "y\n", ""), id="a broken pipe ends who writes to it"),
    ],
)
def test_spawn(command: str, stdin: bytes | None, result: tuple[int, str, str]) -> None:
    assert spawn(["sh", "-c", command], stdin, {"SAID": "it"}) == result


def test_arguments_are_not_read_by_a_shell() -> None:
    assert spawn(["printf", "%s\n", "a b", "$HOME", "*"], None, {}) == (0, "a b\n$HOME\n*\n", "")


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        spawn(["no-such-program"], None, {})


def test_what_goes_on_in_the_background_is_not_waited_for() -> None:
    start = time.monotonic()
    assert spawn(["sh", "-c", "sleep 5 & echo done"], None, {})[:2] == (0, "done\n")
    assert time.monotonic() - start < 4


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 700_000, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_all_that_is_given_arrives_and_ends(size: int) -> None:
    assert spawn(["wc", "-c"], b"x" * size, {}) == (0, f"{size}\n", "")


def test_what_is_given_has_a_name_or_is_a_pipe() -> None:
    """systemd 254 tries to lock what a transient unit reads until it has a name."""
    _rc, kind, _err = spawn(["stat", "-L", "-c", "%F", "/proc/self/fd/0"], b"secret", {})
    assert kind == "fifo\n"


def test_no_program_makes_us_read_more_than_there_can_be() -> None:
    grow = "import os; os.ftruncate(1, 1 << 40); os.write(2, b'done')"
    rc, out, err = spawn([sys.executable, "-c", grow], None, {})
    assert (rc, err) == (0, "done")
    assert len(out) <= 64 << 20


def test_a_user_who_stops_a_program_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_WITH_USERS", 0.2)
    commands = module.Commands(spawn)
    commands.prefix = ["env"]  # as runuser(1), which stops itself with its program
    with pytest.raises(module.CommandFailed):
        commands.output(["sh", "-c", "kill -STOP $$"])
